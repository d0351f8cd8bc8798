"""What the options of PostgreSQL's source do beyond Debezium's (docs/differences.md), where it takes a server to see it."""
import contextlib
import json
import threading

import psycopg2
from harness import LedgerTest, read_topic, wait_until


class PostgresRules(LedgerTest):
    partitions = 1
    worker_properties = {'offset.flush.interval.ms': 200}

    def start(self, **more):
        worker = self.worker().start()
        worker.create(self.name, self.config(**more))
        worker.wait_running(self.name)
        return worker

    def test_heartbeats_before_the_first_change_tell_the_slots_position(self):
        self.sql('CREATE PUBLICATION dbz_publication FOR TABLE ledger')
        self.sql("SELECT pg_create_logical_replication_slot('%s', 'pgoutput')" % self.slot)
        self.sql('CREATE TABLE foreign_traffic (id int)')
        before = self.stack.sql("SELECT (confirmed_flush_lsn - '0/0'::pg_lsn)::bigint FROM pg_replication_slots WHERE slot_name = '%s'" % self.slot)[0][0]
        self.sql('INSERT INTO foreign_traffic SELECT generate_series(1, 1000)')
        worker = self.start(snapshot_mode='no_data', heartbeat_interval_ms='100')
        wait_until(lambda: self.durable(), 'an offset', 30, alive=worker.alive)
        self.assertEqual(self.durable()['lsn'], before)
        self.sql("INSERT INTO ledger VALUES (1, 1, 'the first')")
        wait_until(lambda: self.count() == 1, 'a change', 30, alive=worker.alive)

    def test_identity_of_a_table_in_capital_letters(self):
        self.sql('CREATE SCHEMA "Sales"')
        self.sql('CREATE TABLE "Sales"."Orders" ("Id" int PRIMARY KEY, note text)')
        worker = self.start(table_include_list='Sales.Orders', replica_identity_autoset_values='Sales.Orders:FULL')
        wait_until(lambda: self.sql("SELECT relreplident FROM pg_class WHERE relname = 'Orders'") == [('f',)], 'the identity', 30, alive=worker.alive)

    def test_publication_in_capital_letters(self):
        worker = self.start(publication_name='My-Changes')
        self.sql("INSERT INTO ledger VALUES (1, 1, 'streamed')")
        wait_until(lambda: self.count() == 1, 'a change', 30, alive=worker.alive)
        self.assertEqual(self.sql('SELECT pubname FROM pg_publication'), [('My-Changes',)])
        worker.kill()
        wait_until(self.slot_is_idle, 'the slot is idle', 30)
        worker.start()
        self.sql("INSERT INTO ledger VALUES (2, 1, 'after the restart')")
        wait_until(lambda: self.count() >= 2, 'a change after the restart', 30, alive=worker.alive)

    def test_configuration_based_with_data_is_like_always(self):
        self.fill(3)
        rules = {'snapshot_mode': 'configuration_based', 'snapshot_mode_configuration_based_snapshot_data': 'true',
                 'snapshot_mode_configuration_based_start_stream': 'true'}
        worker = self.start(**rules)
        wait_until(lambda: self.count() == 3, 'the first snapshot', 30, alive=worker.alive)
        wait_until(lambda: (self.durable() or {'last_snapshot_record': False}).get('last_snapshot_record') is not False, 'its end', 30, alive=worker.alive)
        self.assertEqual(worker.rest('PUT', '/connectors/%s/stop' % self.name)[0], 204)
        wait_until(self.slot_is_idle, 'the slot is idle', 30)
        self.sql('DELETE FROM ledger WHERE id = 1')
        self.assertEqual(worker.rest('PUT', '/connectors/%s/resume' % self.name)[0], 202)
        wait_until(lambda: self.count() == 3 + 2 + 2, 'the delete, its tombstone, and a second snapshot', 30, alive=worker.alive)
        self.assertEqual(self.operations(), ['r', 'r', 'r', 'd', None, 'r', 'r'])

    def operations(self):
        return [json.loads(m.value())['op'] if m.value() else None for m in read_topic(self.stack.kafka.bootstrap(), self.topic)]

    def test_a_slot_from_before_the_first_start_gives_nothing_before_the_snapshot(self):
        self.sql('CREATE PUBLICATION dbz_publication FOR TABLE ledger')
        self.sql("SELECT pg_create_logical_replication_slot('%s', 'pgoutput')" % self.slot)
        self.sql("INSERT INTO ledger VALUES (1, 1, 'kept'), (2, 1, 'deleted')")
        self.sql("UPDATE ledger SET id = 3, seq = 2 WHERE id = 1")
        self.sql('DELETE FROM ledger WHERE id = 2')
        worker = self.start()
        wait_until(lambda: self.count() == 1, 'the row', 30, alive=worker.alive)
        self.sql("UPDATE ledger SET seq = 3 WHERE id = 3")
        wait_until(lambda: self.count() >= 2, 'a change', 30, alive=worker.alive)
        self.assertEqual(self.operations(), ['r', 'u'])

    def test_end_of_a_snapshot_that_a_transform_drops(self):
        self.fill(3)
        worker = self.start(transforms='all', transforms_all_type='org.apache.kafka.connect.transforms.Filter')
        wait_until(lambda: self.durable(), 'an offset', 30, alive=worker.alive)
        self.assertTrue(self.durable()['last_snapshot_record'])      # nothing before it: no record was sent
        self.assertEqual(self.count(), 0)

    # -- a commit that is in the WAL, and that other sessions do not see yet --

    @contextlib.contextmanager
    def missing_standby(self):
        """Commits of the sessions of commit_that_waits() wait for a standby that never comes, until they are cancelled."""
        pids, threads = [], []

        def commit_that_waits(statements):
            connection = psycopg2.connect(self.stack.postgres.dsn(self.database))
            connection.autocommit = True
            pids.append(connection.get_backend_pid())
            threads.append(threading.Thread(target=lambda: (connection.cursor().execute(statements), connection.close()), daemon=True))
            threads[-1].start()
            wait_until(lambda: self.sql('SELECT wait_event FROM pg_stat_activity WHERE pid = %s', (pids[-1],)) == [('SyncRep',)], 'the commit waits', 30)
            return pids[-1]

        def standby(name):
            self.sql("ALTER SYSTEM SET synchronous_standby_names = '%s'" % name)
            self.sql('SELECT pg_reload_conf()')
            wait_until(lambda: self.sql('SHOW synchronous_standby_names') == [(name,)], 'the standby %r' % name, 30)

        standby('nobody')
        try:
            yield commit_that_waits
        finally:
            for pid in pids:
                self.sql('SELECT pg_cancel_backend(%s)', (pid,))
            standby('')
            for thread in threads:
                thread.join(30)

    def asks_catalog(self, pid):
        return self.sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'txid_visible_in_snapshot|relreplident'"
                        ' AND pid <> pg_backend_pid() AND query_start > (SELECT query_start FROM pg_stat_activity WHERE pid = %s)', (pid,))

    def only_record(self, table):
        records = []
        wait_until(lambda: records.extend(read_topic(self.stack.kafka.bootstrap(), '%s.public.%s' % (self.name, table))) or records, 'the record of ' + table, 30)
        self.assertEqual(len(records), 1)
        return records[0]

    def test_key_of_a_table_whose_commit_is_not_seen_yet(self):
        for table in 'seen', 'unseen':
            self.stack.create_topic('%s.public.%s' % (self.name, table))
        self.start(snapshot_mode='no_data', table_include_list='public.seen,public.unseen')
        wait_until(lambda: not self.slot_is_idle(), 'the stream', 30)
        with self.missing_standby() as commit_that_waits:
            pid = commit_that_waits("CREATE TABLE seen (id int PRIMARY KEY, v text NOT NULL); INSERT INTO seen VALUES (1, 'x')")
            wait_until(lambda: self.asks_catalog(pid), 'the connector asks the catalog', 30)
            self.sql('SELECT pg_cancel_backend(%s)', (pid,))      # the standby is waited for no longer: the commit is seen
            self.assertEqual(json.loads(self.only_record('seen').key()), {'id': 1})
            commit_that_waits("CREATE TABLE unseen (id int PRIMARY KEY, v text NOT NULL); INSERT INTO unseen VALUES (1, 'x')")
            self.assertIsNone(self.only_record('unseen').key())   # nor for ever: the standby could be the connector itself
