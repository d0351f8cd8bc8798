"""heartbeat.action.query: a statement that does not end holds up the heartbeat, and nothing else."""
import psycopg2

from harness import LedgerTest, end_offsets, wait_until

# Its lock is held by the test.
QUERY = 'SELECT pg_advisory_xact_lock(20)'


class HeartbeatAction(LedgerTest):
    def waiting(self):
        return self.sql("SELECT pid FROM pg_stat_activity WHERE query = '%s' AND wait_event_type = 'Lock'" % QUERY)

    def beats(self):
        return sum(end_offsets(self.stack.kafka.bootstrap(), '%s-heartbeat.%s' % (self.name, self.name)).values())

    def test_a_statement_that_hangs_does_not_hold_up_the_stream(self):
        self.fill(1)
        worker = self.worker().start()
        worker.create(self.name, self.config(heartbeat_interval_ms='200', topic_heartbeat_prefix=self.name + '-heartbeat', heartbeat_action_query=QUERY))
        worker.wait_running(self.name)
        wait_until(lambda: self.beats() >= 2, 'heartbeats', 60, alive=worker.alive)
        holder = self.hold_lock()
        try:
            wait_until(self.waiting, 'the statement waits', 30, alive=worker.alive)
            beats, statement = self.beats(), self.waiting()
            before = self.count()
            self.sql("INSERT INTO ledger VALUES (1001, 1, 'meanwhile')")
            wait_until(lambda: self.count() == before + 1, 'the change arrives', 15, alive=worker.alive)
            self.assertEqual(self.waiting(), statement)
            self.assertEqual(self.beats(), beats)
        finally:
            holder.close()
        wait_until(lambda: self.beats() > beats, 'the heartbeat goes out', 30, alive=worker.alive)

    def test_a_statement_that_hangs_does_not_hold_up_the_end(self):
        self.fill(1)
        holder = self.hold_lock()
        try:
            worker = self.worker().start()
            worker.create(self.name, self.config(heartbeat_interval_ms='200', heartbeat_action_query=QUERY))
            wait_until(self.waiting, 'the statement waits', 30, alive=worker.alive)
            wait_until(lambda: self.count() == 1, 'the snapshot', 15, alive=worker.alive)
            worker.rest('PUT', '/connectors/%s/stop' % self.name)
            wait_until(lambda: worker.states(self.name) == ('STOPPED', []), 'the connector stops', 5, alive=worker.alive)
        finally:
            holder.close()

    def hold_lock(self):
        """A connection that holds it; its closing gives it back."""
        connection = psycopg2.connect(self.stack.postgres.dsn(self.database))
        with connection.cursor() as cursor:
            cursor.execute(QUERY)
        return connection
