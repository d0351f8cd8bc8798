"""What the options of PostgreSQL's source do beyond Debezium's (docs/differences.md), where it takes a server to see it."""
import json

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
