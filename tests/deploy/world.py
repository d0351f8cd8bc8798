"""The servers beside the Connect pod, once per run: PostgreSQL, Kafka and MongoDB on the ports and with the passwords that
the files in infrastructure/ say. They are what this machine has, not the versions of the images."""
import atexit
import json
import os
import re
import subprocess
import sys
import time

import services
import pymongo
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from mongo import Mongo
from resources import ROOT, Resources
from services import CACHE, HERE as SERVICES, JAVA, LOOPBACK, Kafka, Postgres, wait_until

# Of Kafka: where clients log in, as the user connect.
USERS_PORT, USERS_PASSWORD = 9094, 'pass = word; # of Kafka'
RUN = os.path.join(os.environ.get('MILLRACE_RUN', os.path.join(ROOT, '.run', 'test')), 'deploy')


def fresh_home():
    return services.fresh_folder(RUN)


def say(text):
    print('    %s' % text, flush=True)


def kafka_with_users(home):
    """A broker with a second listener whose clients log in by PLAIN or SCRAM."""
    kafka = Kafka(home, port=9092)
    clients = 'PLAIN://%s:%d,USERS://%s:%d' % (LOOPBACK, kafka.port, LOOPBACK, USERS_PORT)
    kafka.settings = {
        'listeners': '%s,CONTROLLER://%s:%d' % (clients, LOOPBACK, kafka.controller_port), 'advertised.listeners': clients,
        'listener.security.protocol.map': 'PLAIN:PLAINTEXT,USERS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT', 'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
        'listener.name.users.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        'listener.name.users.plain.sasl.jaas.config':
            'org.apache.kafka.common.security.plain.PlainLoginModule required user_connect="%s";' % USERS_PASSWORD}
    return kafka


class World:
    _one = None

    @classmethod
    def get(cls):
        if cls._one is None:
            cls._one = cls()
            atexit.register(cls._one.close)
        return cls._one

    def __init__(self):
        self.resources = Resources.get()
        password = self.resources.secret('postgres-auth', 'database')['password']
        self.postgres = Postgres(RUN + '/postgres', port=5432, password=password)
        self.kafka = kafka_with_users(RUN + '/kafka')
        self.postgres.start()
        self.kafka.start()
        self.add_scram_user()
        self.mongo = Mongo(RUN + '/mongo', port=27017)
        self.mongo.start()

    def close(self):
        services.stop_below(RUN)
        if os.environ.get('MILLRACE_KEEP') != '1':
            self.kafka.remove()
            self.postgres.remove()
            self.mongo.remove()

    # -- PostgreSQL, as with psql in its pod ------------------------------------------------------------------------

    def psql(self):
        """(command, environment) of psql as user postgres."""
        return ['psql', '-X', '-h', LOOPBACK, '-p', str(self.postgres.port)], {'PGPASSWORD': self.postgres.password}

    def sql(self, text):
        command, environment = self.psql()
        done = subprocess.run([*command, '-U', 'postgres', '-At', '-v', 'ON_ERROR_STOP=1', '-c', text], env={**os.environ, **environment},
                              capture_output=True, text=True)
        if done.returncode:
            raise services.ServiceError('psql: ' + done.stderr)
        return done.stdout.strip()

    def seed_postgres(self):
        with open(os.path.join(ROOT, 'scripts', 'seed_postgres.sql')) as f:
            self.sql(f.read())

    def drop_slot(self, name='debezium'):
        """After a connector is gone its slot stays; the next test begins without one."""
        wait_until(lambda: not self.sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = '%s' AND active" % name), 'the slot is idle', 30)
        self.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '%s'" % name)

    # -- MongoDB, without a login: the server of this machine asks for none, but checks those that are given ------------

    def mongo_client(self):
        return pymongo.MongoClient('mongodb://localhost:27017/?directConnection=true')

    def seed_mongo(self):
        """The user of the connector and the documents of the seed, and nothing else."""
        self.clear_mongo()
        with self.mongo_client() as client:
            client.admin.command('createUser', 'root', pwd=self.resources.secret('mongo-auth', 'kafka')['password'], roles=[{'role': 'root', 'db': 'admin'}])
        subprocess.run([sys.executable, os.path.join(ROOT, 'scripts', 'load_seed.py'), 'mongodb://localhost:27017/?directConnection=true',
                        os.path.join(ROOT, 'scripts', 'seed_mongo.js')], check=True, capture_output=True)

    def clear_mongo(self):
        with self.mongo_client() as client:
            client.drop_database('commerce')
            if client.admin.command('usersInfo', 'root')['users']:
                client.admin.command('dropUser', 'root')

    # -- Kafka ----------------------------------------------------------------------------------------------------------

    def tool(self, main, *arguments):
        """Command line of one of Kafka's own tools."""
        return [JAVA, '-Xmx128m', '-XX:+UseSerialGC', '-Dlog4j2.configurationFile=' + os.path.join(SERVICES, 'log4j2.xml'),
                '-cp', os.path.join(CACHE, 'libs') + '/*', main, *arguments]

    def add_scram_user(self):
        """As Strimzi's user operator does it for a KafkaUser of type scram-sha-512."""
        admin = AdminClient({'bootstrap.servers': self.kafka.bootstrap(), 'log_level': 0})
        wanted = UserScramCredentialUpsertion('connect', ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), USERS_PASSWORD.encode())
        for future in admin.alter_user_scram_credentials([wanted]).values():
            future.result(30)

    def records(self, topic, count, seconds=30):
        """The first records of a topic: [(key, value)], None for a tombstone; waits until there are so many."""
        consumer = Consumer({'bootstrap.servers': self.kafka.bootstrap(), 'group.id': 'records', 'enable.auto.commit': False, 'log_level': 0})
        end, rows = time.monotonic() + seconds, []
        try:
            consumer.assign([TopicPartition(topic, 0, 0)])
            while len(rows) < count:
                message = consumer.poll(0.5)
                if message is not None and not message.error():      # a tombstone is false
                    rows.append([text and json.loads(text) for text in (message.key(), message.value())])
                elif time.monotonic() > end:
                    raise services.ServiceError('%d instead of %d records in %s' % (len(rows), count, topic))
        finally:
            consumer.close()
        return [tuple(row) for row in rows]

    def delete_topics(self, expression):
        """Those whose whole name the expression fits; returns when the broker does not list them any more."""
        admin = AdminClient({'bootstrap.servers': self.kafka.bootstrap(), 'log_level': 0})
        present = lambda: [name for name in admin.list_topics(timeout=30).topics if re.fullmatch(expression, name)]
        names = present()
        if names:
            for future in admin.delete_topics(names).values():
                future.result(30)
            wait_until(lambda: not present(), 'the topics %s are gone' % names, 30)
