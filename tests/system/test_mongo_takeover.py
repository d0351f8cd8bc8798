"""Take-over both ways with the MongoDB connector: the real Kafka Connect with Debezium streams a collection under load, is stopped,
millrace goes on with its three topics and its resume token, is stopped, and the real one takes them back."""
import signal

import harness
from harness import say, wait_until
from mongo_harness import MongoLoad, MongoTest


class MongoTakeOver(MongoTest):
    worker_properties = {'offset.flush.interval.ms': 1000}

    def stop(self, worker):
        before = self.count()
        worker.send(signal.SIGTERM)
        worker.wait_end(60)
        border = self.border(graceful=True)
        say('%s stopped at %d records (%d while stopping), stored %s' % (worker.name, sum(border.ends.values()), sum(border.ends.values()) - before, border.position()))
        self.assertIsNotNone(border.position(), 'no position was stored')

    def run_on(self, worker, more=1000):
        goal = self.count() + more
        wait_until(lambda: self.count() >= goal, '%d records of %s' % (more, worker.name), 120, alive=worker.alive)

    def test_mongo_takeover(self):
        real, ours, back = self.worker(harness.PEER, name='real'), self.worker(name='millrace'), self.worker(harness.PEER, name='back')
        port = None if self.mongo.real else self.mongo.proxied()
        self.addCleanup(self.mongo.stop_proxies)
        real.start()
        self.start_streaming(real, 500, port=port)
        load = MongoLoad(self, writers=2, pause=0.01).start()
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
