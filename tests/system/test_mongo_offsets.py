"""What MongoDB's stored position does beyond Debezium's: it moves on while nothing comes, exists before the first event, and gives the
deletes that a new snapshot does not know."""
import json
import signal
from collections import Counter

from harness import read_topic, wait_until
from mongo_harness import MongoTest


class MongoOffsets(MongoTest):
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
