"""Edges of the MongoDB source's life: what is stored when the watched collection ends, which server is asked, and how long an end
takes when the server has been silent for a while."""
import signal
import time
import unittest

import harness
from harness import say, wait_until
from mongo_harness import MongoTest


class MongoEdges(MongoTest):
    worker_properties = {'offset.flush.interval.ms': 500}
    connector_properties = {'retriable.restart.connector.wait.ms': 500}

    def begin(self, **more):
        worker = self.worker().start()
        self.start_streaming(worker, 10, **more)
        self.collection.insert_one({'_id': 1001, 'seq': 1})
        wait_until(lambda: self.count() >= 11, 'a streamed change', 60, alive=worker.alive)
        return worker

    @unittest.skipUnless(harness.is_millrace(), 'Debezium waits silently for ever')
    def test_mongo_restart_after_the_target_was_dropped(self):
        """The stored position is that of the invalidate event, which resumeAfter refuses."""
        worker = self.begin(capture_scope='collection', capture_target=self.database + '.ledger')
        before = self.durable()
        self.collection.drop()
        wait_until(lambda: self.durable() != before, 'a position behind the drop is stored', 60, alive=worker.alive)
        worker.send(signal.SIGTERM)
        worker.wait_end(30)
        self.client[self.database].create_collection('ledger')
        self.collection.insert_one({'_id': 1100, 'seq': 1})
        worker.start()
        wait_until(lambda: self.count() >= 12, 'a document of the new collection', 60, alive=worker.alive)
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))

    @unittest.skipUnless(harness.is_millrace(), 'Debezium waits silently for ever')
    def test_mongo_target_dropped_and_the_pipeline_hides_it(self):
        """The server ends the stream, but no event says so."""
        worker = self.begin(capture_scope='collection', capture_target=self.database + '.ledger', cursor_pipeline='[{"$match": {"operationType": "insert"}}]')
        self.collection.drop()
        wait_until(lambda: "let operationType 'invalidate' pass" in open(worker.log).read(), 'the warning', 60, alive=worker.alive)
        self.client[self.database].create_collection('ledger')
        self.collection.insert_one({'_id': 1100, 'seq': 1})
        wait_until(lambda: self.count() >= 12, 'a document of the new collection', 60, alive=worker.alive)
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))

    @unittest.skipUnless(harness.is_millrace(), 'Debezium streams from now, with a warning')
    def test_mongo_offset_without_a_place_fails(self):
        """Streaming from now would pass over what has happened since the real offset."""
        worker = self.begin()
        worker.rest('PUT', '/connectors/%s/stop' % self.name)
        wait_until(lambda: worker.states(self.name)[0] == 'STOPPED', 'the connector is stopped', 60, alive=worker.alive)
        place = {'partition': {'server_id': self.name}, 'offset': {'sec': 0, 'ord': -1}}
        status, body = worker.rest('PATCH', '/connectors/%s/offsets' % self.name, {'offsets': [place]})
        self.assertEqual(status, 200, body)
        worker.rest('PUT', '/connectors/%s/resume' % self.name)
        wait_until(lambda: worker.states(self.name)[1] == ['FAILED'], 'the task fails', 60, alive=worker.alive)
        _, body = worker.rest('GET', '/connectors/%s/status' % self.name)
        self.assertIn('neither a resume token nor a time', body['tasks'][0]['trace'])

    @unittest.skipUnless(harness.is_millrace(), 'the words are ours')
    def test_mongo_read_preference_counts(self):
        """A set of one member has no secondary: who asks for one must not be given the primary."""
        worker = self.worker().start()
        uri = self.mongo.uri() + '&readPreference=secondary&serverSelectionTimeoutMS=1000'
        status, body = worker.rest('POST', '/connectors', {'name': self.name, 'config': self.config(mongodb_connection_string=uri)})
        self.assertEqual(status, 400, body)
        self.assertIn('Unable to connect', str(body))

    def test_mongo_silent_for_long_while_the_worker_ends(self):
        """The driver's monitors have noticed and are connecting again."""
        worker = self.begin()
        for seconds in (11, 25) if harness.LONG else (15,):
            self.mongo.freeze()
            try:
                end = time.monotonic() + seconds
                wait_until(lambda: time.monotonic() > end, 'the monitors notice', seconds + 5, alive=worker.alive)
                began = time.monotonic()
                worker.send(signal.SIGTERM)
                worker.wait_end(60)
                took = time.monotonic() - began
                say('ended %.2f s after SIGTERM, the server frozen for %d s' % (took, seconds))
                self.assertLess(took, 5 if harness.is_millrace() else 60)
            finally:
                self.mongo.thaw()
            worker.start()
            worker.wait_running(self.name, 120)
