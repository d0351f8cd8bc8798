"""What the system tests share: one PostgreSQL and one broker per run, a worker per test, a load that keeps its own
truth, and the ledger that compares it with what Kafka has.

The worker under test is any command with Kafka Connect's files and REST: MILLRACE_WORKER (default
build/release/millrace distributed; tests/services/connect-peer is the real one)."""
import atexit
import json
import os
import random
import signal
import sys
import threading
import time
import unittest
from collections import defaultdict

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'services'))

import psycopg2
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import services
from proxy import Proxy
from services import Kafka, Postgres, Worker, free_port, wait_until

RUN = os.environ.get('MILLRACE_RUN', os.path.join(ROOT, '.run', 'test'))
LONG = os.environ.get('MILLRACE_LONG') == '1'
PEER = os.path.join(ROOT, 'tests', 'services', 'connect-peer')
QUIET = {'log_level': 0}         # the servers are stopped on purpose here: librdkafka need not tell
SEED = int(os.environ.get('MILLRACE_SEED') or random.SystemRandom().randrange(1 << 30))


def worker_command():
    return os.environ.get('MILLRACE_WORKER') or os.path.join(ROOT, 'build', 'release', 'millrace') + ' distributed'


def is_millrace():
    return 'connect-peer' not in worker_command()


def fresh_home(name):
    return services.fresh_folder(os.path.join(RUN, name))


def say(text):
    print('    %s' % text, flush=True)


# -- the servers, once per run ----------------------------------------------------------------------------------

class Stack:
    """One PostgreSQL and one broker; the broker has a second listener whose clients come through a proxy."""

    _one = None

    @classmethod
    def get(cls):
        if cls._one is None:
            cls._one = cls()
            atexit.register(cls._one.close)
        return cls._one

    def __init__(self):
        self.home = fresh_home('system')
        say('seed %d (MILLRACE_SEED)' % SEED)
        self.postgres = Postgres(self.home + '/postgres')
        self.kafka = Kafka(self.home + '/kafka', proxied=(free_port(), free_port()),
                           settings={'log.segment.bytes': 64 << 20, 'log.retention.check.interval.ms': 2000})
        self.postgres.start()
        self.kafka.start()
        self.admin = AdminClient({**QUIET, 'bootstrap.servers': self.kafka.bootstrap()})

    def close(self):
        services.stop_below(self.home)
        if os.environ.get('MILLRACE_KEEP') != '1':
            self.kafka.remove()
            self.postgres.remove()

    def sql(self, text, database='postgres', arguments=None):
        connection = psycopg2.connect(self.postgres.dsn(database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, arguments)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def create_topic(self, name, partitions=1, **config):
        for future in self.admin.create_topics([NewTopic(name, partitions, 1, config={k.replace('_', '.'): str(v) for k, v in config.items()})]).values():
            future.result(30)


class SystemTest(unittest.TestCase):
    """A database, a worker and a connector of its own for each test; all are gone after it."""

    partitions = 3
    worker_properties = {}
    connector_properties = {}

    def setUp(self):
        self.began = time.monotonic()
        self.stack = Stack.get()
        self.random = random.Random(SEED)
        self.name = self.id().split('.')[-1].removeprefix('test_')
        self.database = self.name[:50]
        self.slot = 'slot_' + self.name[:50]
        self.topic = self.name + '.public.ledger'
        self.create_database()
        if self.partitions:
            self.stack.create_topic(self.topic, self.partitions)
        self.workers = []
        self.loads = []
        self.proxies = []

    def create_database(self):
        self.stack.sql('DROP DATABASE IF EXISTS %s' % self.database)
        self.stack.sql('CREATE DATABASE %s' % self.database)

    def drop_database(self):
        wait_until(self.slot_is_idle, 'the slot is idle', 30)
        self.stack.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '%s'" % self.slot)
        self.stack.sql('DROP DATABASE IF EXISTS %s WITH (FORCE)' % self.database)

    def tearDown(self):
        for load in self.loads:
            load.abort()
        for proxy in self.proxies:
            proxy.close()
        for worker in self.workers:
            if worker.alive():
                worker.thaw()
            worker.kill()
        self.drop_database()
        topics = [t for t in self.stack.admin.list_topics(timeout=30).topics if t.startswith(self.name + '.') or t.startswith(self.name + '-')]
        if topics:
            for future in self.stack.admin.delete_topics(topics).values():
                future.result(30)
        say('%.1f s' % (time.monotonic() - self.began))

    def slot_is_idle(self):
        return not self.stack.sql("SELECT 1 FROM pg_replication_slots WHERE slot_name = '%s' AND active" % self.slot)

    def sql(self, text, arguments=None):
        return self.stack.sql(text, self.database, arguments)

    def worker(self, command=None, bootstrap=None, name='worker', port=None):
        worker = Worker(os.path.join(self.stack.home, self.name), command or worker_command(), bootstrap or self.stack.kafka.bootstrap(), self.name,
                        port=port, properties=self.worker_properties, name=name)
        self.workers.append(worker)
        return worker

    def config(self, **more):
        config = {
            'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'database.hostname': '127.0.0.1',
            'database.port': str(self.stack.postgres.port), 'database.user': 'postgres', 'database.password': self.stack.postgres.password,
            'database.dbname': self.database, 'topic.prefix': self.name, 'table.include.list': 'public.ledger', 'plugin.name': 'pgoutput',
            'slot.name': self.slot,
        }
        config.update(self.connector_properties)
        config.update({k.replace('_', '.'): v for k, v in more.items()})
        return config

    def durable(self):
        """The connector's last stored offset, None without one."""
        found = None
        for m in read_topic(self.stack.kafka.bootstrap(), self.name + '-offsets'):
            if m.key() and m.key().startswith(b'["%s",' % self.name.encode()):
                found = json.loads(m.value()) if m.value() is not None else None
        return found

    def ends(self):
        """End offset of each partition of the data topic, when nothing is on its way any more."""
        return settled_ends(self.stack.kafka.bootstrap(), self.topic)

    def count(self):
        return sum(end_offsets(self.stack.kafka.bootstrap(), self.topic).values())

    def ledger(self):
        return Ledger(self.stack.kafka.bootstrap(), self.topic)


# -- Kafka --------------------------------------------------------------------------------------------------------

_consumers = {}


def metadata_consumer(bootstrap):
    if bootstrap not in _consumers:
        _consumers[bootstrap] = Consumer({**QUIET, 'bootstrap.servers': bootstrap, 'group.id': 'ends', 'enable.auto.commit': False})
    return _consumers[bootstrap]


def end_offsets(bootstrap, topic, seconds=60):
    """End offset of each partition; a broker that has just come back may need a moment to lead them again."""
    consumer = metadata_consumer(bootstrap)
    end = time.monotonic() + seconds
    while True:
        try:
            found = consumer.list_topics(topic, timeout=10).topics.get(topic)
            if found is None or found.error:
                return {}
            return {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1] for p in found.partitions}
        except KafkaException:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def settled_ends(bootstrap, topic):
    """A killed producer's last request may still be in the broker's hands: two readings must agree."""
    last = None
    while True:
        now = end_offsets(bootstrap, topic)
        if now == last:
            return now
        last = now
        time.sleep(0.2)


def read_topic(bootstrap, topic):
    """Every record up to the present end, partition by partition in order."""
    ends = end_offsets(bootstrap, topic)
    consumer = Consumer({**QUIET, 'bootstrap.servers': bootstrap, 'group.id': 'reader', 'enable.auto.commit': False, 'enable.partition.eof': True,
                         'auto.offset.reset': 'earliest', 'fetch.wait.max.ms': 10})
    try:
        for partition, end in ends.items():
            consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
            done = end == 0
            while not done:
                for m in consumer.consume(5000, 5):
                    if m.error():
                        if m.error().code() == KafkaError._PARTITION_EOF:
                            done = True
                            continue
                        raise RuntimeError(m.error().str())
                    if m.offset() < end:
                        yield m
                    if m.offset() >= end - 1:
                        done = True
    finally:
        consumer.close()


class Progress:
    """Reads a topic on and on; knows the newest state of each key."""

    def __init__(self, bootstrap, topic):
        self.bootstrap, self.topic = bootstrap, topic
        self.consumer = Consumer({**QUIET, 'bootstrap.servers': bootstrap, 'group.id': 'progress', 'enable.auto.commit': False,
                                  'auto.offset.reset': 'earliest', 'fetch.wait.max.ms': 50})
        self.known, self.state = set(), {}

    def read(self):
        """How many records came."""
        new = [TopicPartition(self.topic, p, OFFSET_BEGINNING) for p in end_offsets(self.bootstrap, self.topic) if p not in self.known]
        if new:
            self.known |= {t.partition for t in new}
            self.consumer.incremental_assign(new)
        if not self.known:
            time.sleep(0.1)
            return 0
        count = 0
        for m in self.consumer.consume(10000, 0.3):
            if m.error():
                continue
            count += 1
            self.take(m)
        return count

    def take(self, m):
        key = json.loads(m.key())['id']
        if m.value() is None:
            self.state[key] = 'gone'
        else:
            after = json.loads(m.value())['after']
            self.state[key] = max(self.state.get(key) or 0, after['seq']) if after and self.state.get(key) != 'gone' else self.state.get(key)

    def missing(self, journal, unseen=False):
        return [key for key, (seq, gone) in journal.items()
                if self.state.get(key) != ('gone' if gone else seq) and not (unseen and gone and key not in self.state)]

    def close(self):
        self.consumer.close()


def wait_for_last_events(journal, progress, stall_seconds, unseen):
    """Reads on until the last event of every key has come; gives up when nothing at all comes any more."""
    moved = time.monotonic()
    try:
        while True:
            if progress.read():
                moved = time.monotonic()
            missing = progress.missing(journal, unseen)
            if not missing:
                return
            if time.monotonic() - moved > stall_seconds:
                raise services.ServiceError('nothing comes any more, but the last events of %d keys are missing, as of %s' % (len(missing), missing[:5]))
    finally:
        progress.close()


# -- the load and its truth ---------------------------------------------------------------------------------------

LEDGER_TABLES = '''
CREATE TABLE ledger (id bigint PRIMARY KEY, seq bigint NOT NULL, pad text);
CREATE TABLE journal (id bigint PRIMARY KEY, seq bigint NOT NULL, gone boolean NOT NULL);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op = 'DELETE' THEN UPDATE journal SET gone = true WHERE id = old.id;
  ELSE INSERT INTO journal VALUES (new.id, new.seq, false) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION note();
'''


class Load:
    """Writers that insert, update and delete rows of `ledger`. Each change of a row raises its seq by one, a deleted row
    does not come back, and a trigger notes in `journal`, in the same transaction, how far each row has come: that is
    the truth also when a commit's answer was lost."""

    def __init__(self, test, writers=2, pause=0.0, copies=False):
        self.test, self.pause, self.copies = test, pause, copies
        self.stopping = threading.Event()
        self.commits = 0
        self.threads = [threading.Thread(target=self.write, args=(n,), daemon=True) for n in range(writers)]
        test.loads.append(self)

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            if thread.is_alive():
                raise RuntimeError('a writer hangs')

    def abort(self):
        self.stopping.set()
        for thread in self.threads:
            if thread.ident:
                thread.join(60)

    def wait_commits(self, more):
        goal = self.commits + more
        wait_until(lambda: self.commits >= goal, '%d commits more of the load' % more, 120, every=0.005)

    def write(self, number):
        choose = random.Random(SEED + number)
        next_id = (number + 1) * 10_000_000
        mine = []
        connection = None
        while not self.stopping.is_set():
            try:
                if connection is None:
                    connection = psycopg2.connect(self.test.stack.postgres.dsn(self.test.database), connect_timeout=5)
                    with connection.cursor() as cursor:      # what an unknown commit really did
                        cursor.execute('SELECT id FROM ledger WHERE id >= %s AND id < %s', ((number + 1) * 10_000_000, (number + 2) * 10_000_000))
                        mine = [r[0] for r in cursor]
                        cursor.execute('SELECT coalesce(max(id) + 1, %s) FROM journal WHERE id >= %s AND id < %s',
                                       (next_id, (number + 1) * 10_000_000, (number + 2) * 10_000_000))
                        next_id = cursor.fetchone()[0]
                with connection.cursor() as cursor:
                    rows = choose.randint(1, 12)
                    cursor.execute('INSERT INTO ledger SELECT i, 1, repeat(chr(97 + (i %% 26)::int), %s) FROM generate_series(%s, %s) i',
                                   (choose.randint(0, 200), next_id, next_id + rows - 1))
                    if self.copies and choose.random() < 0.3:      # the rows of one COPY share an LSN
                        cursor.execute('SET LOCAL session_replication_role = DEFAULT')
                        self.copy(cursor, next_id + rows, 8)
                        rows += 8
                    changed = choose.sample(mine, min(len(mine), choose.randint(1, 12)))
                    if changed:
                        cursor.execute('UPDATE ledger SET seq = seq + 1 WHERE id = ANY(%s)', (changed,))
                        if choose.random() < 0.3:
                            cursor.execute('UPDATE ledger SET seq = seq + 1, pad = %s WHERE id = %s', ('ü' * choose.randint(0, 50), changed[0]))
                    gone = [changed.pop() for _ in range(min(len(changed), choose.randint(0, 2)))]
                    if gone:
                        cursor.execute('DELETE FROM ledger WHERE id = ANY(%s)', (gone,))
                if choose.random() < 0.05:
                    connection.rollback()
                    continue
                connection.commit()
                self.commits += 1
                mine += range(next_id, next_id + rows)
                next_id += rows
                if gone:
                    gone = set(gone)
                    mine = [i for i in mine if i not in gone]
                if len(mine) > 3000:
                    mine = mine[1000:]
                if self.pause:
                    self.stopping.wait(self.pause)
            except psycopg2.Error:
                if connection is not None:
                    connection.close()
                connection = None
                self.stopping.wait(0.2)
        if connection is not None:
            connection.close()

    @staticmethod
    def copy(cursor, first, rows):
        import io
        cursor.copy_expert('COPY ledger FROM STDIN', io.StringIO(''.join('%d\t1\tcopied\n' % (first + n) for n in range(rows))))


# -- the ledger -----------------------------------------------------------------------------------------------------

class Border:
    """The end of one life of the worker: where its records end, and what it had stored by then."""

    def __init__(self, test, graceful=False):
        self.ends, self.durable, self.graceful = test.ends(), test.durable(), graceful

    def transaction(self):
        return (self.durable or {}).get('txId')

    def text(self):
        return {k: v for k, v in (self.durable or {}).items() if k in ('lsn', 'snapshot', 'last_snapshot_record')}

    def stored(self):
        """What the worker goes on from, for a reader; None: no position."""
        return self.lsn()

    def lsn(self):
        """Position up to which nothing may be repeated; None while the snapshot was not complete."""
        d = self.durable
        if not d or (d.get('snapshot') and not d.get('last_snapshot_record')):
            return None
        return d.get('lsn')

    def after_snapshot(self):
        """The stored position is the snapshot's own: no event that was streamed is stored yet."""
        return bool(self.durable and self.durable.get('last_snapshot_record'))

    def commit(self):
        """End of the last transaction before the one in which the stored position lies."""
        return (self.durable or {}).get('lsn_commit') or 0


class Ledger:
    """Compares the topic with the journal, key by key. An event's number is the row's seq; a delete is one more than
    the last seq, its tombstone two more. In one life of the worker the numbers of a key rise by one; at a border they
    may go back, but only to events that the stored offset does not cover."""

    def __init__(self, bootstrap, topic):
        self.bootstrap, self.topic = bootstrap, topic

    @staticmethod
    def last(entry):
        return entry[0] + 2 if entry[1] else entry[0]

    @staticmethod
    def number(m, entry):
        """(number, source, operation)"""
        if m.value() is None:
            return (entry[0] + 2 if entry else -1), None, 'tombstone'
        event = json.loads(m.value())
        if 'payload' in event and 'schema' in event:
            event = event['payload']
        if event['op'] == 'd':
            return (entry[0] + 1 if entry else -1), event['source'], 'd'
        return event['after']['seq'], event['source'], event['op']

    def check(self, journal, borders=(), strict_tombstones=True, tolerate_repeats=False, whole_transaction=False, unseen=False):
        """Gives (faults, repeats, records). tolerate_repeats: a key may go back at any time, but never skip.
        whole_transaction: the transaction in which the stored offset lies may be repeated from its start (Debezium does so).
        unseen: a row that came and went before the snapshot need not be there; and after a kill in a snapshot the changes
        since the slot's position come before the new snapshot, so a key that the first one had not come to begins with one."""
        faults, repeats, records = [], 0, 0
        highest, previous = {}, {}
        sharing = defaultdict(set)      # lsn -> events that have it
        equal = []                      # repeats with the LSN of the border
        below = []                      # repeats with an LSN below the border's
        commits = defaultdict(int)      # event -> end of the last transaction before its own
        deleted_lsn, transactions = {}, {}
        note = lambda text: faults.append(text) if len(faults) < 30 else None
        for m in read_topic(self.bootstrap, self.topic):
            records += 1
            key = json.loads(m.key())['id']
            entry = journal.get(key)
            if entry is None:
                note('key %d is not in the database' % key)
                continue
            number, source, op = self.number(m, entry)
            lsn = source['lsn'] if source else deleted_lsn.get(key)
            if op == 'd':
                deleted_lsn[key] = lsn
            if source:
                transactions[lsn] = source['txId']
                commits[key, number] = max(commits[key, number], int(json.loads(source.get('sequence') or '[null]')[0] or 0))
            where = 'key %d, event %s/%s at %d:%d, lsn %s' % (key, number, op, m.partition(), m.offset(), lsn)
            if number > self.last(entry) or number < 1:
                note('%s: the database only has %d%s' % (where, entry[0], ' and deleted' if entry[1] else ''))
            life = sum(1 for b in borders if m.offset() >= b.ends.get(m.partition(), 0))
            if op != 'r':
                sharing[lsn].add((key, number))
            before = previous.get(key)
            if before is None:
                if op != 'r' and number != 1 and not (unseen and life > 0):
                    note('%s: the first event of the key, those before are lost' % where)
            elif before[1] == life and number != before[0] + 1 and op != 'r' and not (tolerate_repeats and number <= highest[key]):
                note('%s: follows event %d in one life of the worker' % (where, before[0]))
            elif number > highest[key] + 1 and op != 'r':
                note('%s: events after %d are lost' % (where, highest[key]))
            if before is not None and number <= highest[key]:
                repeats += 1
                border = borders[life - 1] if life else None
                if tolerate_repeats:
                    pass
                elif border is None:
                    note('%s: repeated without a restart' % where)
                elif border.lsn() is not None:
                    if whole_transaction and transactions.get(lsn) == border.transaction():
                        pass
                    elif border.after_snapshot():
                        if op == 'r':
                            note('%s: read again although the snapshot was complete' % where)
                    elif lsn is not None and lsn < border.lsn():
                        below.append((where, key, number, op, border))
                    elif lsn == border.lsn():
                        equal.append((where, lsn))
            previous[key] = (number, life)
            highest[key] = max(highest.get(key, 0), number)
        # Transactions that ran at the same time come in the order of their commits, so an LSN below the stored one may
        # belong to a later transaction: only one that follows the same commit, or an earlier one, is stored.
        for where, key, number, op, border in below:
            if commits[key, number - 1 if op == 'tombstone' else number] <= border.commit():
                note('%s: repeated although %d was stored' % (where, border.lsn()))
        for where, lsn in equal:
            if len(sharing[lsn]) == 1:
                note('%s: repeated although it was stored' % where)
        for key, entry in journal.items():
            goal = self.last(entry)
            if key not in highest:
                if not (unseen and entry[1]):
                    note('key %d (seq %d): nothing came' % (key, entry[0]))
            elif highest[key] != goal and (strict_tombstones or highest[key] != goal - 1 or not entry[1]):
                note('key %d: the last event is %d, the database has %d' % (key, highest[key], goal))
        return faults, repeats, records


class LedgerTest(SystemTest):
    """A test whose load is judged by the ledger."""

    snapshot_under_load = False

    def setUp(self):
        super().setUp()
        self.sql(LEDGER_TABLES)
        self.borders = []

    def fill(self, rows):
        """Rows for the snapshot, with keys below those of the load."""
        self.sql('INSERT INTO ledger SELECT i, 1, repeat(chr(97 + i %% 26), 100) FROM generate_series(1, %d) i' % rows)

    def journal(self):
        return {key: (seq, gone) for key, seq, gone in self.sql('SELECT id, seq, gone FROM journal')}

    def border(self, graceful=False):
        self.borders.append(Border(self, graceful))
        return self.borders[-1]

    def wait_drained(self, stall_seconds=90):
        """Waits until the last event of every key is in the topic; gives up when nothing at all comes any more."""
        journal = self.journal()
        wait_for_last_events(journal, Progress(self.stack.kafka.bootstrap(), self.topic), stall_seconds, self.snapshot_under_load)

    def assert_ledger(self, expect_repeats=None, strict_tombstones=True, tolerate_repeats=False):
        faults, repeats, records = self.ledger().check(self.journal(), self.borders, strict_tombstones, tolerate_repeats, whole_transaction=not is_millrace(), unseen=self.snapshot_under_load)
        say('%d records, %d repeated, %d lives' % (records, repeats, len(self.borders) + 1))
        self.assertFalse(faults, '\n' + '\n'.join(faults))
        if expect_repeats is not None:
            self.assertEqual(repeats, expect_repeats, 'repeated records')
        return repeats


# -- courses that the tests of both databases take ------------------------------------------------------------------

class Kills:
    """SIGKILL at random points."""

    def kill_after(self, worker, records, seconds=60):
        """SIGKILL at a random moment after that many more records are in the topic."""
        goal = self.count() + records
        wait_until(lambda: self.count() >= goal, '%d more records' % records, seconds, every=0.002, alive=worker.alive)
        time.sleep(self.random.uniform(0, 0.02))
        worker.kill()
        border = self.border()
        say('killed at %d records; stored: %s' % (sum(border.ends.values()), border.text()))

    def kill_while_streaming(self, worker, load, kills):
        for _ in range(kills):
            self.kill_after(worker, self.random.randint(1, 3000))
            worker.start()
            worker.wait_running(self.name)
        self.end_load(load, 50)

    def kill_in_snapshots(self, kills, rows, load_of):
        """Four kills at most in one snapshot, then another one. load_of: makes the load that goes on meanwhile."""
        self.snapshot_under_load = True
        for number in range((kills + 3) // 4):
            if number:
                self.tearDown()
                self.setUp()
            self.fill(rows)
            worker = self.worker().start()
            worker.create(self.name, self.config())
            load = load_of().start()
            for _ in range(min(4, kills)):
                kills -= 1
                self.kill_after(worker, self.random.randint(1, rows * 9 // 10), 120)
                worker.start()
            worker.wait_running(self.name)
            self.end_load(load, 20)

    def end_load(self, load, commits):
        load.wait_commits(commits)
        load.stop()
        self.wait_drained()
        self.assert_ledger()


class Relay:
    """Workers that take over from each other."""

    def run_on(self, worker, more):
        goal = self.count() + more
        wait_until(lambda: self.count() >= goal, '%d records of %s' % (more, worker.name), 120, alive=worker.alive)

    def stop(self, worker):
        before = self.count()
        worker.send(signal.SIGTERM)
        worker.wait_end(60)
        border = self.border(graceful=True)
        say('%s stopped at %d records (%d while stopping), stored %s' % (worker.name, sum(border.ends.values()), sum(border.ends.values()) - before, border.stored()))
        self.assertIsNotNone(border.stored(), 'no position was stored')

    def pass_on(self, real, ours, back, load, more):
        """From a running real worker to ours and to another real one, under load."""
        self.run_on(real, more)
        self.stop(real)
        before = ours.start() and ours.rest('GET', '/connectors')[1]
        self.assertEqual(before, [self.name], 'the connector is known from the config topic')
        ours.wait_running(self.name, 60)
        self.run_on(ours, more)
        self.stop(ours)
        back.start()
        back.wait_running(self.name, 120)
        self.run_on(back, more)
        load.wait_commits(50)
        load.stop()
        self.wait_drained()
        self.stop(back)
        self.assert_ledger()


class Outage:
    """A worker `main` and a `load` that live through what happens to a server."""

    def flowing(self, seconds=120):
        """New changes arrive in the topic."""
        goal = self.count() + 200
        wait_until(lambda: self.count() >= goal, 'records flow (again)', seconds, alive=self.main.alive)

    def hold(self, seconds):
        """How long an outage lasts; the worker must live through it."""
        end = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() > end, 'the end of the outage', seconds + 5, alive=self.main.alive)

    def finish(self):
        self.flowing()
        self.load.wait_commits(20)
        self.load.stop()
        self.wait_drained()
        self.assertEqual(self.main.states(self.name), ('RUNNING', ['RUNNING']))
        self.assert_ledger(tolerate_repeats=True)
