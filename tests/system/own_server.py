"""System tests with a PostgreSQL of their own beside the run's broker: another version, other settings."""
import os

import psycopg2

import services
from harness import RUN, SystemTest
from services import Postgres


class OwnServerTest(SystemTest):
    """One server for all tests of a class; `server_options()` says which."""

    partitions = 0
    server = None

    @classmethod
    def server_options(cls, home):
        return {}

    @classmethod
    def setUpClass(cls):
        home = services.fresh_folder(os.path.join(RUN, cls.__name__.lower()))
        cls.server = Postgres(home + '/postgres', **cls.server_options(home)).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.remove()

    def server_sql(self, text, database='postgres', arguments=None):
        connection = psycopg2.connect(self.server.dsn(database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, arguments)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def sql(self, text, arguments=None):
        return self.server_sql(text, self.database, arguments)

    def create_database(self):
        self.server_sql('DROP DATABASE IF EXISTS %s' % self.database)
        self.server_sql('CREATE DATABASE %s' % self.database)

    def slot_is_idle(self):
        return not self.server_sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = '%s' AND active" % self.slot)

    def drop_database(self):
        services.wait_until(self.slot_is_idle, 'the slot is idle', 30)
        self.server_sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '%s'" % self.slot)
        self.server_sql('DROP DATABASE IF EXISTS %s WITH (FORCE)' % self.database)

    def config(self, **more):
        return super().config(**{'database_port': str(self.server.port), **more})
