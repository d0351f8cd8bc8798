"""The stored position and the server: changes that have left the oplog are said to be lost, never passed over; a captured collection
that is dropped and made again is followed."""
import shutil
import signal
import unittest

import harness
from harness import wait_until
from mongo import external_uri
from mongo_harness import MongoTest

REAL = bool(external_uri() or shutil.which('mongod'))


class MongoGaps(MongoTest):
    worker_properties = {'offset.flush.interval.ms': 500}
    connector_properties = {'retriable.restart.connector.wait.ms': 500}
    oplog_entries = 50

    def insert(self, *ids):
        self.collection.insert_many([{'_id': n, 'seq': 1} for n in ids])

    def begin(self, **more):
        worker = self.worker().start()
        self.start_streaming(worker, 10, **more)
        self.insert(1001)
        wait_until(lambda: self.count() >= 11, 'a streamed change', 60, alive=worker.alive)
        return worker

    def lose_history(self, worker):
        """While the worker is away more is written than the oplog keeps."""
        worker.send(signal.SIGTERM)
        worker.wait_end(30)
        self.assertIsNotNone(self.durable())
        for n in range(4):
            self.insert(*range(2000 + 100 * n, 2100 + 100 * n))
        self.client.admin.command('secantusAdmin.pruneOplog')

    def task(self, worker):
        _, body = worker.rest('GET', '/connectors/%s/status' % self.name)
        return (body.get('tasks') or [{}])[0]

    @unittest.skipIf(REAL, "a mongod's oplog is too large to be overrun here")
    @unittest.skipUnless(harness.is_millrace(), 'Debezium tries again for ever')
    def test_mongo_history_lost(self):
        worker = self.begin()
        self.lose_history(worker)
        worker.start()
        wait_until(lambda: self.task(worker).get('state') == 'FAILED', 'the task fails', 60, alive=worker.alive)
        trace = self.task(worker)['trace']
        for words in ('no longer in the server\'s oplog', 'when_needed'):
            self.assertIn(words, trace)
        self.assertEqual(self.count(), 11)

    @unittest.skipIf(REAL, "a mongod's oplog is too large to be overrun here")
    def test_mongo_history_lost_takes_a_snapshot_when_needed(self):
        worker = self.begin(snapshot_mode='when_needed')
        self.lose_history(worker)
        worker.start()
        wait_until(lambda: self.count() >= 11 + 411, 'a new snapshot of all 411 documents', 60, alive=worker.alive)
        self.insert(3000)
        wait_until(lambda: self.count() >= 11 + 411 + 1, 'a change after it', 60, alive=worker.alive)
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))

    @unittest.skipUnless(harness.is_millrace(), 'Debezium waits silently for ever')
    def test_mongo_target_is_dropped_and_made_again(self):
        worker = self.begin(capture_scope='collection', capture_target=self.database + '.ledger')
        for n in range(2):
            before = self.count()
            self.collection.drop()
            self.client[self.database].create_collection('ledger')
            self.insert(1100 + n)
            wait_until(lambda: self.count() >= before + 1, 'a document of the new collection', 60, alive=worker.alive)
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))
