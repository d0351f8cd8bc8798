"""The slot and the stored offset: changes that are lost to the connector are said, never passed over; WAL that holds nothing of
ours is let go, and only after the offset that says so is stored."""
import signal

from harness import LedgerTest, wait_until


def lsn_number(text):
    high, low = text.split('/')
    return (int(high, 16) << 32) + int(low, 16)


class Gaps(LedgerTest):
    worker_properties = {'offset.flush.interval.ms': 500}

    def begin(self, **more):
        self.fill(10)
        worker = self.worker().start()
        worker.create(self.name, self.config(**more))
        worker.wait_running(self.name)
        wait_until(lambda: self.count() >= 10, 'the snapshot', 60)
        self.sql("INSERT INTO ledger VALUES (1001, 1, 'streamed')")
        wait_until(lambda: self.count() >= 11, 'a streamed change', 60)
        self.sql("INSERT INTO ledger VALUES (1002, 1, 'one more, so that an offset with a COMMIT is stored')")
        wait_until(lambda: self.count() >= 12, 'one more change', 60)
        return worker

    def slot_lsn(self):
        return lsn_number(self.stack.sql("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '%s'" % self.slot)[0][0])

    def stop_and_lose(self, worker, loss):
        worker.send(signal.SIGTERM)
        worker.wait_end(30)
        wait_until(self.slot_is_idle, 'the slot is idle', 30)
        self.sql("INSERT INTO ledger VALUES (1003, 1, 'lost')")
        self.sql(loss)

    def lose_slot(self, worker):
        self.stop_and_lose(worker, "SELECT pg_drop_replication_slot('%s')" % self.slot)

    def task(self, worker):
        status, body = worker.rest('GET', '/connectors/%s/status' % self.name)
        return (body.get('tasks') or [{}])[0]

    def wait_failed(self, worker, words):
        wait_until(lambda: self.task(worker).get('state') == 'FAILED', 'the task fails', 60, alive=worker.alive)
        trace = self.task(worker)['trace']
        for word in words:
            self.assertIn(word, trace)

    def test_slot_lost(self):
        worker = self.begin()
        self.lose_slot(worker)
        worker.start()
        self.wait_failed(worker, ['no longer available', "slot '%s' does not exist" % self.slot, 'when_needed'])
        self.assertEqual(self.count(), 12)

    def test_slot_moved_beyond_the_stored_offset(self):
        worker = self.begin()
        self.stop_and_lose(worker, "SELECT pg_replication_slot_advance('%s', pg_current_wal_lsn())" % self.slot)
        worker.start()
        self.wait_failed(worker, ['no longer available', 'has been moved to LSN'])

    def test_slot_lost_takes_a_snapshot_when_needed(self):
        worker = self.begin(snapshot_mode='when_needed')
        self.lose_slot(worker)
        worker.start()
        wait_until(lambda: self.count() >= 12 + 13, 'a new snapshot of all 13 rows', 60, alive=worker.alive)
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))

    def test_idle_slot_advances(self):
        worker = self.begin()
        before = self.slot_lsn()
        self.sql('CREATE TABLE foreign_traffic (id int, pad text)')
        records = self.count()
        for _ in range(4):      # 4 x about 12 MB that is not ours
            self.sql("INSERT INTO foreign_traffic SELECT i, repeat('x', 1000) FROM generate_series(1, 10000) i")
        wait_until(lambda: self.slot_lsn() > before + 16 * 1024 * 1024, 'the slot moves', 60, alive=worker.alive)
        # A slot is never ahead of the stored offset: a JVM worker could always take over.
        slot = self.slot_lsn()          # read first: both only grow
        self.assertGreaterEqual(self.durable()['lsn_commit'], slot)
        self.assertEqual(self.count(), records)
        self.sql("INSERT INTO ledger VALUES (1004, 1, 'after the idle stretch')")
        wait_until(lambda: self.count() == records + 1, 'a change after the idle stretch', 60, alive=worker.alive)
        worker.send(signal.SIGTERM)
        worker.wait_end(30)
        worker.start()
        self.sql("INSERT INTO ledger VALUES (1005, 1, 'after a restart')")
        wait_until(lambda: self.count() == records + 2, 'a change after the restart, nothing twice', 60, alive=worker.alive)
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))
