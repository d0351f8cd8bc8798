"""What kubectl, docker and kind see in test_mission.py: a stand-in of a cluster that knows just the mission's commands. Applied
files are those of infrastructure/, read by Strimzi's classes; the Connect pod and the servers are real, the containers of the
databases and of Kafka are this machine's servers. A command that it does not know is an error."""
import argparse
import json
import os
import re
import shutil
import socket
import sys
import threading

import image
from operator_calls import Operator
from pod import ADDRESS, REST_PORT, Pod
from resources import ROOT
from services import wait_until
from world import RUN

HERE = os.path.dirname(os.path.abspath(__file__))
BROKER = 'my-cluster-my-pool-0'
KAFKA_TOOLS = {'/opt/kafka/bin/kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
               '/opt/kafka/bin/kafka-console-consumer.sh': 'org.apache.kafka.tools.consumer.ConsoleConsumer'}


class CommandError(Exception):
    """What the command says on standard error."""


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        raise CommandError('the stand-in does not know this command: ' + message)


def parser_of(*options):
    parser = Arguments(add_help=False)
    for option in options:
        parser.add_argument(*option['names'], **{k: v for k, v in option.items() if k != 'names'})
    return parser


NAMESPACE = {'names': ['-n'], 'default': 'default'}
FILE = {'names': ['-f'], 'required': True}


def document_of(text):
    """A document of the mission's JavaScript, whose keys stand bare and whose texts are in single quotes."""
    return json.loads(re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', text).replace("'", '"'))


class Cluster:
    def __init__(self, world, socket_path):
        self.world, self.resources = world, world.resources
        self.images, self.loaded, self.namespaces, self.applied = set(), set(), {'kafka'}, []
        self.pod = self.operator = None
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(socket_path)
        self.server.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile('rw') as stream:
                answer = {'out': '', 'error': ''}
                try:
                    answer.update(self.answer(json.loads(stream.read())))
                except Exception as x:     # whatever it is, the command tells it and fails
                    answer['error'] = '%s: %s\n' % (type(x).__name__, x)
                stream.write(json.dumps(answer))

    def close(self):
        self.server.close()
        if self.pod:
            self.pod.remove()

    def answer(self, request):
        name, (verb, *rest) = request['name'], request['arguments']
        found = getattr(self, '%s_%s' % (name.removesuffix('.exe'), verb.replace('-', '_')), None)
        if not found:
            raise CommandError('the stand-in does not know: %s %s' % (name, verb))
        answer = found(rest, request['folder'])
        return {'out': answer} if isinstance(answer, str) else answer

    # -- docker and kind ----------------------------------------------------------------------------------------------

    def docker_build(self, arguments, folder):
        a = parser_of(FILE, {'names': ['-t'], 'required': True}, {'names': ['context']}).parse_args(arguments)
        if os.path.realpath(os.path.join(folder, a.context, a.f)) != image.DOCKERFILE or not os.path.exists(image.CACHE + '/root.json'):
            raise CommandError('the image that was made is that of %s' % image.DOCKERFILE)
        self.images.add(a.t)
        return ''

    def kind_load(self, arguments, folder):
        a = parser_of({'names': ['what']}, {'names': ['image']}, {'names': ['--name']}).parse_args(arguments)
        if a.image not in self.images:
            raise CommandError('image: "%s" not present locally' % a.image)
        self.loaded.add(a.image)
        return ''

    # -- kubectl --------------------------------------------------------------------------------------------------------

    def kubectl_create(self, arguments, folder):
        a = parser_of({'names': ['what'], 'choices': ['namespace']}, {'names': ['name']}).parse_args(arguments)
        self.namespaces.add(a.name)
        return 'namespace/%s created\n' % a.name

    def kubectl_apply(self, arguments, folder):
        a = parser_of(FILE).parse_args(arguments)
        if not os.path.exists(os.path.join(folder, a.f)):
            raise CommandError('the path "%s" does not exist' % a.f)
        out = ''
        for resource in self.resources.all(file=os.path.basename(a.f)):
            namespace = resource['metadata']['namespace']
            if namespace not in self.namespaces:
                raise CommandError('namespaces "%s" not found' % namespace)
            self.applied.append(resource)
            out += '%s/%s created\n' % (resource['kind'].lower(), resource['metadata']['name'])
            if resource['kind'] == 'KafkaConnect':
                self.start_pod(resource)
        return out

    def has(self, kind, name, namespace):
        return any(r['kind'] == kind and r['metadata']['name'] == name and r['metadata']['namespace'] == namespace for r in self.applied)

    def start_pod(self, connect):
        if connect['spec']['image'] not in self.loaded:
            raise CommandError('ErrImagePull: %s is on no node' % connect['spec']['image'])
        for volume in connect['spec']['template']['pod']['volumes']:
            if not self.has('Secret', volume['secret']['secretName'], 'kafka'):
                raise CommandError('MountVolume.SetUp failed: secret "%s" not found' % volume['secret']['secretName'])
        home = os.path.join(RUN, 'pod-mission')
        shutil.rmtree(home, ignore_errors=True)
        self.pod = Pod(home, self.resources, connect).start()
        self.operator = Operator(ADDRESS, REST_PORT, connect)

    def pods(self, namespace):
        """{pod: (its labels, whether it is ready)}"""
        if namespace == 'kafka':
            out = {BROKER: ({}, True)}
            if self.pod:
                out[self.pod.pod_name] = ({}, (self.pod.probe() or (0,))[0] == 200)
            return out
        return {d['metadata']['name'] + '-6d5f9c7b8-x2x4z': (d['spec']['template']['metadata']['labels'], True)
                for d in self.applied if d['kind'] == 'Deployment' and d['metadata']['namespace'] == namespace}

    def kubectl_get(self, arguments, folder):
        a = parser_of({'names': ['what'], 'choices': ['pods', 'pod', 'kafkaconnector']}, NAMESPACE, {'names': ['-l']}, {'names': ['-o']},
                      {'names': ['-w'], 'action': 'store_true'}).parse_args(arguments)
        if a.what == 'kafkaconnector':
            return self.connectors()
        if a.w:     # its user ends it when the pod is ready
            wait_until(lambda: all(ready for _, ready in self.pods(a.n).values()), 'all pods in %s are ready' % a.n, 60)
        pods = self.pods(a.n)
        if a.l:
            key, value = a.l.split('=')
            pods = {name: entry for name, entry in pods.items() if entry[0].get(key) == value}
        if a.o:
            if a.o != 'jsonpath={.items[0].metadata.name}' or not pods:
                raise CommandError('error executing jsonpath "%s"' % a.o)
            return next(iter(pods))
        return 'NAME READY STATUS\n' + ''.join('%s %d/1 Running\n' % (name, ready) for name, (_, ready) in pods.items())

    def connectors(self):
        """After the operator's rounds; `kubectl get` is repeated by its user until the connectors are ready."""
        resources = [r for r in self.applied if r['kind'] == 'KafkaConnector']

        def running(statuses):
            return all(s['ready'] and s['connectorStatus']['tasks'] and all(t['state'] == 'RUNNING' for t in s['connectorStatus']['tasks']) for s in statuses.values())
        statuses = self.operator.wait(resources, running)
        return 'NAME READY\n' + ''.join('%s %s\n' % (name, status['ready']) for name, status in statuses.items())

    def kubectl_port_forward(self, arguments, folder):
        """The pod shares the network with the test: its port is on localhost already."""
        a = parser_of({'names': ['pod']}, {'names': ['ports']}, NAMESPACE).parse_args(arguments)
        if a.pod.removeprefix('pod/') not in self.pods(a.n) or a.ports != '8083:8083':
            raise CommandError('the stand-in does not forward %s of %s' % (a.ports, a.pod))
        return ''

    def kubectl_exec(self, arguments, folder):
        if '--' not in arguments:
            raise CommandError('kubectl exec without --')
        at = arguments.index('--')
        a = parser_of(NAMESPACE, {'names': ['-i'], 'action': 'store_true'}, {'names': ['pod']}).parse_args(arguments[:at])
        if a.pod not in self.pods(a.n):
            raise CommandError('pods "%s" not found' % a.pod)
        program, *rest = arguments[at + 1:]
        if a.pod.startswith('postgres-') and program == 'psql':
            command, environment = self.world.psql()
        elif a.pod.startswith('mongo-') and program == 'mongosh':
            return self.mongosh(rest, a.i)
        elif a.pod == BROKER and program in KAFKA_TOOLS:
            command, environment = self.world.tool(KAFKA_TOOLS[program]), {}
        else:
            raise CommandError('the stand-in has no %s in %s' % (program, a.pod))
        return {'run': command + rest, 'environment': environment, 'stdin': a.i}

    def mongosh(self, arguments, with_input):
        """mongosh where there is one, else the two statements of the mission by its driver, and load_seed.py for the seed."""
        if shutil.which('mongosh'):
            return {'run': ['mongosh', *arguments], 'environment': {}, 'stdin': with_input}
        if len(arguments) == 3 and arguments[1:] == ['--file', '/dev/stdin']:
            return {'run': [sys.executable, os.path.join(ROOT, 'scripts', 'load_seed.py'), arguments[0], '/dev/stdin'], 'environment': {}, 'stdin': with_input}
        if len(arguments) == 2 and arguments[0] == '--eval':
            return self.statement(arguments[1])
        raise CommandError('the stand-in of mongosh does not know: %s' % arguments)

    def statement(self, text):
        initiate = re.fullmatch(r'rs\.initiate\((\{.*\})\)', text)
        create = re.fullmatch(r"db\.getSiblingDB\('(\w+)'\)\.createUser\((\{.*\})\)", text)
        with self.world.mongo_client() as client:
            if initiate:
                # The server of this machine is a replica set from its start: what is left to see is that it is this one.
                wanted, present = document_of(initiate[1]), client.admin.command('hello').get('setName')
                if present != wanted['_id']:
                    raise CommandError('the server is of the replica set %s, not %s' % (present, wanted['_id']))
                return ''
            if create:
                user = document_of(create[2])
                client[create[1]].command('createUser', user.pop('user'), **user)
                return '{ ok: 1 }\n'
        raise CommandError('the stand-in of mongosh does not know: %s' % text)
