"""TLS to PostgreSQL, by the rules of the JDBC driver: what each mode encrypts and checks, which files are read, what is said when one is
wrong. Certificates are made by the test, the server is a real one."""
import os
import pwd
import shutil
import signal
import socket
import ssl
import struct
import unittest

import psycopg2

import harness
import services
from certificates import Authority
from harness import read_topic, wait_until
from own_server import OwnServerTest

PASSWORD = 'key password'
CONNECTOR = 'io.debezium.connector.postgresql.PostgresConnector'
TRUST_ALL = 'org.postgresql.ssl.NonValidatingFactory'
# Who may come how: the user says it.
RULES = ['hostssl all encrypted all scram-sha-256', 'hostnossl all plain all scram-sha-256', 'hostssl all certified all cert',
         'host all postgres all scram-sha-256']


@unittest.skipUnless(harness.is_millrace(), "the texts and some forms of keys are millrace's")
class PostgresTls(OwnServerTest):
    connector_properties = {'retriable.restart.connector.wait.ms': '500', 'slot.retry.delay.ms': '500'}

    @classmethod
    def server_options(cls, home):
        cls.ca, cls.other_ca = Authority(home + '/ca', 'authority'), Authority(home + '/other', 'another')
        cls.server_certificate = cls.ca.issue('server', 'server', 'DNS:localhost')
        cls.expired_certificate = cls.ca.issue('expired', 'server', 'DNS:localhost', days=-1)
        cls.client, cls.client_key = cls.ca.issue('client', 'certified')
        return dict(hba=RULES, settings=dict(ssl='off', ssl_cert_file='server.crt', ssl_key_file='server.key', ssl_ca_file='authority.crt'))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copy(cls.ca.certificate, cls.server.data)
        cls.serve(*cls.server_certificate)

    @classmethod
    def serve(cls, certificate, key):
        """The server takes this certificate for new connections."""
        owner = pwd.getpwnam(cls.server.user) if cls.server.user else None
        for source, name in ((certificate, 'server.crt'), (key, 'server.key')):
            path = os.path.join(cls.server.data, name)
            shutil.copy(source, path)
            os.chmod(path, 0o600)
            if owner:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        with psycopg2.connect(cls.server.dsn()) as connection:
            before = cls.loaded_at(connection)
        connection.close()
        with open(os.path.join(cls.server.data, 'postgresql.conf'), 'a') as f:
            f.write('ssl = on\n')
        cls.server.send(signal.SIGHUP)

        def loaded():
            with psycopg2.connect(cls.server.dsn()) as other:
                later = cls.loaded_at(other)
            other.close()
            return later > before and certificate_of(cls.server.port) == as_der(certificate)
        wait_until(loaded, 'the server has its certificate', 30)

    @staticmethod
    def loaded_at(connection):
        with connection.cursor() as cursor:
            cursor.execute('SELECT pg_conf_load_time()')
            return cursor.fetchone()[0]

    def setUp(self):
        super().setUp()
        self.sql('CREATE TABLE t (id int PRIMARY KEY, v text)')
        for user in ('encrypted', 'plain', 'certified'):
            if not self.server_sql('SELECT 1 FROM pg_roles WHERE rolname = %s', arguments=(user,)):
                self.server_sql("CREATE ROLE %s SUPERUSER LOGIN REPLICATION PASSWORD 'postgres'" % user)
        self.main = self.worker().start()

    def config(self, user='encrypted', host='localhost', **more):
        return super().config(database_hostname=host, database_user=user, table_include_list='public.t',
                              **{'database_' + name: value for name, value in more.items()})

    def problems(self, **more):
        status, answer = self.main.rest('PUT', '/connector-plugins/PostgresConnector/config/validate', {'name': self.name, **self.config(**more)})
        self.assertEqual(status, 200, answer)
        return [error for entry in answer['configs'] for error in entry['value']['errors']]

    def check(self, words, **more):
        """words: None where it connects, else what the error holds; the connector is then refused too."""
        with self.subTest(**more):
            found = self.problems(**more)
            if words is None:
                self.assertEqual(found, [])
                return
            self.assertEqual(len(found), 1, found)
            for word in words if isinstance(words, (list, tuple)) else [words]:
                self.assertIn(word, found[0])
            self.assertNotIn(PASSWORD, found[0])
            status, answer = self.main.rest('PUT', '/connectors/%s/config' % self.name, self.config(**more))
            self.assertEqual(status, 400, answer)

    def test_tls_modes(self):
        ca, other = self.ca.certificate, self.other_ca.certificate
        self.check('no pg_hba.conf entry', user='encrypted', sslmode='disable')
        for mode in ('allow', 'prefer', 'require'):
            self.check(None, user='encrypted', sslmode=mode)
            self.check(None, user='encrypted', sslmode=mode, sslrootcert=other)      # the driver checks in verify-* only
            self.check(None if mode != 'require' else 'no pg_hba.conf entry', user='plain', sslmode=mode)
        self.check(None, user='plain', sslmode='disable')
        self.check(None, user='plain')                                               # prefer, which falls back
        self.check(None, sslmode='verify-ca', sslrootcert=ca, host='127.0.0.1')
        self.check(None, sslmode='verify-full', sslrootcert=ca)
        self.check(None, sslmode='verify-full', sslrootcert=self.ca.der(ca, 'authority.der'))
        self.check(['does not match host name', 'database.hostname'], sslmode='verify-full', sslrootcert=ca, host='127.0.0.1')
        for mode in ('verify-ca', 'verify-full'):
            self.check(['certificate verify failed', 'database.sslrootcert'], sslmode=mode, sslrootcert=other)
            self.check(['Could not open SSL root certificate file', '/no/such.crt', 'database.sslrootcert'], sslmode=mode, sslrootcert='/no/such.crt')
            self.check(['holds no certificate'], sslmode=mode, sslrootcert=self.ca.path('client.key'))
        self.check('Value must be one of', sslmode='always')

    def test_tls_roots_of_the_home_folder(self):
        home = os.path.join(self.main.home, 'home')
        self.main.kill()
        os.makedirs(home + '/.postgresql')
        previous = os.environ.get('HOME')
        os.environ['HOME'] = home
        try:
            self.main.start()
        finally:
            os.environ.pop('HOME')
            if previous is not None:
                os.environ['HOME'] = previous
        self.check(['Could not open SSL root certificate file %s/.postgresql/root.crt' % home], sslmode='verify-full')
        shutil.copy(self.other_ca.certificate, home + '/.postgresql/root.crt')
        self.check(None, sslmode='require')
        self.check('certificate verify failed', sslmode='verify-full')
        shutil.copy(self.ca.certificate, home + '/.postgresql/root.crt')
        self.check(None, sslmode='verify-full')
        shutil.copy(self.client, home + '/.postgresql/postgresql.crt')
        self.check('postgresql.pk8', user='certified', sslmode='verify-full')
        self.ca.pkcs8(self.client_key, 'home.pk8')
        shutil.copy(self.ca.path('home.pk8'), home + '/.postgresql/postgresql.pk8')
        self.check(None, user='certified', sslmode='verify-full')

    def test_tls_factories(self):
        other = self.other_ca.certificate
        self.check(None, sslmode='verify-ca', sslrootcert=other, sslfactory=TRUST_ALL)
        self.check(None, sslmode='require', sslfactory=TRUST_ALL)
        self.check(None, user='plain', sslmode='disable', sslfactory=TRUST_ALL)
        self.check(None, sslmode='verify-full', sslrootcert=self.ca.certificate, sslfactory='org.postgresql.ssl.LibPQFactory')
        self.check('leave one of them out', sslmode='verify-full', sslfactory=TRUST_ALL)
        self.check('cannot load other Java classes', sslmode='require', sslfactory='org.postgresql.ssl.DefaultJavaSSLFactory')

    def test_tls_client_keys(self):
        ca, certificate, key = self.ca, self.client, self.client_key

        def check(words, **more):
            self.check(words, **{'user': 'certified', 'sslmode': 'verify-full', 'sslrootcert': ca.certificate, 'sslcert': certificate, **more})
        os.chmod(key, 0o644)                           # as a Kubernetes secret is mounted
        check(None, sslkey=key)
        plain, locked = ca.pkcs8(key, 'plain.pk8'), ca.pkcs8(key, 'locked.pk8', PASSWORD)
        check(None, sslkey=plain)
        check(None, sslkey=plain, sslcert=ca.der(certificate, 'client.der'))
        check(None, sslkey=locked, sslpassword=PASSWORD)
        check(None, sslkey=ca.pkcs8(key, 'des.pk8', PASSWORD, ('-v1', 'PBE-MD5-DES')), sslpassword=PASSWORD)     # as the driver's manual has it
        check(None, sslkey=ca.encrypted_pem(key, 'locked.pem', PASSWORD), sslpassword=PASSWORD)
        store = ca.pkcs12(certificate, key, 'client.p12', PASSWORD)
        check(None, sslkey=store, sslcert='', sslpassword=PASSWORD)
        check(None, sslkey=ca.pkcs12(certificate, key, 'old.pfx', PASSWORD, '-legacy'), sslcert='', sslpassword=PASSWORD)
        check(['Could not decrypt SSL key file', 'locked.pk8', 'is not its password'], sslkey=locked, sslpassword='wrong')
        check(['Could not decrypt SSL key file', 'give its password'], sslkey=locked)
        check(['Could not decrypt SSL key file', 'client.p12'], sslkey=store, sslpassword='wrong')
        check(['Could not open SSL key file', '/no/such.pk8', 'database.sslkey'], sslkey='/no/such.pk8')
        check(['Could not open SSL certificate file', '/no/such.crt', 'database.sslcert'], sslkey=plain, sslcert='/no/such.crt')
        check(['holds no private key'], sslkey=certificate)
        check(['is not the key of the first certificate'], sslkey=self.server_certificate[1])
        check(['connection requires a valid client certificate'], sslcert='')
        check(['connection requires a valid client certificate'], sslkey=key, sslmode='require', sslfactory=TRUST_ALL)

    def test_tls_streams_and_fails_when_the_certificate_has_expired(self):
        self.sql("INSERT INTO t VALUES (1, 'read')")
        self.main.create(self.name, self.config(user='certified', sslmode='verify-full', sslrootcert=self.ca.certificate, sslcert=self.client,
                                                sslkey=self.ca.pkcs12(self.client, self.client_key, 'stream.p12', PASSWORD), sslpassword=PASSWORD))
        self.main.wait_running(self.name)
        wait_until(lambda: self.arrived() >= 1, 'the snapshot', 60, alive=self.main.alive)
        self.sql("INSERT INTO t VALUES (2, 'streamed')")
        wait_until(lambda: self.arrived() >= 2, 'a streamed change', 60, alive=self.main.alive)
        sessions = self.server_sql("SELECT a.backend_type, s.ssl, s.client_dn FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'certified'")
        self.assertEqual({kind for kind, _, _ in sessions}, {'client backend', 'walsender'})
        self.assertEqual({(ssl, name) for _, ssl, name in sessions}, {(True, '/CN=certified')})
        try:
            self.serve(*self.expired_certificate)
            self.check('certificate has expired', sslmode='verify-ca', sslrootcert=self.ca.certificate)
            self.check(None, sslmode='require')
            self.server_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'certified'")
            wait_until(lambda: self.main.states(self.name)[1] == ['FAILED'], 'the task fails', 60, alive=self.main.alive)
            trace = self.main.rest('GET', '/connectors/%s/status' % self.name)[1]['tasks'][0]['trace']
            self.assertIn('certificate has expired', trace)
        finally:
            self.serve(*self.server_certificate)
        self.sql("INSERT INTO t VALUES (3, 'after')")
        self.assertEqual(self.main.rest('POST', '/connectors/%s/tasks/0/restart' % self.name)[0], 204)
        wait_until(lambda: self.arrived() >= 3, 'the change after the renewal', 60, alive=self.main.alive)

    def arrived(self):
        return sum(1 for _ in read_topic(self.stack.kafka.bootstrap(), self.name + '.public.t'))

    def test_tls_wanted_from_a_server_without(self):
        port = str(self.stack.postgres.port)
        options = dict(user='postgres', port=port, dbname='postgres', password=self.stack.postgres.password)
        self.check('The server does not support SSL.', sslmode='require', **options)
        for mode in ('disable', 'allow', 'prefer'):
            self.check(None, sslmode=mode, **options)


def as_der(certificate):
    with open(certificate) as f:
        return ssl.PEM_cert_to_DER_cert(f.read())


def certificate_of(port):
    """What the server shows after SSLRequest; none while it has no TLS."""
    with socket.create_connection((services.LOOPBACK, port), timeout=10) as plain:
        plain.sendall(struct.pack('>ii', 8, 80877103))
        if plain.recv(1) != b'S':
            return None
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain) as session:
            return session.getpeercert(binary_form=True)
