"""Take-over both ways: the real Kafka Connect with Debezium streams a table under load, is stopped, millrace goes on with
its three topics and its slot, is stopped, and the real one takes them back."""
import harness
from harness import LedgerTest, Load, wait_until


class TakeOver(harness.Relay, LedgerTest):
    worker_properties = {'offset.flush.interval.ms': 1000}

    def test_takeover(self):
        self.fill(500)
        real, ours, back = (self.worker(harness.PEER, name='real'), self.worker(name='millrace'), self.worker(harness.PEER, name='back'))
        load = Load(self, writers=2, pause=0.01)
        real.start()
        real.create(self.name, self.config())
        real.wait_running(self.name, 120)
        wait_until(lambda: self.count() >= 500, 'the snapshot', 60)
        load.start()
        self.pass_on(real, ours, back, load, 2000)
