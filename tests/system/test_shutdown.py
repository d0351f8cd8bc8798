"""SIGTERM: an orderly end within 5 s, after which nothing is repeated."""
import json
import signal
import time

import harness
from harness import LedgerTest, Load, read_topic, say, wait_until


class Shutdown(LedgerTest):
    worker_properties = {'offset.flush.interval.ms': 60000}      # only the orderly end stores offsets

    def test_sigterm_under_load_repeats_nothing(self):
        self.fill(1000)
        worker = self.worker().start()
        worker.create(self.name, self.config())
        worker.wait_running(self.name)
        wait_until(lambda: self.count() >= 1000, 'the snapshot', 60)
        load = Load(self, writers=2, pause=0.005).start()
        for _ in range(3):
            goal = self.count() + self.random.randint(500, 2000)
            wait_until(lambda: self.count() >= goal, 'records of the load', 60)
            began = time.monotonic()
            worker.send(signal.SIGTERM)
            worker.wait_end(30)
            seconds = time.monotonic() - began
            say('ended %.2f s after SIGTERM, exit code %s' % (seconds, worker.child.returncode))
            self.assertLess(seconds, 5 if harness.is_millrace() else 30)
            self.border(graceful=True)
            self.assertIsNotNone(self.borders[-1].durable, 'no offset was stored')
            last = max(json.loads(m.value())['source']['lsn'] for m in read_topic(self.stack.kafka.bootstrap(), self.topic) if m.value() is not None)
            say('stored lsn %s, that of the last record %d' % (self.borders[-1].lsn(), last))
            worker.start()
            worker.wait_running(self.name)
        load.wait_commits(50)
        load.stop()
        self.wait_drained()
        self.assert_ledger(expect_repeats=0)

    def test_sigterm_in_snapshot_ends_within_5_s(self):
        self.fill(100000)
        worker = self.worker().start()
        worker.create(self.name, self.config())
        wait_until(lambda: self.count() >= 1000, 'the snapshot has begun', 60, every=0.005)
        began = time.monotonic()
        worker.send(signal.SIGTERM)
        worker.wait_end(30)
        seconds = time.monotonic() - began
        say('ended %.2f s after SIGTERM' % seconds)
        self.assertLess(seconds, 5 if harness.is_millrace() else 30)
        self.border()
        worker.start()
        self.wait_drained()
        self.assert_ledger()
