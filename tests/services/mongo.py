"""A MongoDB server for ./quickstart and the tests: a replica set of one member on loopback.

Which one, in this order: the one that MONGODB_URI names (it is used, not started, and cannot be killed or frozen), a mongod on
PATH, else SecantusDB, a stand-in that answers as MongoDB 8.2, run as a process of its own from .run/cache/mongo (./setup services).
edition='all-types' is the stand-in's Rust edition from .run/cache/mongo-rust (./setup mongo-types), which keeps every BSON type;
a real server does so by itself."""
import os
import shutil
import signal
import sys

from mongo_wire import command, is_primary
from services import CACHE, HERE, LOOPBACK, Process, ServiceError, free_port, port_is_free, wait_until

STANDIN_PYTHON = os.path.join(CACHE, 'mongo', 'bin', 'python')
STANDIN_RUST = os.path.join(CACHE, 'mongo-rust', 'bin', 'secantusd-rs')


def external_uri():
    return os.environ.get('MONGODB_URI') or None


def has_all_types():
    """Whether a server can be had here that keeps every BSON type."""
    return bool(external_uri() or shutil.which('mongod') or os.path.exists(STANDIN_RUST))


def can_have_a_short_oplog():
    """A mongod's has 990 MB at least."""
    return not external_uri() and not shutil.which('mongod') and os.path.exists(STANDIN_RUST)


class Mongo(Process):
    def __init__(self, home, port=None, edition=None, oplog_entries=1_000_000):
        super().__init__(home, 'mongo')
        self.port, self.oplog_entries = port or free_port(), oplog_entries
        self.data = os.path.join(self.home, 'data')
        self.external = external_uri()
        self.real = bool(self.external or shutil.which('mongod'))
        self.rust = edition == 'all-types' and not self.real
        self.replica_set = 'secantus' if self.rust else 'rs0'
        self.proxies = []

    def uri(self, port=None):
        return self.external or 'mongodb://%s:%d/?replicaSet=%s' % (LOOPBACK, port or self.port, self.replica_set)

    def argv(self):
        if self.real:
            return [shutil.which('mongod'), '--replSet', self.replica_set, '--bind_ip', LOOPBACK, '--port', str(self.port), '--dbpath', self.data,
                    '--setParameter', 'enableTestCommands=1']
        if self.rust:
            return [STANDIN_RUST, '--host', LOOPBACK, '--port', str(self.port), '--storage-path', self.data, '--oplog-max-entries', str(self.oplog_entries),
                    '--oplog-retention-seconds', '86400', '--noop-heartbeat-seconds', '10', '--enable-test-commands']
        return [STANDIN_PYTHON, os.path.join(HERE, 'mongo_standin.py'), str(self.port), self.data, self.replica_set, str(self.oplog_entries)]

    def start(self):
        if self.external:
            return self
        argv = self.argv()
        if not os.path.exists(argv[0]):
            raise ServiceError('no MongoDB: MONGODB_URI is not set, no mongod is on PATH, and there is no %s (run ./setup %s)'
                               % (argv[0], 'mongo-types' if self.rust else 'services'))
        os.makedirs(self.data, exist_ok=True)
        self.spawn(argv)
        try:
            if self.real:
                self.initiate()
            wait_until(lambda: is_primary(self.port), 'MongoDB answers as primary on port %d' % self.port, 60, alive=self.alive)
        except ServiceError as x:
            raise ServiceError('%s\n%s' % (x, self.tail()))
        return self

    def initiate(self):
        """A new mongod is told to be a replica set; one that was it before goes on as such."""
        member = '%s:%d' % (LOOPBACK, self.port)
        configuration = {'_id': self.replica_set, 'members': [{'_id': 0, 'host': member}]}

        def initiated():
            try:
                answer = command(self.port, {'replSetInitiate': configuration})
            except OSError:
                return False
            return answer.get('ok') == 1.0 or answer.get('codeName') == 'AlreadyInitialized'
        wait_until(initiated, 'mongod on port %d is made a replica set' % self.port, 60, alive=self.alive)

    def proxied(self, advertised=None):
        """A port that leads here through mongo_proxy.py, for the real Debezium; hello names it, or the port `advertised`."""
        if self.external:
            raise ServiceError('a server of MONGODB_URI is not reached through a proxy')
        port = free_port()
        proxy = Process(self.home, 'mongo-proxy-%d' % port)
        proxy.spawn([sys.executable, os.path.join(HERE, 'mongo_proxy.py'), str(port), str(self.port), str(advertised or port)])
        wait_until(lambda: not port_is_free(port), 'the proxy listens on port %d' % port, 20, alive=proxy.alive)
        self.proxies.append(proxy)
        return port

    def stop(self, number=signal.SIGTERM, seconds=30):
        super().stop(number, seconds)

    def stop_proxies(self):
        for proxy in self.proxies:
            proxy.stop()
        self.proxies = []

    def remove(self):
        self.stop_proxies()
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
