"""A case on PostgreSQL: one server, a database for each run, a slot and a publication for each worker."""
import io

import psycopg2

import replay
from services import Postgres, wait_until
from trial import FENCE, Servers, Trial

from . import values

MAKE_FENCE = ('CREATE TABLE public.%s (id int PRIMARY KEY, token text); ALTER TABLE public.%s REPLICA IDENTITY FULL; INSERT INTO public.%s VALUES (0, \'first\')'
              % (FENCE, FENCE, FENCE))


class PostgresServers(Servers):
    def make_databases(self, arguments):
        self.postgres = Postgres(self.home + '/postgres', settings={'max_replication_slots': 60, 'max_wal_senders': 60, 'max_connections': 200, 'autovacuum': 'off'})
        return [self.postgres]

    def connect(self, database='postgres'):
        connection = psycopg2.connect(self.postgres.dsn(database))
        connection.autocommit = True
        return connection


class PostgresTrial(Trial):
    CONNECTOR = 'io.debezium.connector.postgresql.PostgresConnector'

    def slot(self, name):
        return '%s_%s' % (name[:1], self.name)

    def slots(self):
        return [self.slot(lane.name) for lane in self.lanes]

    def lane_config(self, lane):
        return dict(self.config, **{'slot.name': self.slot(lane.name), 'publication.name': 'pub_' + lane.name})

    def execute(self, text):
        """One statement; its failure is noted and undoes the transaction around it, as for any client."""
        try:
            if isinstance(text, tuple):
                rows = io.StringIO()
                self.cursor.copy_expert(text[1], rows)
                rows.seek(0)
                self.cursor.copy_expert(text[2], rows)
                self.log.append('-- %s\n%s' % (text[1], text[2]))
            else:
                self.cursor.execute(text)
                self.log.append(text)
            return True
        except psycopg2.Error as x:
            self.log.append('-- failed (%s): %s' % (str(x).split('\n')[0], str(text).replace('\n', '\\n')))
            self.errors += 1
            return False

    def prepare(self):
        self.admin = self.servers.connect()
        with self.admin.cursor() as c:
            c.execute('CREATE DATABASE ' + self.name)
        self.connection = self.servers.connect(self.name)
        self.cursor = self.connection.cursor()
        self.cursor.execute(values.PRELUDE)
        for schema in sorted({t.schema for t in self.case.tables} - {'public'}):
            self.cursor.execute('CREATE SCHEMA "%s"' % schema)
        self.cursor.execute(MAKE_FENCE)
        for statement in self.case.setup:
            text = statement.sql(self.cut)
            if text:
                self.execute(text)
        d = replay.dsn(self.servers.postgres.dsn())
        return {'plugin.name': 'pgoutput', 'database.hostname': d['host'], 'database.port': str(d['port']), 'database.user': d['user'],
                'database.password': d['password'], 'database.dbname': self.name, 'poll.interval.ms': '20', 'retriable.restart.connector.wait.ms': '1000'}

    def streaming(self):
        with self.admin.cursor() as c:
            c.execute("SELECT count(*) FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid WHERE r.state = 'streaming' AND s.slot_name = ANY(%s)", (self.slots(),))
            return c.fetchone()[0] == len(self.lanes)

    def run_round(self, part):
        ddl, transactions = part
        for statement in ddl:
            text = statement.sql(self.cut)
            if text:
                self.execute(text)
        for t in transactions:
            self.transaction(t)

    def transaction(self, t):
        texts = [x for x in (s.sql(self.cut) for s in t.statements) if x]
        if not any(isinstance(x, tuple) or not x.startswith(('SAVEPOINT', 'ROLLBACK')) for x in texts):
            return
        if t.autocommit:
            self.execute(texts[0])
            return
        self.execute('BEGIN')
        fine = all(self.execute(x) for x in texts)
        if fine and t.end == 'PREPARE':
            self.execute("PREPARE TRANSACTION '%s'" % self.name)
            self.execute("COMMIT PREPARED '%s'" % self.name)
        else:
            self.execute(t.end if fine else 'ROLLBACK')

    def send_fence(self, token):
        self.execute("BEGIN; INSERT INTO public.%s VALUES (%d, '%s'); UPDATE public.%s SET token = token || 'u' WHERE id = %d; DELETE FROM public.%s WHERE id = %d; COMMIT"
                     % (FENCE, self.fences, token, FENCE, self.fences, FENCE, self.fences))

    def forget(self):
        with self.admin.cursor() as c:
            c.execute('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND slot_name = ANY(%s)', (self.slots(),))

            def dropped():
                c.execute('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active AND slot_name = ANY(%s)', (self.slots(),))
                c.execute('SELECT count(*) FROM pg_replication_slots WHERE slot_name = ANY(%s)', (self.slots(),))
                return c.fetchone()[0] == 0
            wait_until(dropped, 'slots are dropped', 30)
            if hasattr(self, 'connection'):
                self.connection.close()
            c.execute('DROP DATABASE IF EXISTS %s WITH (FORCE)' % self.name)
        self.admin.close()
