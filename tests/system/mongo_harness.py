"""What the system tests of the MongoDB source share, beside harness.py: one server per run, a load that keeps its own truth in
this process, and the ledger that compares it with what Kafka has.

An event's number is the document's `seq` after it; a delete is one more than the last seq, its tombstone two more. An update's
seq is taken from updateDescription: `after` is looked up when the event is read and may be newer."""
import atexit
import base64
import json
import os
import random
import threading
from collections import defaultdict

import bson
import pymongo
import pymongo.errors

from harness import SEED, Border, Progress, Stack, SystemTest, is_millrace, read_topic, say, wait_for_last_events, wait_until
from mongo import Mongo

OPLOG = 1_000_000      # entries
_servers = {}


def server(oplog_entries=OPLOG):
    """One for all tests of the run that want the same."""
    if oplog_entries not in _servers:
        stack = Stack.get()
        found = _servers[oplog_entries] = Mongo(os.path.join(stack.home, 'mongo-%d' % oplog_entries), oplog_entries=oplog_entries).start()
        if os.environ.get('MILLRACE_KEEP') != '1':
            atexit.register(found.remove)      # runs before the Stack's own end
    return _servers[oplog_entries]


def client(mongo):
    return pymongo.MongoClient(mongo.uri(), retryWrites=False, retryReads=False, serverSelectionTimeoutMS=30000)


# -- positions ------------------------------------------------------------------------------------------------------

def token_time(token):
    """(seconds, increment) that a resume token holds: mongod's begins with 82 and the time, the stand-in's is BSON with a field t."""
    if token.startswith('82'):
        return int(token[2:10], 16), int(token[10:18], 16)
    time = bson.decode(bytes.fromhex(token))['t']
    return time.time, time.inc


class MongoBorder(Border):
    """The end of one life of the worker."""

    def position(self):
        """Up to which nothing may be repeated; None while the snapshot was not complete."""
        if not self.durable or self.durable.get('initsync'):
            return None
        return token_time(bson.decode(base64.b64decode(self.durable['resume_token']))['_data'])

    def after_snapshot(self):
        return self.position() is not None

    def text(self):
        return '%s%s' % (self.position(), ' in the snapshot' if (self.durable or {}).get('initsync') else '')

    def stored(self):
        return self.position()


def number_of(event, entry):
    """The number of an event that is no tombstone; `entry` is the key's in the journal."""
    if event['op'] == 'd':
        return entry[0] + 1 if entry else -1
    updated = event['updateDescription'] and event['updateDescription']['updatedFields']
    return json.loads(updated or event['after'])['seq']


def key_of(m):
    return json.loads(json.loads(m.key())['id'])


class MongoProgress(Progress):
    def __init__(self, bootstrap, topic, journal):
        super().__init__(bootstrap, topic)
        self.journal = journal

    def take(self, m):
        key = key_of(m)
        if m.value() is None:
            self.state[key] = 'gone'
        elif self.state.get(key) != 'gone':
            event = json.loads(m.value())
            if event['op'] != 'd':
                self.state[key] = max(self.state.get(key) or 0, number_of(event, self.journal.get(key)))


# -- the load and its truth -----------------------------------------------------------------------------------------

class MongoLoad:
    """Writers that insert, update and delete documents of `ledger`, alone, several at once and in transactions. Each change of
    a document raises its seq by one; a deleted one does not come back. When an answer is lost the writer reads its documents
    again before it goes on, so that the journal is the truth."""

    def __init__(self, test, writers=2, pause=0.0, transactions=True):
        self.test, self.pause, self.transactions = test, pause, transactions
        self.stopping = threading.Event()
        self.commits = 0
        self.documents = [{} for _ in range(writers)]      # id -> (seq, gone)
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
        self.compare_with_server()

    abort_seconds = 60

    def abort(self):
        self.stopping.set()
        for thread in self.threads:
            if thread.ident:
                thread.join(self.abort_seconds)

    def journal(self):
        return {key: entry for documents in self.documents for key, entry in documents.items()}

    def compare_with_server(self):
        there = {d['_id']: d['seq'] for d in self.test.collection.find({'_id': {'$gte': 10_000_000}})}
        kept = {key: seq for key, (seq, gone) in self.journal().items() if not gone}
        if there != kept:
            wrong = [(k, kept.get(k), there.get(k)) for k in there.keys() | kept.keys() if kept.get(k) != there.get(k)]
            raise RuntimeError('the load does not know what the server has: (id, load, server) %s' % wrong[:5])

    def wait_commits(self, more):
        goal = self.commits + more
        wait_until(lambda: self.commits >= goal, '%d rounds more of the load' % more, 120, every=0.005)

    def write(self, number):
        choose, mine = random.Random(SEED + number), self.documents[number]
        next_id, attempt, connection = (number + 1) * 10_000_000, [], client(self.test.mongo)
        living = []
        while not self.stopping.is_set():
            try:
                if attempt:
                    self.settle(connection, mine, attempt)
                    attempt, living = [], [key for key, (_, gone) in mine.items() if not gone][-3000:]
                fresh = list(range(next_id, next_id + choose.randint(1, 12)))
                next_id += len(fresh)
                changed = choose.sample(living, min(len(living), choose.randint(1, 12)))
                gone = changed[:choose.randint(0, 2)] if len(changed) > 3 else []
                attempt = fresh + changed
                for key in fresh:      # known before it is sent: whether it is there is asked when the answer is lost
                    mine[key] = (0, False)
                self.round(connection, choose, fresh, changed, gone)
                for key in fresh:
                    mine[key] = (1, False)
                for key in changed:
                    mine[key] = (mine[key][0] + 1, key in gone)
                attempt = []
                self.commits += 1
                taken = set(gone)
                living = [key for key in living if key not in taken][-3000:] + fresh
                if self.pause:
                    self.stopping.wait(self.pause)
            except pymongo.errors.PyMongoError:
                self.stopping.wait(0.2)
        if attempt:
            self.settle(connection, mine, attempt)
        connection.close()

    def round(self, connection, choose, fresh, changed, gone):
        documents = [{'_id': key, 'seq': 1, 'pad': choose.choice('abcdefghü') * choose.randint(0, 200)} for key in fresh]
        if self.transactions and choose.random() < 0.2:
            with connection.start_session() as session, session.start_transaction():
                self.change(connection, session, documents, changed, gone)
        else:
            self.change(connection, None, documents, changed, gone)

    def change(self, connection, session, documents, changed, gone):
        collection = connection[self.test.database].ledger
        collection.insert_many(documents, session=session)
        if changed:
            collection.update_many({'_id': {'$in': changed}}, {'$inc': {'seq': 1}}, session=session)
        if gone:
            collection.delete_many({'_id': {'$in': gone}}, session=session)

    def settle(self, connection, mine, attempt):
        """What became of changes whose answer did not come."""
        there = {d['_id']: d['seq'] for d in connection[self.test.database].ledger.find({'_id': {'$in': attempt}})}
        for key in attempt:
            seq, _ = mine[key]
            if key in there:
                mine[key] = (there[key], False)
            elif seq == 0:
                del mine[key]
            else:      # the update of the same round came before the delete
                mine[key] = (seq + 1, True)


# -- the ledger -----------------------------------------------------------------------------------------------------

class MongoLedger:
    """Compares the topic with the journal, key by key, as harness.Ledger does. A snapshot is read without isolation, from a stream
    position before it: what was read as 3 may be followed by the events 2 and 3."""

    def __init__(self, bootstrap, topic):
        self.bootstrap, self.topic = bootstrap, topic

    @staticmethod
    def last(entry):
        return entry[0] + 2 if entry[1] else entry[0]

    def check(self, journal, borders=(), tolerate_repeats=False, unseen=False):
        """Gives (faults, repeats, records). tolerate_repeats: a key may go back at any time, but never skip. unseen: documents
        changed during the snapshot, so one that came and went before it need not be there, and a key may begin later."""
        faults, repeats, records = [], 0, 0
        highest, previous, deleted_at = {}, {}, {}
        history = defaultdict(list)
        sharing, equal = defaultdict(set), []
        note = lambda text: faults.append(text) if len(faults) < 30 else None
        positions = [border.position() for border in borders]
        for m in read_topic(self.bootstrap, self.topic):
            records += 1
            key = key_of(m)
            entry = journal.get(key)
            if entry is None:
                note('key %d is not in the database' % key)
                continue
            event = json.loads(m.value()) if m.value() is not None else None
            if event is None:
                number, op, position = entry[0] + 2, 'tombstone', deleted_at.get(key)
            else:
                number, op = number_of(event, entry), event['op']
                position = (event['source']['ts_ms'] // 1000, event['source']['ord'])
                if op == 'd':
                    deleted_at[key] = position
            where = 'key %d, event %s/%s at %d:%d, time %s' % (key, number, op, m.partition(), m.offset(), position)
            if number > self.last(entry) or number < 1:
                note('%s: the database only has %d%s' % (where, entry[0], ' and deleted' if entry[1] else ''))
            life = sum(1 for b in borders if m.offset() >= b.ends.get(m.partition(), 0))
            if op != 'r':
                sharing[position].add((key, number))
            history[key].append('%s/%s@%d' % (number, op, life))
            before = previous.get(key)
            fuzzy = before is not None and before[2] == 'r' and number <= before[0] + 1
            if before is None:
                if op != 'r' and number != 1 and not unseen:
                    note('%s: the first event of the key, those before are lost' % where)
            elif op != 'r' and number > highest[key] + 1:
                note('%s: events after %d are lost' % (where, highest[key]))
            elif op != 'r' and before[1] == life and number != before[0] + 1 and not fuzzy and not tolerate_repeats:
                note('%s: follows event %d in one life of the worker; number/operation@life so far: %s' % (where, before[0], ' '.join(history[key])))
            elif op == 'r' and number < min(highest[key], entry[0]):
                note('%s: an older document than event %d' % (where, highest[key]))
            if before is not None and number <= highest[key] and not (fuzzy and before[1] == life):
                repeats += 1
                stored = positions[life - 1] if life else None
                if tolerate_repeats:
                    pass
                elif not life:
                    note('%s: repeated without a restart' % where)
                elif stored is None:
                    pass
                elif op == 'r':
                    note('%s: read again although the snapshot was complete' % where)
                elif position is not None and position < stored:
                    note('%s: repeated although %s was stored' % (where, stored))
                elif position == stored:
                    equal.append((where, position))
            previous[key] = (number, life, op)
            highest[key] = max(highest.get(key, 0), number)
        for where, position in equal:
            if len(sharing[position]) <= 2:      # an event, with its tombstone; the changes of a transaction share one time
                note('%s: repeated although it was stored' % where)
        for key, entry in journal.items():
            if key not in highest:
                if not (unseen and entry[1]):
                    note('key %d (seq %d): nothing came' % (key, entry[0]))
            elif highest[key] != self.last(entry):
                note('key %d: the last event is %d, the database has %d' % (key, highest[key], self.last(entry)))
        return faults, repeats, records


class MongoTest(SystemTest):
    """A database, a worker and a connector of its own for each test, judged by the ledger."""

    snapshot_under_load = False
    oplog_entries = OPLOG

    def create_database(self):
        self.topic = '%s.%s.ledger' % (self.name, self.database)
        self.mongo = server(self.oplog_entries)
        self.client = client(self.mongo)
        self.collection = self.client[self.database].ledger
        self.client.drop_database(self.database)
        self.client[self.database].create_collection('ledger')
        self.borders, self.filled = [], {}
        self.port = None
        if not is_millrace() and not self.mongo.real:      # the real connector's driver needs it in front of the stand-in
            self.port = self.mongo.proxied()
            self.addCleanup(self.mongo.stop_proxies)

    def drop_database(self):
        self.client.drop_database(self.database)
        self.client.close()

    def config(self, port=None, **more):
        config = {
            'connector.class': 'io.debezium.connector.mongodb.MongoDbConnector', 'mongodb.connection.string': self.mongo.uri(port or self.port),
            'topic.prefix': self.name, 'collection.include.list': self.database + '.ledger', 'capture.mode': 'change_streams_update_full',
        }
        config.update(self.connector_properties)
        config.update({k.replace('_', '.'): v for k, v in more.items()})
        return config

    def fill(self, documents):
        """Documents for the snapshot, with ids below those of the load."""
        for first in range(1, documents + 1, 10000):
            self.collection.insert_many([{'_id': n, 'seq': 1, 'pad': 'abcdefghijklmnop'[n % 16] * 100} for n in range(first, min(first + 10000, documents + 1))])
        self.filled = {n: (1, False) for n in range(1, documents + 1)}

    def journal(self):
        out = dict(self.filled)
        for load in self.loads:
            out.update(load.journal())
        return out

    def border(self, graceful=False):
        self.borders.append(MongoBorder(self, graceful))
        return self.borders[-1]

    def start_streaming(self, worker, documents, **more):
        """A connector whose snapshot has passed and whose stream has brought a change."""
        self.fill(documents)
        worker.create(self.name, self.config(**more))
        worker.wait_running(self.name, 120)
        wait_until(lambda: self.count() >= documents, 'the snapshot', 120, alive=worker.alive)

    def wait_drained(self, stall_seconds=90):
        journal = self.journal()
        wait_for_last_events(journal, MongoProgress(self.stack.kafka.bootstrap(), self.topic, journal), stall_seconds, self.snapshot_under_load)

    def assert_ledger(self, expect_repeats=None, tolerate_repeats=False):
        faults, repeats, records = MongoLedger(self.stack.kafka.bootstrap(), self.topic).check(
            self.journal(), self.borders, tolerate_repeats, unseen=self.snapshot_under_load)
        say('%d records, %d repeated, %d lives' % (records, repeats, len(self.borders) + 1))
        self.assertFalse(faults, '\n' + '\n'.join(faults))
        if expect_repeats is not None:
            self.assertEqual(repeats, expect_repeats, 'repeated records')
        return repeats
