"""TLS to MongoDB: PEM files and Java's stores, a client certificate that the server wants, and what is said when a certificate, a name, a
date or a password is wrong. A proxy of the tests ends TLS in front of the server."""
import shutil
import subprocess
import unittest

import harness
from certificates import Authority
from harness import wait_until
from mongo import external_uri
from mongo_harness import MongoTest
from proxy import TlsProxy
from services import free_port, fresh_folder

PASSWORD = 'key password'


@unittest.skipUnless(harness.is_millrace(), "the texts are millrace's, and PEM files too")
@unittest.skipIf(external_uri(), 'the proxy stands in front of a server of its own')
class MongoTls(MongoTest):
    worker_properties = {'offset.flush.interval.ms': 500}
    connector_properties = {'retriable.restart.connector.wait.ms': 500, 'mongodb.server.selection.timeout.ms': 1000}

    @classmethod
    def setUpClass(cls):
        home = fresh_folder(harness.RUN + '/mongo-tls')
        cls.ca, cls.other_ca = Authority(home + '/ca', 'authority'), Authority(home + '/other', 'another')
        names = 'DNS:localhost,IP:127.0.0.1'
        cls.server_certificate = cls.ca.issue('server', 'server', names)
        cls.expired_certificate = cls.ca.issue('expired', 'server', names, days=-1)
        cls.elsewhere = cls.ca.issue('elsewhere', 'server', 'DNS:mongo.example.org')
        cls.client_certificate, cls.client_key = cls.ca.issue('client', 'certified')

    def setUp(self):
        super().setUp()
        self.proxy = TlsProxy(free_port(), self.mongo.port)
        self.addCleanup(self.proxy.close)
        self.proxy.serve(*self.server_certificate)
        self.main = self.worker().start()

    def config(self, uri='', port=None, **more):
        """Options of mongodb.ssl.*; a set that is reached through a proxy is reached directly."""
        string = 'mongodb://127.0.0.1:%d/?directConnection=true&replicaSet=%s%s' % (port or self.proxy.port, self.mongo.replica_set, uri)
        options = {'mongodb_ssl_' + name: value for name, value in {'enabled': 'true', **more}.items()}
        return super().config(mongodb_connection_string=string, **options)

    def check(self, words, **more):
        """words: None where it connects, else what the error holds."""
        with self.subTest(**more):
            status, answer = self.main.rest('PUT', '/connector-plugins/MongoDbConnector/config/validate', {'name': self.name, **self.config(**more)})
            self.assertEqual(status, 200, answer)
            found = [error for entry in answer['configs'] for error in entry['value']['errors']]
            self.assertNotIn(PASSWORD, str(found))
            if words is None:
                self.assertEqual(found, [])
                return
            self.assertEqual(len(found), 1, found)
            for word in words if isinstance(words, (list, tuple)) else [words]:
                self.assertIn(word, found[0])

    def trust_store(self, kind, authority):
        """Java's own, made by keytool."""
        path = authority.path('trust.' + kind)
        if not shutil.which('keytool'):
            self.skipTest('keytool of a JDK is needed')
        done = subprocess.run(['keytool', '-importcert', '-noprompt', '-alias', 'ca', '-file', authority.certificate, '-keystore', path, '-storetype', kind,
                               '-storepass', PASSWORD], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return path

    def test_mongo_tls_authorities(self):
        ca = self.ca.certificate
        self.check(None, truststore=ca)
        self.check(None, truststore=ca, truststore_type='PEM')
        self.check(None, uri='&tlsCAFile=' + ca)
        self.check(['certificate verify failed', 'mongodb.ssl.truststore'])
        self.check(['certificate verify failed', 'mongodb.ssl.truststore'], truststore=self.other_ca.certificate)
        self.check(['there is no such file', '/no/such.pem'], truststore='/no/such.pem')
        self.check('it holds no certificate', truststore=self.ca.path('client.key'))
        self.proxy.serve(*self.elsewhere)
        self.check(['IP address mismatch', 'mongodb.ssl.invalid.hostname.allowed=true'], truststore=ca)
        self.check(None, truststore=ca, invalid_hostname_allowed='true')
        self.check('certificate verify failed', truststore=self.other_ca.certificate, invalid_hostname_allowed='true')
        self.proxy.serve(*self.expired_certificate)
        self.check(['certificate has expired (/CN=server)'], truststore=ca)

    def test_mongo_tls_java_stores(self):
        for kind in ('PKCS12', 'JKS'):
            store = self.trust_store(kind, self.ca)
            self.check(None, truststore=store, truststore_type=kind, truststore_password=PASSWORD)
            self.check('mongodb.ssl.truststore.password does not open it', truststore=store, truststore_type=kind, truststore_password='wrong')
            self.check('certificate verify failed', truststore=self.trust_store(kind, self.other_ca), truststore_type=kind, truststore_password=PASSWORD)

    def test_mongo_tls_client_certificates(self):
        ca, certificate, key = self.ca, self.client_certificate, self.client_key
        self.proxy.serve(*self.server_certificate, clients_of=ca.certificate)

        def check(words, **more):
            self.check(words, **{'truststore': ca.certificate, **more})
        store = ca.pkcs12(certificate, key, 'client.p12', PASSWORD)
        check(None, keystore=store, keystore_password=PASSWORD)
        check(None, keystore=ca.pkcs12(certificate, key, 'old.p12', PASSWORD, '-legacy'), keystore_password=PASSWORD)
        check(None, keystore=self.joined('client.pem', certificate, key), keystore_type='PEM')
        check(None, keystore=self.joined('locked.pem', certificate, ca.encrypted_pem(key, 'locked.key', PASSWORD)), keystore_password=PASSWORD)
        self.assertEqual(self.proxy.subjects, {'certified'})
        check('mongodb.ssl.keystore.password does not open it', keystore=store, keystore_password='wrong')
        check(['certificate required', 'mongodb.ssl.keystore'])
        self.other_ca.issue('stranger', 'certified')
        stranger = self.other_ca.pkcs12(self.other_ca.path('stranger.crt'), self.other_ca.path('stranger.key'), 'stranger.p12', PASSWORD)
        check(['unknown ca', 'mongodb.ssl.keystore'], keystore=stranger, keystore_password=PASSWORD)

    def joined(self, name, *paths):
        with open(self.ca.path(name), 'w') as out:
            for path in paths:
                with open(path) as part:
                    out.write(part.read())
        return self.ca.path(name)

    def test_mongo_tls_wanted_from_a_server_without(self):
        self.check('that both sides agree on TLS', port=self.mongo.port)     # it ends the connection without a word

    def test_mongo_tls_streams_and_fails_when_the_certificate_has_expired(self):
        self.proxy.serve(*self.server_certificate, clients_of=self.ca.certificate)
        store = self.ca.pkcs12(self.client_certificate, self.client_key, 'stream.p12', PASSWORD)
        self.start_streaming(self.main, 10, truststore=self.ca.certificate, keystore=store, keystore_password=PASSWORD)
        self.collection.insert_one({'_id': 1001, 'seq': 1})
        wait_until(lambda: self.count() >= 11, 'a streamed change', 60, alive=self.main.alive)
        self.proxy.serve(*self.expired_certificate, clients_of=self.ca.certificate)
        self.proxy.drop()
        wait_until(lambda: self.main.states(self.name)[1] == ['FAILED'], 'the task fails', 60, alive=self.main.alive)
        trace = self.main.rest('GET', '/connectors/%s/status' % self.name)[1]['tasks'][0]['trace']
        self.assertIn('certificate has expired (/CN=server)', trace)
        self.assertNotIn(PASSWORD, trace)
        self.collection.insert_one({'_id': 1002, 'seq': 1})
        self.proxy.serve(*self.server_certificate, clients_of=self.ca.certificate)
        self.assertEqual(self.main.rest('POST', '/connectors/%s/tasks/0/restart' % self.name)[0], 204)
        wait_until(lambda: self.count() >= 12, 'the change after the renewal', 60, alive=self.main.alive)
