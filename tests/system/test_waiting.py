"""A worker beside a real Kafka Connect worker of its group: it waits, says for whom, and goes on when that one has ended."""
import signal
import unittest

import harness
from harness import LedgerTest, wait_until


@unittest.skipUnless(harness.is_millrace(), 'Kafka Connect shares the work of its group')
class Waiting(LedgerTest):
    worker_properties = {'offset.flush.interval.ms': 1000}

    def health(self, worker):
        try:
            return worker.rest('GET', '/health')
        except OSError:
            return 0, None

    def test_waits_for_kafka_connect(self):
        self.fill(50)
        real, ours = self.worker(harness.PEER, name='real'), self.worker(name='millrace')
        real.start()
        real.create(self.name, self.config())
        real.wait_running(self.name, 120)
        ours.start(wait=False)
        wait_until(lambda: 'waiting for the workers of Kafka Connect' in str(self.health(ours)[1]), 'millrace waits', 30, alive=ours.alive)
        status, answer = self.health(ours)
        self.assertEqual((status, answer['status']), (503, 'starting'))
        self.assertIn(':%d at ' % real.port, answer['message'])
        self.assertEqual(ours.rest('GET', '/connectors')[0], 503)
        real.send(signal.SIGTERM)
        real.wait_end(60)
        ours.wait_running(self.name, 60)
        self.assertEqual(self.health(ours)[0], 200)
        ours.send(signal.SIGTERM)
        ours.wait_end(10)
