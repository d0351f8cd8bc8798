"""SIGKILL at random points: nothing is lost, each key keeps its order, and what is repeated followed the stored offset."""
import os

import harness
from harness import LedgerTest, Load, wait_until

KILLS = int(os.environ.get('MILLRACE_KILLS') or (100 if harness.LONG else 5))


class Kills(harness.Kills, LedgerTest):
    worker_properties = {'offset.flush.interval.ms': 300}

    def test_kills_in_streaming(self):
        self.fill(100)
        worker = self.worker().start()
        worker.create(self.name, self.config())
        worker.wait_running(self.name)
        wait_until(lambda: self.count() >= 100, 'the snapshot', 60)
        load = Load(self, writers=2, pause=0.004, copies=harness.is_millrace()).start()
        self.kill_while_streaming(worker, load, max(1, KILLS - KILLS // 2))

    def test_kills_in_snapshot(self):
        self.kill_in_snapshots(max(1, KILLS // 2), 60000, lambda: Load(self, writers=1, pause=0.02))
