"""Memory with documents of nearly 16 MB: one at a time is on its way, whatever the server has ready."""
import json

import harness
from harness import read_topic, say, wait_until
from mongo_harness import MongoTest
from test_memory import Gauge

BOUND = 96 << 20
DOCUMENT = 16_000_000      # bytes of text; BSON allows 16 777 216


class MongoMemory(MongoTest):
    partitions = 1
    connector_properties = {'producer.override.max.request.size': str(40_000_000), 'producer.override.buffer.memory': str(80_000_000)}

    def test_mongo_largest_documents(self):
        worker = self.worker().start()
        documents = lambda low, high: [self.collection.insert_one({'_id': n, 'seq': 1, 'pad': chr(96 + n) * DOCUMENT}) for n in range(low, high + 1)]
        documents(1, 4)
        gauge = Gauge(worker)
        worker.create(self.name, self.config())
        wait_until(lambda: self.count() >= 4, 'the snapshot', 120, alive=worker.alive)
        documents(5, 12)
        wait_until(lambda: self.count() >= 12, 'the inserted documents', 180, alive=worker.alive)
        peak = gauge.stop()
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))
        came = []
        for m in read_topic(self.stack.kafka.bootstrap(), self.topic):
            event = json.loads(m.value())
            after = json.loads(event['after'])
            self.assertEqual(after['pad'], chr(96 + after['_id']) * DOCUMENT)
            came.append((event['op'], after['_id']))
        self.assertEqual(came, [('r', n) for n in range(1, 5)] + [('c', n) for n in range(5, 13)])
        say('anonymous memory: at most %.1f MB' % (peak / 1e6))
        if harness.is_millrace():
            self.assertLess(peak, BOUND)
