"""Memory stays below 64 MB when Kafka is slower than PostgreSQL, and in one very long transaction."""
import os
import threading

import harness
from harness import LONG, Proxy, SystemTest, read_topic, say, settled_ends, wait_until

BOUND = 64 << 20


class Gauge:
    """Reads a worker's anonymous memory twenty times a second."""

    def __init__(self, worker):
        self.worker, self.peak, self.ended = worker, 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended.wait(0.05):
            self.peak = max(self.peak, self.worker.rss_anon())

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.peak


class Memory(SystemTest):
    partitions = 1
    rows_slow = 200_000
    rows_long = int(os.environ.get('MILLRACE_ROWS') or (10_000_000 if LONG else 500_000))

    def begin(self, bootstrap=None):
        self.sql('CREATE TABLE ledger (id bigint PRIMARY KEY, seq bigint NOT NULL, pad text)')
        self.sql("INSERT INTO ledger VALUES (0, 1, '')")
        worker = self.worker(bootstrap=bootstrap).start()
        worker.create(self.name, self.config())
        worker.wait_running(self.name)
        wait_until(lambda: self.count() >= 1, 'the snapshot', 60)
        return worker

    def insert(self, rows, first=1):
        self.sql('INSERT INTO ledger SELECT i, 1, repeat(chr(97 + (i %% 26)::int), 100) FROM generate_series(%d, %d) i' % (first, first + rows - 1))

    def judge(self, peak):
        say('anonymous memory: at most %.1f MB' % (peak / 1e6))
        if harness.is_millrace():
            self.assertLess(peak, BOUND)

    def test_slow_kafka(self):
        own, advertised = self.stack.kafka.proxied
        proxy = Proxy(advertised, own)
        self.proxies.append(proxy)
        worker = self.begin(self.stack.kafka.bootstrap(proxied=True))
        gauge = Gauge(worker)
        proxy.limit(4_000_000)
        for n in range(10):
            self.insert(self.rows_slow // 10, 1 + n * (self.rows_slow // 10))
        wait_until(lambda: self.count() >= self.rows_slow // 4, 'a quarter of the records through the slow line', 300, alive=worker.alive)
        proxy.limit(None)
        wait_until(lambda: self.count() >= self.rows_slow + 1, 'all records', 300, alive=worker.alive)
        self.judge(gauge.stop())
        self.assertEqual(self.count(), self.rows_slow + 1)

    def test_one_long_transaction(self):
        # The topic keeps its newest part only, so that ten million rows need no ten gigabytes here.
        self.stack.create_topic(self.name + '.public.big', 1, retention_bytes=256 << 20, segment_bytes=64 << 20)
        self.sql('CREATE TABLE big (id bigint PRIMARY KEY, pad text)')
        topic, self.topic = self.topic, self.name + '.public.big'
        worker = self.worker().start()
        worker.create(self.name, self.config(**{'table.include.list': 'public.big'}))
        worker.wait_running(self.name)
        wait_until(lambda: not self.slot_is_idle(), 'streaming', 60)
        gauge = Gauge(worker)
        self.sql("INSERT INTO big SELECT i, repeat('x', 20) FROM generate_series(1, %d) i" % self.rows_long)
        wait_until(lambda: self.count() >= self.rows_long, 'all %d records' % self.rows_long, 60 + self.rows_long / 5000, every=0.5, alive=worker.alive)
        self.judge(gauge.stop())
        ends = settled_ends(self.stack.kafka.bootstrap(), self.topic)
        self.assertEqual(sum(ends.values()), self.rows_long, 'records, each row once')
        import json
        last = None
        for m in read_topic(self.stack.kafka.bootstrap(), self.topic):      # what retention has kept is in order, without a gap
            key = json.loads(m.key())['id']
            self.assertEqual(key, m.offset() + 1)
            last = key
        self.assertEqual(last, self.rows_long)
