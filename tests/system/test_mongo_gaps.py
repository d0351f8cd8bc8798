"""MongoDB: positions that the server cannot go on from are said, never passed over; what a new snapshot does not know (deletes)
comes before it; a stream that was ended by its collection's end goes on."""
import base64
import json
import signal
from collections import Counter

import bson

from harness import read_topic, wait_until
from mongo_harness import MongoTest


class MongoGaps(MongoTest):
    worker_properties = {'offset.flush.interval.ms': 300}

    def events(self):
        """How often each (key, operation) came, '-' for a tombstone; the topic has several partitions."""
        return Counter((json.loads(json.loads(m.key())['id']), json.loads(m.value())['op'] if m.value() is not None else '-')
                       for m in read_topic(self.stack.kafka.bootstrap(), self.topic))

    def insert(self, key, count=None):
        self.collection.insert_one({'_id': key, 'seq': 1})
        if count:
            wait_until(lambda: self.count() >= count, 'the insert of %d' % key, 60)

    def stored(self, more_than=None):
        """The stored offset, once its token is another one than given."""
        return wait_until(lambda: (self.durable() or {}).get('resume_token') not in (None, more_than) and self.durable(), 'an offset is stored', 60)

    def end(self, worker):
        worker.send(signal.SIGTERM)
        worker.wait_end(30)

    def task(self, worker):
        return (worker.rest('GET', '/connectors/%s/status' % self.name)[1].get('tasks') or [{}])[0]

    def wait_failed(self, worker, words):
        wait_until(lambda: self.task(worker).get('state') == 'FAILED', 'the task fails', 60, alive=worker.alive)
        for word in words:
            self.assertIn(word, self.task(worker)['trace'])

    def give_lost_position(self, worker):
        """A token that this server never gave."""
        token = base64.b64encode(bson.encode({'_data': '8200000001000000012B0229296E04'})).decode()
        offset = {'offsets': [{'partition': {'server_id': self.name}, 'offset': {'sec': 1, 'ord': 1, 'resume_token': token}}]}
        worker.rest('PUT', '/connectors/%s/stop' % self.name)
        wait_until(lambda: worker.rest('GET', '/connectors/%s/status' % self.name)[1]['connector']['state'] == 'STOPPED', 'the stop', 30)
        wait_until(lambda: worker.rest('PATCH', '/connectors/%s/offsets' % self.name, offset)[0] == 200, 'the offset is taken', 30)
        worker.rest('PUT', '/connectors/%s/resume' % self.name)

    def test_mongo_always_sends_deletes_made_meanwhile(self):
        worker = self.worker().start()
        self.start_streaming(worker, 5, snapshot_mode='always')
        first = self.stored()
        self.insert(100, 6)
        self.stored(first['resume_token'])
        self.end(worker)
        self.collection.delete_one({'_id': 3})
        self.insert(101)
        worker.start()
        wait_until(lambda: self.count() >= 6 + 2 + 6, 'the delete and the new snapshot', 60, alive=worker.alive)
        expected = Counter((key, 'r') for key in (1, 2, 3, 4, 5, 1, 2, 4, 5, 100, 101)) + Counter([(100, 'c'), (3, 'd'), (3, '-')])
        self.assertEqual(self.events(), expected)

    def test_mongo_history_lost(self):
        worker = self.worker().start()
        self.start_streaming(worker, 5)
        self.give_lost_position(worker)
        self.wait_failed(worker, ['Command failed with error', 'when_needed', 'DELETE its offsets'])
        self.assertEqual(self.count(), 5)

    def test_mongo_history_lost_when_needed(self):
        worker = self.worker().start()
        self.start_streaming(worker, 5, snapshot_mode='when_needed')
        self.give_lost_position(worker)
        wait_until(lambda: self.count() >= 10, 'a new snapshot', 60, alive=worker.alive)
        self.insert(100, 11)
        self.assertEqual(self.events(), Counter({(key, 'r'): 2 for key in range(1, 6)} | {(100, 'c'): 1}))

    def test_mongo_no_data_keeps_its_beginning(self):
        worker = self.worker().start()
        self.fill(5)
        worker.create(self.name, self.config(snapshot_mode='no_data'))
        worker.wait_running(self.name, 120)
        self.stored()
        self.end(worker)
        self.insert(100)
        worker.start()
        wait_until(lambda: self.count() >= 1, 'what was inserted meanwhile', 60, alive=worker.alive)
        self.assertEqual(self.events(), Counter([(100, 'c')]))

    def test_mongo_invalidate(self):
        worker = self.worker().start()
        self.start_streaming(worker, 3, capture_scope='collection', capture_target=self.database + '.ledger')
        self.insert(100, 4)
        self.collection.drop()
        self.insert(101, 5)
        self.insert(102, 6)
        self.assertEqual(self.events(), Counter([(1, 'r'), (2, 'r'), (3, 'r'), (100, 'c'), (101, 'c'), (102, 'c')]))
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))

    def test_mongo_idle_token_moves(self):
        """Other collections change, ours do not: the stored token still moves, and its sec and ord are the last record's."""
        worker = self.worker().start()
        self.start_streaming(worker, 3)
        before = self.stored()
        self.insert(100, 4)
        last = self.stored(before['resume_token'])
        self.client[self.database].other.insert_one({})
        moved = wait_until(lambda: self.durable()['resume_token'] != last['resume_token'] and self.durable(), 'the idle stream is stored', 60, alive=worker.alive)
        self.assertEqual((moved['sec'], moved['ord']), (last['sec'], last['ord']))
