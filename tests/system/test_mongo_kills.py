"""SIGKILL at random points with the MongoDB source: nothing is lost, each key keeps its order, and what is repeated followed the
stored offset. SIGTERM: an end within 5 s, nothing repeated."""
import os
import signal
import time
import unittest

import harness
from harness import say, wait_until
from mongo_harness import MongoLoad, MongoTest

KILLS = int(os.environ.get('MILLRACE_KILLS') or (60 if harness.LONG else 4))


class MongoKills(harness.Kills, MongoTest):
    worker_properties = {'offset.flush.interval.ms': 300}

    def test_mongo_kills_in_streaming(self):
        worker = self.worker().start()
        self.start_streaming(worker, 100)
        load = MongoLoad(self, writers=2, pause=0.005).start()
        self.kill_while_streaming(worker, load, max(1, KILLS - KILLS // 2))

    @unittest.skipUnless(harness.is_millrace(), 'Debezium takes an interrupted snapshot for finished')
    def test_mongo_kills_in_snapshot(self):
        self.kill_in_snapshots(max(1, KILLS // 2), 30000, lambda: MongoLoad(self, writers=1, pause=0.02))


class MongoShutdown(MongoTest):
    worker_properties = {'offset.flush.interval.ms': 60000}      # only the orderly end stores offsets

    def end_in_time(self, worker):
        began = time.monotonic()
        worker.send(signal.SIGTERM)
        worker.wait_end(30)
        seconds = time.monotonic() - began
        say('ended %.2f s after SIGTERM, exit code %s' % (seconds, worker.child.returncode))
        self.assertLess(seconds, 5 if harness.is_millrace() else 30)

    def test_mongo_sigterm_under_load_repeats_nothing(self):
        worker = self.worker().start()
        self.start_streaming(worker, 500)
        load = MongoLoad(self, writers=2, pause=0.005).start()
        for _ in range(3):
            goal = self.count() + self.random.randint(300, 1500)
            wait_until(lambda: self.count() >= goal, 'records of the load', 60)
            self.end_in_time(worker)
            self.assertIsNotNone(self.border(graceful=True).durable, 'no offset was stored')
            worker.start()
            worker.wait_running(self.name, 120)
        load.wait_commits(50)
        load.stop()
        self.wait_drained()
        self.assert_ledger(expect_repeats=0)

    @unittest.skipUnless(harness.is_millrace(), 'Debezium takes an interrupted snapshot for finished')
    def test_mongo_sigterm_in_snapshot_ends_within_5_s(self):
        self.fill(60000)
        worker = self.worker().start()
        worker.create(self.name, self.config())
        wait_until(lambda: self.count() >= 1000, 'the snapshot has begun', 60, every=0.005, alive=worker.alive)
        self.end_in_time(worker)
        self.border()
        worker.start()
        self.wait_drained()
        self.assert_ledger()
