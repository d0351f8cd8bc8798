"""The commands of the mission's document (mission.md, a copy), as they stand there and in their order. kubectl, docker and
kind are stand-ins (cluster.py); psql, curl and Kafka's tools, the servers and the Connect pod are real."""
import json
import os
import re
import shutil
import subprocess
import unittest

from cluster import Cluster
from resources import ROOT
from world import RUN, World, say

HERE = os.path.dirname(os.path.abspath(__file__))


def document():
    with open(os.path.join(HERE, 'mission.md')) as f:
        return f.read()


def commands(chapter):
    """[(heading, text of a block of commands)] of a chapter."""
    text = re.search(r'(?ms)^## %s\n(.*?)(?=^## |\Z)' % chapter, document()).group(1)
    out = []
    for part in re.split(r'(?m)^### ', text)[1:]:
        out += [(part.split('\n')[0], block) for block in re.findall(r'(?ms)^```bash\n(.*?)^```', part)]
    return out


class Mission(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.world = World.get()
        cls.world.sql('DROP TABLE IF EXISTS users')
        cls.world.drop_slot()
        cls.world.clear_mongo()
        cls.world.delete_topics('postgres.*|mongo.*|connect-cluster-(configs|offsets|status)')
        cls.folder = os.path.join(RUN, 'mission')
        shutil.rmtree(cls.folder, ignore_errors=True)
        os.makedirs(cls.folder + '/bin')
        for name in ('infrastructure', 'scripts'):
            os.symlink(os.path.join(ROOT, name), os.path.join(cls.folder, name))
        for name in ('kubectl', 'docker', 'kind.exe'):
            os.symlink(os.path.join(HERE, 'commands', 'stand_in.py'), os.path.join(cls.folder, 'bin', name))
        cls.cluster = Cluster(cls.world, cls.folder + '/socket')
        cls.addClassCleanup(cls.world.drop_slot)
        cls.addClassCleanup(cls.cluster.close)

    def run_block(self, text):
        environment = {**os.environ, 'PATH': self.folder + '/bin:' + os.environ['PATH'], 'MILLRACE_CLUSTER': self.folder + '/socket'}
        done = subprocess.run(['bash', '-eu', '-o', 'pipefail', '-c', text], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=150)
        self.assertEqual(0, done.returncode, '%s\n%s%s' % (text, done.stdout, done.stderr[-3000:]))
        return done.stdout

    def step(self, chapter, number):
        """Outputs of the blocks of a chapter's section."""
        outputs = []
        for heading, block in commands(chapter):
            if heading.startswith(number):
                say(heading)
                outputs.append(self.run_block(block))
        self.assertTrue(outputs, number)
        return outputs

    def test_deployment_and_verification(self):
        for number in '1234':
            self.step('Deployment Steps', number)
        self.seed()
        self.step('Deployment Steps', '6')
        *_, connectors = self.step('Deployment Steps', '7')
        names = ['postgres-connector', 'mongo-connector']
        self.assertEqual(['NAME READY'] + [name + ' True' for name in names], connectors.splitlines())
        self.status(names)
        self.topics_and_messages()

    def seed(self):
        """As they stand the commands give the programs in the pods nothing to read: kubectl exec passes standard input with -i."""
        [(_, block)] = [entry for entry in commands('Deployment Steps') if entry[0].startswith('5')]
        self.run_block(block)
        self.assertEqual('f', self.world.sql("SELECT to_regclass('public.users') IS NOT NULL"))
        self.run_block(block.replace('kubectl exec ', 'kubectl exec -i '))
        self.assertEqual('1|Alice Smith\n2|Bob Johnson\n3|Carol Williams', self.world.sql('SELECT user_id, full_name FROM users ORDER BY 1'))
        with self.world.mongo_client() as client:
            self.assertEqual(3, client.commerce.events.count_documents({}))

    def status(self, names):
        *_, output = self.step('Verification', 'Check Connector Status')
        answer = json.loads(output[output.index('{'):])
        self.assertEqual(sorted(names), sorted(answer))
        for entry in answer.values():
            self.assertEqual(['RUNNING', 'RUNNING'], [part['state'] for part in [entry['status']['connector'], *entry['status']['tasks']]])

    def topics_and_messages(self):
        # The messages first: reading them waits until they are there, listing topics does not.
        messages = '\n'.join(self.step('Verification', 'Sample CDC Messages'))
        [listed] = self.step('Verification', 'Check Kafka Topics')
        expected = re.search(r'(?s)Expected topics:\n(.*?)\n\n', document()).group(1)
        for topic in re.findall(r'`(.*?)`', expected):
            self.assertIn(topic, listed.split())
        values = [json.loads(line) for line in messages.splitlines() if line.startswith('{')]
        self.assertEqual(6, len(values))
        self.assert_like_the_sample(values[0])
        for value in values[3:]:
            self.assertEqual(('r', 'mongodb', 'events'), (value['op'], value['source']['connector'], value['source']['collection']))
            self.assertIn('event_type', json.loads(value['after']))

    def assert_like_the_sample(self, value):
        """The document's sample names some of the fields; times are its own."""
        sample = json.loads(re.search(r'(?s)^## CDC Message Format\n.*?```json\n(.*?)```', document(), re.M).group(1))
        self.assertLessEqual(set(sample), set(value))
        self.assertEqual(list(sample['after']), list(value['after']))
        for field, wanted in sample['after'].items():
            if field.endswith('_at'):
                self.assertIsInstance(value['after'][field], int)
            else:
                self.assertEqual(wanted, value['after'][field])
        self.assertEqual((sample['before'], sample['op']), (value['before'], value['op']))
        self.assertEqual(sample['source'], {field: value['source'][field] for field in sample['source']})


class Reference(unittest.TestCase):
    def test_connectors_have_the_document_s_configuration(self):
        """The two listings of the chapter Connector Configuration Reference, setting by setting."""
        resources = World.get().resources
        text = re.search(r'(?s)## Connector Configuration Reference\n(.*?)\n## ', document()).group(1)
        listings = re.findall(r'(?s)```yaml\n(.*?)```', text)
        self.assertEqual(2, len(listings))
        for listing, name in zip(listings, ('postgres-connector', 'mongo-connector')):
            wanted = {key: re.sub(r'\s+#.*', '', value).strip('"') for key, value in (line.split(': ', 1) for line in listing.splitlines())}
            spec = resources.one('KafkaConnector', name, 'kafka')['spec']
            self.assertEqual(wanted, {'connector.class': spec['class'], **{key: str(value) for key, value in spec['config'].items()}})


if __name__ == '__main__':
    unittest.main()
