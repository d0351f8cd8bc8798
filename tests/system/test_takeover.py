"""Take-over both ways: the real Kafka Connect with Debezium streams a table under load, is stopped, millrace goes on with
its three topics and its slot, is stopped, and the real one takes them back."""
import signal

import harness
from harness import LedgerTest, Load, say, wait_until


class TakeOver(LedgerTest):
    worker_properties = {'offset.flush.interval.ms': 1000}

    def stop(self, worker):
        before = self.count()
        worker.send(signal.SIGTERM)
        worker.wait_end(60)
        border = self.border(graceful=True)
        say('%s stopped at %d records (%d while stopping), stored lsn %s' % (worker.name, sum(border.ends.values()), sum(border.ends.values()) - before, border.lsn()))
        self.assertIsNotNone(border.lsn(), 'no position was stored')

    def test_takeover(self):
        self.fill(500)
        real, ours, back = (self.worker(harness.PEER, name='real'), self.worker(name='millrace'), self.worker(harness.PEER, name='back'))
        load = Load(self, writers=2, pause=0.01)
        real.start()
        real.create(self.name, self.config())
        real.wait_running(self.name, 120)
        wait_until(lambda: self.count() >= 500, 'the snapshot', 60)
        load.start()
        self.run_on(real)
        self.stop(real)
        before = ours.start() and ours.rest('GET', '/connectors')[1]
        self.assertEqual(before, [self.name], 'the connector is known from the config topic')
        ours.wait_running(self.name, 60)
        self.run_on(ours)
        self.stop(ours)
        back.start()
        back.wait_running(self.name, 120)
        self.run_on(back)
        load.wait_commits(50)
        load.stop()
        self.wait_drained()
        self.stop(back)
        self.assert_ledger()

    def run_on(self, worker, more=2000):
        goal = self.count() + more
        wait_until(lambda: self.count() >= goal, '%d records of %s' % (more, worker.name), 120, alive=worker.alive)
