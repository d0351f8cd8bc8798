"""A case on MongoDB: a server of its own for each case that runs at a time, whose databases are dropped after it. The real Debezium reaches
the stand-in through tests/services/mongo_proxy.py."""
import queue
import time

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import PyMongoError

import compare
from mongo import Mongo
from trial import FENCE, Servers, Trial, write_records

from .documents import Doc, int32, raw, string
from .known import without_repeated_ends


def keeps_all_types(arguments):
    """Whether the server stores every BSON value: a mongod does, of the stand-ins the Rust edition."""
    return arguments.edition == 'all-types' or Mongo('.', port=1).real


def fence_document(token):
    """It has what all documents have, so that it passes the transforms that they pass."""
    return raw(Doc([('_id', string(token)), ('g', int32(1)), ('kind', string('fence')), ('n', int32(1)), ('items', []), ('sub', Doc([('x', Doc([('z', int32(1))]))]))]))


class MongoServers(Servers):
    def make_databases(self, arguments):
        edition = arguments.edition if arguments.edition != 'python' else None
        servers = [Mongo('%s/mongo-%d' % (self.home, i), edition=edition) for i in range(arguments.jobs)]
        self.idle = queue.SimpleQueue()
        for server in servers:
            self.idle.put(server)
        return servers

    def start(self):
        super().start()
        self.debezium_uris = {server: server.uri(None if server.real else server.proxied()) for server in self.databases}
        return self


class MongoTrial(Trial):
    CONNECTOR = 'io.debezium.connector.mongodb.MongoDbConnector'
    STEPS = 'steps.txt'
    FAILS_WITHIN = 45                 # Debezium's task waits 30 s for its threads before it is FAILED

    def lane_config(self, lane):
        uri = self.servers.debezium_uris[self.server] if lane.name == 'debezium' else self.server.uri()
        return dict(self.config, **{'mongodb.connection.string': '%s&appName=%s' % (uri, lane.name)})

    def loose_topics(self):
        return super().loose_topics() + ['%s?%s' % (self.config['topic.heartbeat.prefix'], self.topic_prefix)] if 'topic.heartbeat.prefix' in self.config else super().loose_topics()

    def execute(self, statement, session=None):
        """One command; its failure, or that of some of its documents, is noted."""
        try:
            answer = self.client[statement.database or 'admin'].command(raw(statement.command), session=session)
            errors = answer.get('writeErrors')
            if errors:
                self.errors += 1
            self.log.append(('%d refused (%s): ' % (len(errors), errors[0].get('errmsg')) if errors else '') + statement.shown())
            return True
        except PyMongoError as x:
            self.log.append('failed (%s): %s' % (str(x).split('\n')[0][:200], statement.shown()))
            self.errors += 1
            return False

    def prepare(self):
        self.server = self.servers.idle.get()
        self.client = MongoClient(self.server.uri(), document_class=RawBSONDocument, retryWrites=False, datetime_conversion='DATETIME_AUTO')
        self.drop_databases()
        self.fence = self.fence_of(self.options.merged(self.groups, self.cut))
        with self.client.watch() as stream:
            for statement in self.case.setup:
                if not statement.gone(self.cut):
                    self.execute(statement)
            self.fence.insert_one(fence_document('the first'))
            # A stream that is opened at once may still get these changes: then the snapshot has a position with a time.
            while b'the first' not in next(stream).raw:
                pass
        base = {'poll.interval.ms': '20', 'retriable.restart.connector.wait.ms': '1000'}
        if self.case.repeats:
            base['capture.mode'] = 'change_streams'
        return base

    def fence_of(self, options):
        """The collection of the fences, inside of what a narrow scope captures."""
        database, _, name = options.get('capture.target', self.case.databases[0]).partition('.')
        return self.client[database][name or FENCE]

    def send_fence(self, token):
        self.fence.insert_one(fence_document(token))
        self.fence.delete_one(raw(Doc([('_id', string(token))])))

    def waiting(self):
        """Names of the lanes whose clients wait for a change at this moment."""
        operations = self.client.admin.command({'currentOp': 1, '$all': True})['inprog']
        return {o.get('clientMetadata', {}).get('application', {}).get('name') for o in operations if 'getMore' in (o.get('op'), *(o.get('command') or {}))}

    def streaming(self):
        """Whether each worker waits for changes, and did so long before: Debezium waits once, for a second at most, before its snapshot."""
        for name in self.waiting():
            self.seen.setdefault(name, time.monotonic())
        first = max(self.seen.get(lane.name, time.monotonic()) for lane in self.lanes)
        return time.monotonic() - first > 1.2 and self.waiting() >= {lane.name for lane in self.lanes} and self.all_running()

    def until_streaming(self):
        self.seen = {}
        return super().until_streaming()

    def run_round(self, part):
        if part.interruption == 'restart':
            self.restarted = True
            for lane in self.lanes:
                lane.worker.rest('POST', '/connectors/%s/restart?includeTasks=true' % self.name)
            self.until_streaming()
            self.settle()
        if part.interruption == 'pause':
            self.ask_all('pause', 'PAUSED')
        for statement in part.ddl:
            if not statement.gone(self.cut):
                self.execute(statement)
        for changes in part.changes:
            self.change([s for s in changes.statements if not s.gone(self.cut)], changes.end)
        if part.interruption == 'pause':
            self.ask_all('resume', 'RUNNING')

    def ask_all(self, verb, state):
        for lane in self.lanes:
            lane.worker.rest('PUT', '/connectors/%s/%s' % (self.name, verb))
        self.until(lambda: self.any_failed() or all(lane.worker.states(self.name) == (state, [state]) for lane in self.lanes), 30, every=0.1)

    def change(self, statements, end):
        if not end or not statements:
            for s in statements:
                self.execute(s)
            return
        with self.client.start_session() as session:
            self.log.append('begin')
            session.start_transaction()
            fine = all(self.execute(s, session) for s in statements)
            try:
                if fine and end == 'commit':
                    session.commit_transaction()
                else:
                    session.abort_transaction()
                self.log.append(end if fine else 'abort')
            except PyMongoError as x:
                self.log.append('failed (%s): %s' % (str(x).split('\n')[0][:200], end))
                self.errors += 1

    def judge(self, failed):
        if self.config.get('provide.transaction.metadata') == 'true':
            for lane in self.lanes:
                folder = '%s/%s' % (self.out, lane.name)
                write_records(folder, without_repeated_ends(compare.lines(folder + '/topics.jsonl')))
        return super().judge(failed)

    def drop_databases(self):
        for name in self.client.list_database_names():
            if name not in ('admin', 'local', 'config'):
                self.client.drop_database(name)

    def forget(self):
        if hasattr(self, 'server'):
            self.drop_databases()
            self.client.close()
            self.servers.idle.put(self.server)
