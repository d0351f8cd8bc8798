"""Take-over both ways with the MongoDB connector: the real Kafka Connect with Debezium streams a collection under load, is stopped,
millrace goes on with its three topics and its resume token, is stopped, and the real one takes them back."""
import harness
from mongo_harness import MongoLoad, MongoTest


class MongoTakeOver(harness.Relay, MongoTest):
    worker_properties = {'offset.flush.interval.ms': 1000}

    def test_mongo_takeover(self):
        real, ours, back = self.worker(harness.PEER, name='real'), self.worker(name='millrace'), self.worker(harness.PEER, name='back')
        port = None if self.mongo.real else self.mongo.proxied()
        self.addCleanup(self.mongo.stop_proxies)
        real.start()
        self.start_streaming(real, 500, port=port)
        load = MongoLoad(self, writers=2, pause=0.01).start()
        self.pass_on(real, ours, back, load, 1000)
