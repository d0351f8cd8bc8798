"""PostgreSQL 13, 17 and 18 beside Debian's 15: the recordings that were made on 15 come out byte for byte the same, and what the versions
do differently. MILLRACE_LONG=1 takes more recordings."""
import json
import os
import subprocess
import sys

import harness
from harness import end_offsets, read_topic, wait_until
from own_server import OwnServerTest

REPLAYS = os.path.join(harness.ROOT, 'tests', 'system', 'replays.py')
# Without statements that PostgreSQL 13 does not know, and without empty transactions, which servers before 15 send.
EVERYWHERE = ['pg-users', 'pg-users-ri-index', 'pg-toast']
MORE = ['pg-users-full', 'pg-users-noschema', 'pg-users-full-noschema', 'pg-users-ri-nothing', 'pg-nopk', 'pg-notombstone', 'pg-toast-full', 'pg-defaults',
        'pg-snapshot-initial', 'pg-snapshot-always']
SINCE_15 = ['pg-types', 'pg-message', 'pg-ddl', 'pg-generated']


class Version:
    """The tests of one version."""

    version = None
    recordings = EVERYWHERE + (MORE if harness.LONG else [])

    @classmethod
    def server_options(cls, home):
        return dict(version=cls.version)

    def replay(self):
        done = subprocess.run([sys.executable, REPLAYS, *self.recordings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=dict(os.environ, MILLRACE_PG_VERSION=self.version, MILLRACE_RUN=os.path.join(harness.RUN, 'version-' + self.version)))
        self.assertEqual(done.returncode, 0, done.stdout[-6000:])
        self.assertIn('%d passed, 0 failed' % len(self.recordings), done.stdout)

    def begin(self, **more):
        self.assertEqual(self.sql('SHOW server_version')[0][0].split('.')[0], self.version)
        self.sql('CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE unseen (id int)')
        self.sql("INSERT INTO t VALUES (1, 'read')")
        worker = self.worker().start()
        worker.create(self.name, self.config(table_include_list='public.t', publication_autocreate_mode='filtered', **more))
        worker.wait_running(self.name)
        return worker

    def values(self, topic='.public.t'):
        return [json.loads(m.value()) if m.value() else None for m in read_topic(self.stack.kafka.bootstrap(), self.name + topic)]

    def wait_values(self, count, worker):
        wait_until(lambda: sum(end_offsets(self.stack.kafka.bootstrap(), self.name + '.public.t').values()) >= count, '%d records' % count, 120, alive=worker.alive)
        return self.values()

    def changes(self):
        """Key change, truncate (left out by default), a transaction that holds nothing of ours, a large one, a message."""
        worker = self.begin()
        self.wait_values(1, worker)
        self.sql("UPDATE t SET id = 2; TRUNCATE t; INSERT INTO t VALUES (3, 'after')")
        self.sql('INSERT INTO unseen VALUES (1)')
        self.sql('CREATE TEMP TABLE nothing (id int)')
        self.sql("INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(10, 2009) i")
        self.sql("SELECT pg_logical_emit_message(true, 'p', 'content')")
        self.sql("INSERT INTO t VALUES (4, 'last')")
        values = self.wait_values(2006, worker)
        self.assertEqual([v and v['op'] for v in values[:5]], ['r', 'd', None, 'c', 'c'])
        self.assertEqual((values[-1]['op'], values[-1]['after']), ('c', {'id': 4, 'v': 'last'}))
        self.assertEqual(len(values), 2006)
        messages = self.values('.message') if int(self.version) >= 14 else []
        self.assertEqual([m['message']['prefix'] for m in messages], ['p'] if int(self.version) >= 14 else [])
        self.assertEqual(worker.states(self.name), ('RUNNING', ['RUNNING']))


class Postgres13(Version, OwnServerTest):
    version = '13'

    def test_postgres_13_recordings(self):
        self.replay()

    def test_postgres_13_changes(self):
        self.changes()


class Postgres17(Version, OwnServerTest):
    version = '17'
    recordings = Version.recordings + (SINCE_15 if harness.LONG else [])

    def test_postgres_17_recordings(self):
        self.replay()

    def test_postgres_17_changes(self):
        self.changes()


class Postgres18(Version, OwnServerTest):
    version = '18'
    recordings = Version.recordings + (SINCE_15 if harness.LONG else ['pg-types'])

    def test_postgres_18_recordings(self):
        self.replay()

    def test_postgres_18_changes(self):
        self.changes()
