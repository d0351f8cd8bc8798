"""The Connect pod under the operator's own calls: start, no-change rounds, change, pause, restart, offsets, delete."""
import copy
import json
import os
import re
import shutil
import unittest

from operator_calls import Operator
from pod import ADDRESS, LOG4J2, METRICS_PORT, REST_PORT, Pod
from services import wait_until
from world import RUN, USERS_PASSWORD, USERS_PORT, World, say

POSTGRES, MONGO = 'postgres-connector', 'mongo-connector'


class PodTest(unittest.TestCase):
    user = '1001:0'
    environment = {}

    def setUp(self):
        self.world = World.get()
        self.name = self.id().split('.')[-1].removeprefix('test_')
        self.connect = copy.deepcopy(self.world.resources.one('KafkaConnect', 'my-connect-cluster', 'kafka'))
        for field in ('groupId', 'configStorageTopic', 'offsetStorageTopic', 'statusStorageTopic'):
            self.connect['spec'][field] += '-' + self.name      # each test begins with a new Connect cluster
        self.change_connect()
        home = os.path.join(RUN, 'pod-' + self.name)
        shutil.rmtree(home, ignore_errors=True)
        self.pod = Pod(home, self.world.resources, self.connect, self.user, self.environment)
        self.addCleanup(self.world.drop_slot)
        self.addCleanup(self.pod.remove)
        self.operator = Operator(ADDRESS, REST_PORT, self.connect)
        self.connectors = [copy.deepcopy(self.world.resources.one('KafkaConnector', name, 'kafka')) for name in (POSTGRES, MONGO)]
        self.postgres = self.connectors[0]['spec']
        self.world.sql('DROP TABLE IF EXISTS users')
        self.world.seed_postgres()
        self.world.seed_mongo()
        self.world.delete_topics('postgres.public.users|mongo.commerce.events')

    def change_connect(self):
        """For a test whose KafkaConnect is another one."""

    def start(self):
        seconds = self.pod.start().wait_ready()
        say('ready after %.2f s' % seconds)
        return seconds

    def calls(self, *methods):
        return [call for call in self.operator.calls if call[0] in methods]

    def running(self, statuses):
        return all(s['ready'] and s['connectorStatus']['connector']['state'] == 'RUNNING' and s['connectorStatus']['tasks']
                   and all(t['state'] == 'RUNNING' for t in s['connectorStatus']['tasks']) for s in statuses.values())

    def all_running(self):
        return self.operator.wait(self.connectors, self.running)


class TheContainer(PodTest):
    def test_starts_as_strimzi_starts_it(self):
        left = os.path.join(self.pod.tmp, 'left-by-an-earlier-container')
        with open(left, 'w') as f:
            f.write('x')
        os.chown(left, 1001, 0)
        self.start()
        self.assertEqual((200, '{"status":"healthy","message":"Worker has completed startup and is ready to handle requests."}'), self.pod.probe())
        with open('/proc/%d/status' % self.pod.first()) as f:
            status = dict(line.rstrip('\n').split(':\t', 1) for line in f if ':\t' in line)
        self.assertEqual(['1001'] * 4, status['Uid'].split())
        self.assertEqual(['0'] * 4, status['Gid'].split())
        self.assertEqual({'0000000000000000'}, {status[name] for name in ('CapPrm', 'CapEff', 'CapBnd', 'CapInh', 'CapAmb')})
        self.assertEqual('1', status['NSpid'].split()[-1], 'the program is not process 1 of the pod')
        self.assertEqual([], os.listdir(self.pod.tmp), '/tmp is not empty')
        with open('/proc/%d/mountinfo' % self.pod.first()) as f:
            root = [line.split() for line in f if line.split()[4] == '/'][-1]
        self.assertIn('ro', root[5].split(','))
        places = '/proc/%d/root/usr/share/zoneinfo/Europe/Berlin' % self.pod.first()
        self.assertTrue(os.path.exists(places), 'the image lacks the tz database, which TimezoneConverter reads')

    def test_a_second_container_after_sigterm(self):
        self.start()
        self.all_running()
        seconds = self.pod.stop()
        say('ended %.2f s after SIGTERM, exit status %d' % (seconds, self.pod.exit_status()))
        self.assertLess(seconds, 30)
        self.assertIn(self.pod.exit_status(), (0, 143))
        self.start()
        statuses = self.all_running()
        self.assertEqual([], self.calls('PUT', 'POST', 'DELETE'))
        self.assertEqual('my-connect-cluster-connect-0.my-connect-cluster-connect.kafka.svc:8083', statuses[POSTGRES]['connectorStatus']['connector']['worker_id'])

    def test_memory_and_tmp_under_its_limits(self):
        self.start()
        self.all_running()
        self.world.records('postgres.public.users', 3)
        with open('/proc/%d/status' % self.pod.first()) as f:
            peak = int(re.search(r'VmHWM:\s+(\d+) kB', f.read()).group(1)) * 1024
        limit = int(self.connect['spec']['resources']['limits']['memory'].removesuffix('Mi')) << 20
        say('%.1f MiB of memory at most, /tmp: %s' % (peak / 2**20, os.listdir(self.pod.tmp)))
        self.assertLess(peak, limit)
        self.assertEqual([], os.listdir(self.pod.tmp))

    def test_log_levels_are_read_again(self):
        self.pod.config.write(self.pod.config_map(LOG4J2.replace('monitorInterval=30', 'monitorInterval=1')))
        self.start()
        level = lambda logger: self.operator.call('GET', '/admin/loggers/' + logger, [200])['level']
        self.assertEqual('INFO', level('root'))
        self.pod.config.write(self.pod.config_map(LOG4J2.replace('monitorInterval=30', 'monitorInterval=1').replace('rootLogger.level = INFO', 'rootLogger.level = DEBUG')))
        wait_until(lambda: level('root') == 'DEBUG', 'the root logger has the level of the changed file', 20)


class TheMissionsIssues(PodTest):
    """What the mission's document tells of as issues, and what is said in each case here."""

    def message(self):
        status = self.operator.reconcile(self.connectors)[POSTGRES]
        self.assertFalse(status['ready'], status)
        return status['message']

    def test_4_no_bootstrap_servers(self):
        """What the operator wrote when the versions did not fit."""
        files = self.pod.config_map()
        files['kafka-connect.properties'] = files['kafka-connect.properties'].replace('=my-cluster-kafka-bootstrap:9092', '=')
        self.pod.config.write(files)
        self.pod.start().wait_end(30)
        self.assertEqual(1, self.pod.exit_status())
        self.assertRegex(self.pod.tail(), r'(?m)^millrace: bootstrap\.servers is empty: .*spec\.version')

    def test_5_a_password_file_read_as_properties(self):
        self.start()
        self.postgres['config']['database.password'] = '${strimzifile:/mnt/postgres-auth/password:password}'
        message = self.message()
        self.assertIn('password authentication failed for user "postgres"', message)
        self.assertIn("'database.password' still holds a reference", message)

    def test_5_a_folder_that_is_not_allowed(self):
        files = self.pod.config_map()
        files['kafka-connect.properties'] = files['kafka-connect.properties'].replace('=/opt/kafka,/mnt', '=/opt/kafka')
        self.pod.config.write(files)
        self.start()
        self.assertIn('password authentication failed for user "postgres"', self.message())
        self.assertIn('The path /mnt/postgres-auth is not allowed to be accessed', self.pod.tail())

    def test_6_no_plugin_name(self):
        """Debezium's default, decoderbufs, is what PostgreSQL's image has not."""
        self.start()
        del self.postgres['config']['plugin.name']
        statuses = self.operator.wait(self.connectors, lambda s: not s[POSTGRES]['ready'])
        self.assertTrue(statuses[POSTGRES]['message'].startswith('The following tasks have failed: 0'))
        self.assertIn('plugin.name=pgoutput', statuses[POSTGRES]['connectorStatus']['tasks'][0]['trace'])
        self.postgres['config']['plugin.name'] = 'pgoutput'
        self.all_running()


class Login(PodTest):
    kind = 'plain'

    def change_connect(self):
        self.connect['spec']['bootstrapServers'] = 'my-cluster-kafka-bootstrap:%d' % USERS_PORT
        self.connect['spec']['authentication'] = {'type': self.kind, 'username': 'connect', 'passwordSecret': {'secretName': 'connect-user', 'password': 'password'}}

    def test_kafka_asks_for_a_password(self):
        """The operator's lines, the password from the file that it mounts."""
        self.pod.mount_password('connect-user', {'password': USERS_PASSWORD})
        self.start()
        self.all_running()
        self.assertEqual(3, len(self.world.records('mongo.commerce.events', 3)))
        self.assertNotIn(USERS_PASSWORD, self.pod.tail(1000))


class LoginByScram(Login):
    kind = 'scram-sha-512'


class RandomUser(PodTest):
    """OpenShift gives each namespace users of its own; their group is 0."""
    user = '1000650000:0'

    def test_any_user_of_group_0(self):
        self.start()
        self.all_running()


class Metrics(PodTest):
    environment = {'KAFKA_CONNECT_JMX_EXPORTER_ENABLED': 'true'}

    def test_metrics_on_9404(self):
        self.start()
        status, text = self.pod.probe(METRICS_PORT, '/metrics')
        self.assertEqual(200, status)
        self.assertRegex(text, r'(?m)^kafka_connect_worker_connector_count(\{.*\})? 0(\.0)?$')


class TheOperator(PodTest):
    def test_create_then_rounds_without_a_change(self):
        self.start()
        self.operator.reconcile(self.connectors)
        self.assertEqual([('PUT', '/connectors/%s/config' % c['metadata']['name'], 201) for c in self.connectors], self.calls('PUT', 'POST', 'DELETE'))
        self.all_running()
        for _ in range(3):
            statuses = self.operator.reconcile(self.connectors)
            self.assertEqual([], self.calls('PUT', 'POST', 'DELETE', 'PATCH'), 'a round without a change changes something')
            self.assertTrue(self.running(statuses), statuses)

    def test_records_and_topics(self):
        self.start()
        self.all_running()
        self.world.sql("UPDATE users SET full_name = 'Alice Jones' WHERE user_id = 1; DELETE FROM users WHERE user_id = 2")
        records = self.world.records('postgres.public.users', 6)
        self.assertEqual(['r', 'r', 'r', 'u', 'd', None], [value and value['op'] for _, value in records])
        self.assertEqual([{'user_id': n} for n in (1, 2, 3, 1, 2, 2)], [key for key, _ in records])
        self.assertEqual(['before', 'after', 'source', 'transaction', 'op', 'ts_ms', 'ts_us', 'ts_ns'], list(records[0][1]))
        self.assertEqual(('2.7.0.Final', 'postgresql', 'postgres', 'first', 'users'),
                         tuple(records[0][1]['source'][field] for field in ('version', 'connector', 'name', 'snapshot', 'table')))
        self.assertEqual('Alice Smith', records[3][1]['before']['full_name'])
        documents = self.world.records('mongo.commerce.events', 3)
        self.assertEqual([('r', 'mongodb', 'mongo', 'events')] * 3,
                         [(value['op'], *(value['source'][field] for field in ('connector', 'name', 'collection'))) for _, value in documents])
        self.assertEqual(['page_view', 'add_to_cart', 'purchase'], [json.loads(value['after'])['event_type'] for _, value in documents])
        statuses = self.operator.reconcile(self.connectors)
        self.assertEqual([['postgres.public.users'], ['mongo.commerce.events']], [statuses[name]['topics'] for name in (POSTGRES, MONGO)])

    def test_change(self):
        self.start()
        self.all_running()
        self.postgres['config']['poll.interval.ms'] = 200
        self.operator.reconcile(self.connectors)
        self.assertEqual([('PUT', '/connectors/%s/config' % POSTGRES, 200)], self.calls('PUT'))
        self.all_running()
        self.assertEqual([], self.calls('PUT'))

    def test_a_refused_change_is_told_and_mended(self):
        self.start()
        self.all_running()
        self.postgres['config']['plugin.name'] = 'nosuch'
        status = self.operator.reconcile(self.connectors)[POSTGRES]
        self.assertFalse(status['ready'])
        self.assertEqual('ConnectRestException', status['reason'])
        self.assertRegex(status['message'], r'(?s)^PUT /connectors/postgres-connector/config returned 400 \(Bad Request\): .*plugin\.name')
        self.postgres['config']['plugin.name'] = 'pgoutput'
        self.all_running()

    def test_pause_stop_resume(self):
        self.start()
        self.all_running()
        # A connector that was stopped has no tasks until it runs again.
        for state, expected in (('paused', ['PAUSED']), ('stopped', []), ('paused', []), ('running', ['RUNNING']), ('stopped', []), ('running', ['RUNNING'])):
            self.postgres['state'] = state

            def reached(statuses):
                status = statuses[POSTGRES]['connectorStatus']
                return status['connector']['state'] == state.upper() and [t['state'] for t in status['tasks']] == expected
            self.operator.wait(self.connectors, reached)
        self.all_running()

    def test_restart_annotations(self):
        self.start()
        self.all_running()
        for value in ('true', 'includeTasks', 'onlyFailed', 'includeTasks,onlyFailed'):
            annotations = {POSTGRES: {'strimzi.io/restart': value}}
            status = self.operator.reconcile(self.connectors, annotations)[POSTGRES]
            self.assertTrue(status['ready'], status)
            self.assertEqual({POSTGRES: {}}, annotations, 'the annotation stays on')
            self.assertEqual(1, len(self.calls('POST')))
            self.all_running()
        annotations = {POSTGRES: {'strimzi.io/restart-task': '0'}}
        self.operator.reconcile(self.connectors, annotations)
        self.assertEqual({POSTGRES: {}}, annotations, 'the annotation stays on')
        self.assertEqual([('POST', '/connectors/%s/tasks/0/restart' % POSTGRES, 204)], self.calls('POST'))
        self.all_running()

    def test_offsets_annotations(self):
        self.start()
        self.all_running()
        wait_until(lambda: self.operator.call('GET', '/connectors/%s/offsets' % POSTGRES, [200])['offsets'], 'an offset is stored', 90)
        self.postgres['state'] = 'stopped'
        self.operator.wait(self.connectors, lambda s: s[POSTGRES]['connectorStatus']['connector']['state'] == 'STOPPED')
        listed = {}
        for verb, value in (('list', listed), ('alter', listed), ('reset', None)):
            annotations = {POSTGRES: {'strimzi.io/connector-offsets': (verb, value)}}
            self.operator.reconcile(self.connectors, annotations)
            self.assertEqual({POSTGRES: {}}, annotations, 'the annotation stays on')
        self.assertEqual([{'server': 'postgres'}], [entry['partition'] for entry in listed['offsets']])
        self.assertEqual({'offsets': []}, self.operator.call('GET', '/connectors/%s/offsets' % POSTGRES, [200]))

    def test_a_connector_without_its_resource_is_deleted(self):
        self.start()
        self.all_running()
        self.operator.reconcile([])
        self.assertEqual([('DELETE', '/connectors/' + c['metadata']['name'], 204) for c in sorted(self.connectors, key=lambda c: c['metadata']['name'])],
                         sorted(self.calls('DELETE'), key=lambda c: c[1]))
        self.assertEqual([], self.operator.call('GET', '/connectors', [200]))


if __name__ == '__main__':
    unittest.main()
