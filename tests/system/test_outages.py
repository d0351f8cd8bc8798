"""PostgreSQL or Kafka restarted, killed, frozen, cut off by the network and back: survived without an operator.
The connector must not fail, and the ledger must be whole. A worker may repeat what its source does not remember when a
connection is lost, so repeats are counted, not forbidden; a gap or another order never is allowed."""
import signal

import harness
from harness import LONG, LedgerTest, Load, Proxy, wait_until
from services import free_port


class Outages(harness.Outage, LedgerTest):
    frozen_seconds = 45 if LONG else 8
    connector_properties = {'retriable.restart.connector.wait.ms': 2000}

    def begin(self, bootstrap=None, **more):
        self.fill(100)
        self.main = self.worker(bootstrap=bootstrap).start()
        self.main.create(self.name, self.config(**more))
        self.main.wait_running(self.name)
        wait_until(lambda: self.count() >= 100, 'the snapshot', 60)
        self.load = Load(self, writers=2, pause=0.01).start()
        self.flowing()

    def proxy(self, port, target):
        self.proxies.append(Proxy(port, target))
        return self.proxies[-1]

    def kafka_proxy(self):
        own, advertised = self.stack.kafka.proxied
        return self.proxy(advertised, own)

    # -- PostgreSQL ------------------------------------------------------------------------------------------

    def test_postgres_restarts(self):
        self.begin()
        for how in (signal.SIGINT, signal.SIGQUIT):         # fast, then immediate (as after a crash)
            self.stack.postgres.stop(how)
            self.hold(2)
            self.stack.postgres.start()
            self.flowing()
        self.finish()

    def test_postgres_frozen(self):
        self.begin()
        self.stack.postgres.freeze()
        try:
            self.hold(self.frozen_seconds)
        finally:
            self.stack.postgres.thaw()
        self.finish()

    def test_postgres_cut_off(self):
        proxy = self.proxy(free_port(), self.stack.postgres.port)
        self.begin(database_port=str(proxy.port))
        proxy.cut()
        self.hold(3)
        proxy.mend()
        self.flowing()
        proxy.freeze()
        self.hold(self.frozen_seconds)
        proxy.drop()
        proxy.thaw()
        self.finish()

    def test_walsender_terminated(self):
        self.begin()
        for _ in range(3):
            self.sql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '%s'" % self.slot)
            self.flowing()
        self.finish()

    # -- Kafka -----------------------------------------------------------------------------------------------

    def test_kafka_restarts(self):
        self.begin()
        self.stack.kafka.stop()
        self.hold(2)
        self.stack.kafka.start()
        self.flowing()
        self.stack.kafka.kill()
        self.stack.kafka.start()
        self.finish()

    def test_kafka_frozen(self):
        self.begin()
        self.stack.kafka.freeze()
        try:
            self.hold(self.frozen_seconds)
        finally:
            self.stack.kafka.thaw()
        self.finish()

    def test_kafka_cut_off(self):
        proxy = self.kafka_proxy()
        self.begin(bootstrap=self.stack.kafka.bootstrap(proxied=True))
        proxy.cut()
        self.hold(3)
        proxy.mend()
        self.flowing()
        proxy.freeze()
        self.hold(self.frozen_seconds)
        proxy.drop()
        proxy.thaw()
        self.finish()

    def test_starts_before_its_servers(self):
        """Kafka and PostgreSQL come up after the worker: it waits for both."""
        self.fill(50)
        main = self.main = self.worker().start()
        main.create(self.name, self.config())
        main.wait_running(self.name)
        wait_until(lambda: self.count() >= 50, 'the snapshot', 60)
        main.stop()
        self.stack.postgres.stop()
        main.start()
        self.hold(3)
        self.stack.postgres.start()
        self.load = Load(self, writers=1, pause=0.01).start()
        self.finish()
