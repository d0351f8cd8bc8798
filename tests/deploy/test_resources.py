"""The files of infrastructure/ fit each other and what reads them."""
import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
import urllib.parse

import image
from resources import INFRASTRUCTURE, ROOT, Resources, parse

GOOD = '''apiVersion: kafka.strimzi.io/v1
kind: KafkaConnect
metadata: {name: a, namespace: b}
spec:
  replicas: 1
  bootstrapServers: k:9092
  groupId: a
  configStorageTopic: c
  statusStorageTopic: s
  offsetStorageTopic: o
  template: {pod: {volumes: [{name: v, secret: {secretName: q}}]}}
'''


class Strictness(unittest.TestCase):
    """The reader of the resources finds what an API server would refuse."""

    def problems(self, *changes):
        """The problems of each of several changed texts, by one start of the reader."""
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for n, (old, new) in enumerate(changes):
                self.assertIn(old, GOOD)
                files.append(os.path.join(folder, '%d.yaml' % n))
                with open(files[-1], 'w') as f:
                    f.write(GOOD.replace(old, new))
            _, lines = parse(files)
            return [[line.split(': ', 1)[1] for line in lines if line.startswith(file)] for file in files]

    def test_each_fault_is_found(self):
        cases = [
            (('', ''), None),
            (('secretName: q', 'secretNam: q'), 'KafkaConnect a: unknown field /spec/template/pod/volumes/0/secret/secretNam'),
            (('replicas: 1', 'replica: 1'), 'KafkaConnect a: /spec/replicas is missing'),
            (('replicas: 1', 'replicas: one'), 'KafkaConnect a: Cannot deserialize value of type `int` from String "one"'),
            (('replicas: 1', 'replicas: 1\n  replicas: 1'), "not YAML that can be read: Duplicate field 'replicas'"),
            (('/v1', '/v1beta2'), 'KafkaConnect a: apiVersion kafka.strimzi.io/v1beta2 instead of kafka.strimzi.io/v1'),
            (('groupId: a', 'groupId: a\n  config: {group.id: a}'), 'KafkaConnect a: /spec/config/group.id is not allowed'),
            (('KafkaConnect', 'KafkaConect'), 'KafkaConect a: a kind that this test does not know'),
            (('{name: a, ', '{'), 'KafkaConnect : /metadata/name is missing'),
        ]
        for (change, expected), found in zip(cases, self.problems(*(change for change, _ in cases))):
            with self.subTest(change=change):
                if expected is None:
                    self.assertEqual([], found)
                else:
                    self.assertTrue(any(line.startswith(expected) for line in found), found)


class Fit(unittest.TestCase):
    """What one file names, another one has."""

    @classmethod
    def setUpClass(cls):
        cls.resources = Resources()
        cls.connect = cls.resources.one('KafkaConnect', 'my-connect-cluster', 'kafka')
        cls.connectors = {c['metadata']['name']: c for c in cls.resources.all('KafkaConnector')}

    def test_the_mission_s_files_are_there(self):
        with open(os.path.join(ROOT, 'tests', 'deploy', 'mission.md')) as f:
            named = set(re.findall(r'\]\(\.\./([\w./-]+)\)', f.read()))
        self.assertGreater(len(named), 9)
        self.assertEqual([], sorted(path for path in named if not os.path.isfile(os.path.join(ROOT, path))))

    def service(self, host):
        """The Service that a cluster's name server knows by this name, and its Deployment."""
        name, namespace, *rest = host.split('.')
        self.assertEqual(['svc', 'cluster', 'local'], rest, host)
        service = self.resources.one('Service', name, namespace)
        deployments = [d for d in self.resources.all('Deployment') if d['metadata']['namespace'] == namespace
                       and service['spec']['selector'].items() <= d['spec']['template']['metadata']['labels'].items()]
        self.assertEqual(1, len(deployments), 'the Service %s selects' % name)
        return service, deployments[0]

    def assert_reachable(self, host, port):
        service, deployment = self.service(host)
        entry = [p for p in service['spec']['ports'] if p['port'] == port]
        self.assertEqual(1, len(entry), '%s:%d' % (host, port))
        ports = [p for c in deployment['spec']['template']['spec']['containers'] for p in c['ports'] if p['name'] == entry[0]['targetPort']]
        self.assertEqual([port], [p['containerPort'] for p in ports])

    def test_databases_are_where_the_connectors_look(self):
        postgres = self.connectors['postgres-connector']['spec']['config']
        self.assert_reachable(postgres['database.hostname'], postgres['database.port'])
        uri = urllib.parse.urlsplit(self.connectors['mongo-connector']['spec']['config']['mongodb.connection.string'].replace('${strimzidir:/mnt/mongo-auth:password}', 'x'))
        self.assert_reachable(uri.hostname, uri.port)
        _, mongo = self.service(uri.hostname)
        arguments = mongo['spec']['template']['spec']['containers'][0]['args']
        self.assertEqual(urllib.parse.parse_qs(uri.query)['replicaSet'], [arguments[arguments.index('--replSet') + 1]])
        with open(os.path.join(ROOT, 'tests', 'deploy', 'mission.md')) as f:
            self.assertIn("host: '%s:%d'" % (uri.hostname, uri.port), f.read())

    def test_labels_that_the_commands_select(self):
        for app in ('postgres', 'mongo'):
            found = [d for d in self.resources.all('Deployment') if d['spec']['template']['metadata']['labels'].get('app') == app]
            self.assertEqual(['database'], [d['metadata']['namespace'] for d in found])
            self.assertEqual(found[0]['spec']['selector']['matchLabels'], found[0]['spec']['template']['metadata']['labels'])

    def test_postgres_decodes_logically(self):
        container = self.resources.one('Deployment', 'postgres', 'database')['spec']['template']['spec']['containers'][0]
        self.assertEqual('postgres:13', container['image'])
        self.assertIn('wal_level=logical', container['args'])

    def test_passwords_are_read_from_mounted_secrets(self):
        template = self.connect['spec']['template']
        mounts = {m['mountPath']: m['name'] for m in template['connectContainer']['volumeMounts']}
        volumes = {v['name']: v['secret']['secretName'] for v in template['pod']['volumes']}
        allowed = self.connect['spec']['config']['config.providers.strimzidir.param.allowed.paths'].split(',')
        self.assertIn('/opt/kafka', allowed, "the operator's own files")
        references = [found for c in self.connectors.values() for value in c['spec']['config'].values()
                      for found in re.findall(r'\$\{(\w+):([^:}]*):([^}]*)\}', str(value))]
        self.assertEqual(2, len(references))
        for provider, folder, key in references:
            self.assertEqual('strimzidir', provider)
            self.assertTrue(any(folder.startswith(path + '/') for path in allowed), folder)
            self.assertIn(key, self.resources.secret(volumes[mounts[folder]], 'kafka'))

    def test_passwords_have_no_line_end_and_are_the_databases_own(self):
        for secret in self.resources.all('Secret'):
            for key, value in self.resources.secret(secret['metadata']['name'], secret['metadata']['namespace']).items():
                self.assertEqual(value.strip(), value, key)
        self.assertEqual(self.resources.secret('postgres-auth', 'database'), self.resources.secret('postgres-auth', 'kafka'))
        with open(os.path.join(ROOT, 'tests', 'deploy', 'mission.md')) as f:
            self.assertIn("pwd: '%s'" % self.resources.secret('mongo-auth', 'kafka')['password'], f.read())

    def test_secrets_and_claims_that_pods_name_are_in_the_same_file_or_namespace(self):
        for deployment in self.resources.all('Deployment'):
            namespace, spec = deployment['metadata']['namespace'], deployment['spec']['template']['spec']
            for container in spec['containers'] + spec.get('initContainers', []):
                for variable in container.get('env', []):
                    if 'valueFrom' in variable:
                        reference = variable['valueFrom']['secretKeyRef']
                        self.assertIn(reference['key'], self.resources.secret(reference['name'], namespace))
                self.assertLessEqual({m['name'] for m in container.get('volumeMounts', [])}, {v['name'] for v in spec.get('volumes', [])})
            for volume in spec.get('volumes', []):
                if 'persistentVolumeClaim' in volume:
                    self.resources.one('PersistentVolumeClaim', volume['persistentVolumeClaim']['claimName'], namespace)

    def test_kafka_is_where_connect_looks(self):
        cluster = self.resources.one('Kafka', 'my-cluster', 'kafka')
        [pool] = self.resources.all('KafkaNodePool')
        self.assertEqual(cluster['metadata']['name'], pool['metadata']['labels']['strimzi.io/cluster'])
        self.assertEqual(('my-pool', 1, {'controller', 'broker'}), (pool['metadata']['name'], pool['spec']['replicas'], set(pool['spec']['roles'])))
        plain = [l['port'] for l in cluster['spec']['kafka']['listeners'] if l['type'] == 'internal' and not l['tls']]
        self.assertIn(self.connect['spec']['bootstrapServers'], ['%s-kafka-bootstrap:%d' % (cluster['metadata']['name'], port) for port in plain])
        self.assertEqual(cluster['spec']['kafka']['version'], self.connect['spec']['version'])
        factors = [v for k, v in {**cluster['spec']['kafka']['config'], **self.connect['spec']['config']}.items() if k.endswith(('replication.factor', 'min.isr'))]
        self.assertEqual({pool['spec']['replicas']}, set(factors))

    def test_connectors_belong_to_the_connect_cluster(self):
        self.assertEqual({'postgres-connector', 'mongo-connector'}, set(self.connectors))
        for connector in self.connectors.values():
            self.assertEqual(self.connect['metadata']['name'], connector['metadata']['labels']['strimzi.io/cluster'])
            self.assertEqual(self.connect['metadata']['namespace'], connector['metadata']['namespace'])
        self.assertEqual('true', self.connect['metadata']['annotations']['strimzi.io/use-connector-resources'])

    def test_messages_are_without_schemas(self):
        for side in ('key', 'value'):
            self.assertEqual('org.apache.kafka.connect.json.JsonConverter', self.connect['spec']['config'][side + '.converter'])
            self.assertIs(False, self.connect['spec']['config'][side + '.converter.schemas.enable'])


class TheImage(unittest.TestCase):
    def test_the_tag_is_made_from_the_content(self):
        """build-image with a docker and a kind that only note what they are told."""
        with tempfile.TemporaryDirectory() as folder:
            for path in ('setup', 'CMakeLists.txt', 'CMakePresets.json', 'scripts/steps.sh', 'src/main.cc', 'third_party/librdkafka/Cargo.lock', *('infrastructure/' + n for n in os.listdir(INFRASTRUCTURE))):
                os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
                shutil.copy(os.path.join(ROOT, path), os.path.join(folder, path))
            notes = os.path.join(folder, 'notes')
            for name in ('docker', 'kind'):
                with open(os.path.join(folder, name), 'w') as f:
                    f.write('#!/bin/sh\necho %s "$@" >> %s\n' % (name, notes))
                os.chmod(os.path.join(folder, name), 0o755)

            def build(*arguments):
                if os.path.exists(notes):
                    os.remove(notes)
                subprocess.run([os.path.join(folder, 'infrastructure', 'build-image'), *arguments], check=True, capture_output=True,
                               env={**os.environ, 'DOCKER': folder + '/docker', 'KIND': folder + '/kind'})
                with open(os.path.join(folder, 'infrastructure', 'kafka-connect.yaml')) as f:
                    [tag] = re.findall(r'^  image: (\S+)$', f.read(), re.M)
                with open(notes) as f:
                    return tag, f.read().splitlines()
            tag, calls = build('--kind', 'data-engineering-challenge')
            self.assertRegex(tag, r'^my-final-connect:1\.1-[0-9a-f]{12}$')
            self.assertEqual(['docker build -f infrastructure/Dockerfile.final -t %s .' % tag,
                              'kind load docker-image %s --name data-engineering-challenge' % tag], calls)
            self.assertEqual(tag, build()[0], 'the same content')
            with open(os.path.join(folder, 'src', 'main.cc'), 'a') as f:
                f.write('\n')
            self.assertNotEqual(tag, build()[0], 'another content')
            Resources([os.path.join(folder, 'infrastructure', 'kafka-connect.yaml')])

    def test_the_dockerfile_and_what_is_sent_to_the_builder(self):
        with open(image.DOCKERFILE) as f:
            stages = image.stages(f.read())
        self.assertEqual(['debian:12-slim', 'debian:12-slim'], [base for _, base, _ in stages])
        self.assertNotIn('ENTRYPOINT', [name for _, _, steps in stages for name, _ in steps], 'the operator gives an argument, not a command')
        last = dict(stages[-1][2])
        self.assertEqual(('/opt/kafka', '1001:0', '["/opt/kafka/kafka_connect_run.sh"]'), (last['WORKDIR'], last['USER'], last['CMD']))
        context = image.Context()
        for path in ('.git/config', '.run/cache/libs.done', 'build/release/millrace', 'tests/deploy/image.py', 'infrastructure/secrets.yaml'):
            self.assertFalse(context.has(path), path)
        for _, _, steps in stages:
            for name, argument in steps:
                if name == 'COPY' and not argument.startswith('--from='):
                    for source in argument.split()[:-1]:
                        self.assertTrue(context.files(source))

    def test_scripts_can_be_executed_everywhere(self):
        """Also from a checkout on a system that has other line ends."""
        for name in ('kafka_connect_run.sh', 'build-image'):
            path = os.path.join(INFRASTRUCTURE, name)
            self.assertTrue(os.stat(path).st_mode & stat.S_IXOTH, name)
            attributes = subprocess.run(['git', 'check-attr', 'eol', path], cwd=ROOT, check=True, capture_output=True, text=True).stdout
            self.assertTrue(attributes.rstrip().endswith(': lf'), attributes)

    def test_the_root_file_system(self):
        """What image.py made of the Dockerfile: the program finds its libraries, and group 0 reads and executes it all."""
        root = os.path.join(image.CACHE, 'root')
        done = subprocess.run(['chroot', '--userspec=1000650000:0', root, '/opt/kafka/bin/millrace', '--version'], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r'^millrace \d+\.\d+\.\d+$')
        for path in ('opt/kafka/bin/millrace', 'opt/kafka/kafka_connect_run.sh'):
            mode = os.stat(os.path.join(root, path)).st_mode
            self.assertEqual(stat.S_IRGRP | stat.S_IXGRP, mode & (stat.S_IRGRP | stat.S_IXGRP), path)


if __name__ == '__main__':
    unittest.main()
