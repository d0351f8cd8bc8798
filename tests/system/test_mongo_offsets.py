"""What MongoDB's stored position does beyond Debezium's: it moves on while nothing comes, exists before the first event, and gives the
deletes that a new snapshot does not know."""
import json
import signal
import unittest
from collections import Counter

import harness
from harness import read_topic, say, wait_until
from mongo_harness import MongoTest
from proxy import Proxy


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

    def transaction(self, documents):
        with self.client.start_session() as session, session.start_transaction():
            self.collection.insert_many(documents, session=session)

    def boundaries(self):
        """(status, number of events) of the transaction topic."""
        return [(value['status'], value['event_count']) for value in (json.loads(m.value()) for m in read_topic(self.stack.kafka.bootstrap(), self.name + '.transaction'))]

    @unittest.skipUnless(harness.is_millrace(), 'Debezium begins the transaction anew')
    def test_mongo_ends_inside_a_transaction(self):
        """SIGTERM while a transaction is on its way to a slow Kafka: the counters go on, and what comes again has its numbers."""
        own, advertised = self.stack.kafka.proxied
        slow = Proxy(advertised, own)
        self.proxies.append(slow)
        worker = self.worker(bootstrap=self.stack.kafka.bootstrap(proxied=True)).start()
        self.start_streaming(worker, 5, provide_transaction_metadata='true')
        slow.limit(1_000_000)
        try:
            self.transaction([{'_id': n, 'seq': 1, 'pad': chr(97 + n % 26) * 100_000} for n in range(1000, 1200)])
            # Every 64 events there is a place that may be stored; one is behind these, whatever order the partitions come in.
            wait_until(lambda: self.count() >= 5 + 90, 'a good part of the transaction', 60, alive=worker.alive)
            self.end(worker)
        finally:
            slow.limit(None)
        before = self.count() - 5
        say('%d of 200 events before the end' % before)
        self.assertLess(before, 200)
        self.assertTrue(self.durable()['transaction_id'])
        worker.start()
        self.insert(2000, 206)
        wait_until(lambda: len(self.boundaries()) >= 2, 'END', 60, alive=worker.alive)
        self.assertEqual(self.boundaries(), [('BEGIN', None), ('END', 200)])
        blocks = [(key, event['transaction']['total_order'], event['transaction']['data_collection_order']) for key, event in self.inserted() if event['transaction']]
        self.assertEqual(sorted(set(blocks)), [(n, n - 999, n - 999) for n in range(1000, 1200)])

    def inserted(self):
        for m in read_topic(self.stack.kafka.bootstrap(), self.topic):
            event = json.loads(m.value())
            if event['op'] == 'c':
                yield json.loads(json.loads(m.key())['id']), event

    @unittest.skipUnless(harness.is_millrace(), 'Debezium repeats END before every later event')
    def test_mongo_end_comes_once_over_restarts_from_heartbeats(self):
        worker = self.worker().start()
        self.start_streaming(worker, 5, provide_transaction_metadata='true', heartbeat_interval_ms='200')

        def restart():
            wait_until(lambda: self.durable()['sec'] == 0 and self.durable(), "a heartbeat's offset", 60, alive=worker.alive)
            self.end(worker)
            worker.start()
        self.transaction([{'_id': 1000, 'seq': 1}])
        wait_until(lambda: self.count() >= 6, 'the transaction', 60, alive=worker.alive)
        restart()
        self.assertEqual(self.boundaries(), [('BEGIN', None)])      # END comes with the next event
        self.insert(2000, 7)
        restart()
        self.insert(2001, 8)
        self.assertEqual(self.boundaries(), [('BEGIN', None), ('END', 1)])
