"""SIGKILL at random points: nothing is lost, each key keeps its order, and what is repeated followed the stored offset."""
import os
import time

import harness
from harness import LedgerTest, Load, say, wait_until

KILLS = int(os.environ.get('MILLRACE_KILLS') or (100 if harness.LONG else 5))


class Kills(LedgerTest):
    worker_properties = {'offset.flush.interval.ms': 300}

    def kill_after(self, worker, records, seconds=60):
        """SIGKILL as soon as that many more records are in the topic."""
        goal = self.count() + records
        wait_until(lambda: self.count() >= goal, '%d more records' % records, seconds, every=0.002, alive=worker.alive)
        time.sleep(self.random.uniform(0, 0.02))
        worker.kill()
        border = self.border()
        say('killed at %d records; stored: %s' % (sum(border.ends.values()), {k: v for k, v in (border.durable or {}).items() if k in ('lsn', 'snapshot', 'last_snapshot_record')}))

    def test_kills_in_streaming(self):
        kills = max(1, KILLS - KILLS // 2)
        self.fill(100)
        worker = self.worker().start()
        worker.create(self.name, self.config())
        worker.wait_running(self.name)
        wait_until(lambda: self.count() >= 100, 'the snapshot', 60)
        load = Load(self, writers=2, pause=0.004, copies=harness.is_millrace()).start()
        for _ in range(kills):
            self.kill_after(worker, self.random.randint(1, 3000))
            worker.start()
            worker.wait_running(self.name)
        load.wait_commits(50)
        load.stop()
        self.wait_drained()
        self.assert_ledger()

    def test_kills_in_snapshot(self):
        kills = max(1, KILLS // 2)
        self.snapshot_under_load = True
        rows = 60000
        rounds = (kills + 3) // 4
        for number in range(rounds):
            if number:
                self.tearDown()
                self.setUp()
            self.fill(rows)
            worker = self.worker().start()
            worker.create(self.name, self.config())
            load = Load(self, writers=1, pause=0.02).start()
            for _ in range(min(4, kills)):
                kills -= 1
                self.kill_after(worker, self.random.randint(1, rows * 9 // 10), 120)
                worker.start()
            worker.wait_running(self.name)
            load.wait_commits(20)
            load.stop()
            self.wait_drained()
            self.assert_ledger()
