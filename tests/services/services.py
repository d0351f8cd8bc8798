#!/usr/bin/env python3
"""PostgreSQL, MongoDB, a Kafka broker and Connect workers for ./quickstart and the tests: each in a directory of its own, on
loopback, stopped by the process id that was noted at its start. Needs nothing but Python's own library.

usage: services.py start postgres DIR [--port N] [--password P]    prints the port
       services.py start kafka DIR [--port N]                      prints the port
       services.py start mongo DIR [--port N] [--proxied]          prints the connection string (mongo.py: which server, and why a proxy)
       services.py run DIR NAME COMMAND [ARGUMENT...]              prints the process id; output in DIR/NAME.log
       services.py free-port [PREFERRED]
       services.py drop DIR                                        stops a PostgreSQL and removes its data
       services.py alive DIR NAME                                  exit status 0 or 1
       services.py stop DIR                                        everything below DIR, the last started first

Environment: MILLRACE_PORTS=20000-31999 where free ports are looked for, MILLRACE_CACHE (jars, default .run/cache),
MILLRACE_JAVA (default java), MILLRACE_PG_BIN (default Debian's postgresql-15), MILLRACE_PG_VERSION (13, 17, 18: fetched from
Maven instead)."""
import argparse
import hashlib
import http.client
import json
import os
import pwd
import random
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.parse

import postgres_binaries

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.environ.get('MILLRACE_CACHE', os.path.join(ROOT, '.run', 'cache'))
JAVA = os.environ.get('MILLRACE_JAVA', 'java')
PG_BIN = postgres_binaries.DEBIAN
LOOPBACK = '127.0.0.1'


class ServiceError(Exception):
    pass


def wait_until(ready, what, seconds=60, every=0.05, alive=None):
    """Waits for a state; says which one did not come. `ready` gives the state's value, None or False while it is not there."""
    end = time.monotonic() + seconds
    while True:
        value = ready()
        if value:
            return value
        if alive and not alive():
            raise ServiceError('ended while waiting for: ' + what)
        if time.monotonic() > end:
            raise ServiceError('not within %g s: %s' % (seconds, what))
        time.sleep(every)


def port_is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((LOOPBACK, port))
        except OSError:
            return False
    with socket.socket() as s:
        s.settimeout(0.2)
        return s.connect_ex((LOOPBACK, port)) != 0


_given = set()


def free_port(preferred=None):
    """A port that nobody listens on, below the range that the kernel gives to outgoing connections (a stopped service must get its port back)."""
    if preferred and port_is_free(preferred):
        return preferred
    low, high = map(int, os.environ.get('MILLRACE_PORTS', '20000-31999').split('-'))
    for _ in range(500):
        port = random.SystemRandom().randint(low, high)
        if port not in _given and port_is_free(port):
            _given.add(port)
            return port
    raise ServiceError('no free port in %d-%d (set MILLRACE_PORTS)' % (low, high))


def start_time(pid):
    """When the process began, in the kernel's ticks: tells it from a later one with the same id."""
    try:
        with open('/proc/%d/stat' % pid) as f:
            fields = f.read().rsplit(')', 1)[1].split()
    except OSError:
        return None
    return None if fields[0] in 'ZX' else fields[19]


class Process:
    """One child in a session of its own, its log in HOME/NAME.log and its id in HOME/NAME.pid."""

    def __init__(self, home, name):
        self.home, self.name = os.path.abspath(home), name
        self.log = os.path.join(self.home, name + '.log')
        self.pid_file = os.path.join(self.home, name + '.pid')
        self.child = None
        os.makedirs(self.home, exist_ok=True)

    def spawn(self, argv, env=None, user=None):
        as_user = dict(user=user, group=user, extra_groups=[]) if user else {}
        with open(self.log, 'ab') as log:
            self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                          cwd='/' if user else self.home, env=env, **as_user)
        with open(self.pid_file, 'w') as f:
            f.write('%d %s %f\n' % (self.child.pid, start_time(self.child.pid), time.time()))

    def pid(self):
        """Id of the running process, None if it has ended."""
        if self.child and self.child.poll() is not None:
            return None
        try:
            with open(self.pid_file) as f:
                pid, began = f.read().split()[:2]
        except (OSError, ValueError):
            return None
        return int(pid) if start_time(int(pid)) == began else None

    def alive(self):
        return self.pid() is not None

    def tail(self, lines=25):
        try:
            with open(self.log, errors='replace') as f:
                return ''.join(f.readlines()[-lines:])
        except OSError:
            return ''

    def send(self, number):
        pid = self.pid()
        if pid is None:
            raise ServiceError('%s is not running; its last words:\n%s' % (self.name, self.tail()))
        os.kill(pid, number)

    def wait_end(self, seconds):
        wait_until(lambda: not self.alive(), '%s ends' % self.name, seconds, every=0.01)
        if self.child:
            self.child.wait()
        if os.path.exists(self.pid_file):
            os.remove(self.pid_file)

    def stop(self, number=signal.SIGTERM, seconds=20):
        if self.alive():
            self.send(number)
            try:
                self.wait_end(seconds)
            except ServiceError:
                self.kill()

    def kill(self):
        if self.alive():
            self.send(signal.SIGKILL)
            self.wait_end(10)

    def family(self):
        """Ids of the process and all below it."""
        pid = self.pid()
        if pid is None:
            return []
        parents = {}
        for entry in os.listdir('/proc'):
            if entry.isdigit():
                try:
                    with open('/proc/%s/stat' % entry) as f:
                        parents.setdefault(int(f.read().rsplit(')', 1)[1].split()[1]), []).append(int(entry))
                except OSError:
                    pass
        out, todo = [], [pid]
        while todo:
            out.append(todo.pop())
            todo += parents.get(out[-1], [])
        return out

    def freeze(self):
        for pid in self.family():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in self.family():
            os.kill(pid, signal.SIGCONT)


class Postgres(Process):
    """PostgreSQL with wal_level=logical and a fresh cluster; as root it runs as the user postgres. version: 13, 17, 18, or
    None for Debian's 15. hba: the lines of pg_hba.conf."""

    def __init__(self, home, port=None, password='postgres', settings=None, version=None, hba=None):
        super().__init__(home, 'postgres')
        self.version, self.hba = version or os.environ.get('MILLRACE_PG_VERSION'), hba
        self.port, self.password, self.settings = port or free_port(), password, settings or {}
        self.user = 'postgres' if os.getuid() == 0 else None
        self.data = self.data_folder()

    def program(self, name):
        return os.path.join(postgres_binaries.folder(self.version, CACHE, self.user), name)

    def data_folder(self):
        if self.user is None or self.reachable():
            return os.path.join(self.home, 'data')
        # The user postgres may not enter this folder (root's home, say): the data then lives beside Debian's own.
        return '/var/lib/postgresql/millrace-' + hashlib.sha256(self.home.encode()).hexdigest()[:12]

    def reachable(self):
        return subprocess.run(['test', '-x', self.home], user=self.user, group=self.user, extra_groups=[], cwd='/').returncode == 0

    def initialize(self):
        if os.path.exists(os.path.join(self.data, 'PG_VERSION')):
            return
        shutil.rmtree(self.data, ignore_errors=True)
        os.makedirs(self.data, mode=0o700)
        password_file = self.data + '.password'
        with open(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
            f.write(self.password + '\n')
        as_user = {}
        if self.user:
            entry = pwd.getpwnam(self.user)
            for path in (self.data, password_file):
                os.chown(path, entry.pw_uid, entry.pw_gid)
            as_user = dict(user=self.user, group=self.user, extra_groups=[])
        done = subprocess.run([self.program('initdb'), '-D', self.data, '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8',
                               '--pwfile', password_file, '-A', 'scram-sha-256', '--no-sync'], cwd='/', capture_output=True, text=True, **as_user)
        os.remove(password_file)
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServiceError('initdb failed: ' + done.stderr + done.stdout)
        settings = dict(port=self.port, listen_addresses=LOOPBACK, unix_socket_directories='', wal_level='logical', max_replication_slots=20,
                        max_wal_senders=20, max_prepared_transactions=10, max_wal_size='4GB', timezone='UTC', log_timezone='UTC',
                        fsync='off')     # only the processes are killed here, never the machine
        settings.update(self.settings)
        with open(os.path.join(self.data, 'postgresql.conf'), 'a') as f:
            for name, value in settings.items():
                f.write("%s = '%s'\n" % (name, value))
        if self.hba:
            with open(os.path.join(self.data, 'pg_hba.conf'), 'w') as f:
                f.write('\n'.join(self.hba) + '\n')

    def start(self):
        self.initialize()
        self.spawn([self.program('postgres'), '-D', self.data, '-p', str(self.port)], user=self.user)
        self.wait_ready()
        return self

    def wait_ready(self):
        ready = lambda: subprocess.run([PG_BIN + '/pg_isready', '-q', '-h', LOOPBACK, '-p', str(self.port)]).returncode == 0
        try:
            wait_until(ready, 'PostgreSQL answers on port %d' % self.port, 60, alive=self.alive)
        except ServiceError as x:
            raise ServiceError('%s\n%s' % (x, self.tail()))

    def stop(self, number=signal.SIGINT, seconds=30):     # SIGINT: PostgreSQL's fast shutdown
        super().stop(number, seconds)

    def dsn(self, database='postgres'):
        return 'host=%s port=%d user=postgres password=%s dbname=%s' % (LOOPBACK, self.port, self.password, database)

    def remove(self):
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)


class Kafka(Process):
    """One KRaft broker. `proxied` (own port, advertised port): a second listener whose clients are sent through a proxy."""

    def __init__(self, home, port=None, proxied=None, settings=None, heap='-Xms256m -Xmx768m'):
        super().__init__(home, 'kafka')
        self.port, self.proxied, self.heap = port or free_port(), proxied, heap
        self.controller_port = free_port()
        self.settings, self.file = settings or {}, os.path.join(self.home, 'server.properties')

    def java(self, main, *more):
        libs = os.path.join(CACHE, 'libs')
        if not os.path.isdir(libs):
            raise ServiceError('no Kafka jars in %s: run ./setup services' % libs)
        return [JAVA, *self.heap.split(), '-XX:+UseSerialGC', '-Djava.awt.headless=true', '-Dkafka.logs.dir=' + self.home,
                '-Dlog4j2.configurationFile=' + os.path.join(HERE, 'log4j2.xml'), '-cp', libs + '/*', main, *more]

    def configure(self):
        listeners, advertised, kinds = ['PLAIN://%s:%d' % (LOOPBACK, self.port)], ['PLAIN://%s:%d' % (LOOPBACK, self.port)], 'PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT'
        if self.proxied:
            listeners.append('PROXIED://%s:%d' % (LOOPBACK, self.proxied[0]))
            advertised.append('PROXIED://%s:%d' % (LOOPBACK, self.proxied[1]))
            kinds += ',PROXIED:PLAINTEXT'
        listeners.append('CONTROLLER://%s:%d' % (LOOPBACK, self.controller_port))
        settings = {
            'process.roles': 'broker,controller', 'node.id': 1, 'controller.quorum.bootstrap.servers': '%s:%d' % (LOOPBACK, self.controller_port),
            'listeners': ','.join(listeners), 'advertised.listeners': ','.join(advertised), 'listener.security.protocol.map': kinds,
            'inter.broker.listener.name': 'PLAIN', 'controller.listener.names': 'CONTROLLER', 'log.dirs': os.path.join(self.home, 'data'),
            'num.partitions': 1, 'offsets.topic.replication.factor': 1, 'offsets.topic.num.partitions': 5,
            'share.coordinator.state.topic.replication.factor': 1, 'share.coordinator.state.topic.min.isr': 1,
            'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1, 'transaction.state.log.num.partitions': 5,
            'group.initial.rebalance.delay.ms': 0, 'log.segment.delete.delay.ms': 1000, 'message.max.bytes': 40000000, 'replica.fetch.max.bytes': 40000000,
        }
        settings.update(self.settings)
        with open(self.file, 'w') as f:
            for name, value in settings.items():
                f.write('%s=%s\n' % (name, value))

    def start(self):
        self.configure()
        if not os.path.exists(os.path.join(self.home, 'data', 'meta.properties')):
            done = subprocess.run(self.java('kafka.tools.StorageTool', 'format', '--standalone', '-t', 'bWlsbHJhY2UtdGVzdHMtMQ', '-c', self.file),
                                  capture_output=True, text=True)
            if done.returncode:
                raise ServiceError('cannot format the storage: ' + done.stdout + done.stderr)
        self.spawn(self.java('kafka.Kafka', self.file))
        self.wait_ready()
        return self

    def wait_ready(self, seconds=90):
        try:
            wait_until(lambda: answers_api_versions(self.port), 'Kafka answers on port %d' % self.port, seconds, alive=self.alive)
        except ServiceError as x:
            raise ServiceError('%s\n%s' % (x, self.tail()))

    def stop(self, number=signal.SIGTERM, seconds=60):
        super().stop(number, seconds)

    def bootstrap(self, proxied=False):
        return '%s:%d' % (LOOPBACK, self.proxied[1] if proxied else self.port)

    def remove(self):
        self.stop()
        shutil.rmtree(os.path.join(self.home, 'data'), ignore_errors=True)


def answers_api_versions(port):
    """Whether a broker answers the first request of every Kafka client."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as s:
            body = struct.pack('>hhih', 18, 0, 7, 4) + b'wait'
            s.sendall(struct.pack('>i', len(body)) + body)
            answer = s.recv(8)
            return len(answer) == 8 and struct.unpack('>i', answer[4:])[0] == 7
    except OSError:
        return False


class Worker(Process):
    """A worker with Kafka Connect's files, topics and REST: millrace or the real one, whatever `command` starts."""

    def __init__(self, home, command, bootstrap, group='millrace', port=None, properties=None, name='worker'):
        super().__init__(home, name)
        self.command = shlex.split(command) if isinstance(command, str) else list(command)
        self.port, self.group = port or free_port(), group
        self.properties = {
            'bootstrap.servers': bootstrap, 'group.id': group, 'listeners': 'http://%s:%d' % (LOOPBACK, self.port),
            'config.storage.topic': group + '-configs', 'offset.storage.topic': group + '-offsets', 'status.storage.topic': group + '-status',
            'config.storage.replication.factor': 1, 'offset.storage.replication.factor': 1, 'status.storage.replication.factor': 1,
            'key.converter': 'org.apache.kafka.connect.json.JsonConverter', 'key.converter.schemas.enable': 'false',
            'value.converter': 'org.apache.kafka.connect.json.JsonConverter', 'value.converter.schemas.enable': 'false',
            'offset.flush.interval.ms': 1000,
            # A killed member of Connect's group is missed soon, its connectors are given out again at once.
            'session.timeout.ms': 6000, 'heartbeat.interval.ms': 1000, 'scheduled.rebalance.max.delay.ms': 0,
        }
        self.properties.update(properties or {})
        self.file = os.path.join(self.home, name + '.properties')

    def start(self, wait=True):
        with open(self.file, 'w') as f:
            for name, value in self.properties.items():
                f.write('%s=%s\n' % (name, value))
        self.spawn(self.command + [self.file])
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=120):
        try:
            wait_until(lambda: self.answers('/connectors') and self.answers('/health'), 'the worker answers on port %d' % self.port, seconds, alive=self.alive)
        except ServiceError as x:
            raise ServiceError('%s\n%s' % (x, self.tail()))

    def answers(self, path):
        try:
            return self.rest('GET', path)[0] == 200
        except OSError:
            return False
        except http.client.HTTPException:
            return False

    def rest(self, method, path, body=None, timeout=95):
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=timeout)
        try:
            headers = {'Accept': 'application/json'}
            if body is not None:
                headers['Content-Type'] = 'application/json'
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode('utf8', 'replace')
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text) if text else None
        except ValueError:
            return answer.status, text

    def create(self, name, config):
        status, answer = self.rest('PUT', '/connectors/%s/config' % urllib.parse.quote(name, safe=''), config)
        if status >= 300:
            raise ServiceError('the connector was refused: %s %s' % (status, answer))

    def states(self, name):
        try:
            status, answer = self.rest('GET', '/connectors/%s/status' % urllib.parse.quote(name, safe=''))
        except (OSError, http.client.HTTPException):
            return None, []
        return (answer['connector']['state'], [t['state'] for t in answer['tasks']]) if status == 200 else (None, [])

    def wait_running(self, name, seconds=60):
        def running():
            connector, tasks = self.states(name)
            if 'FAILED' in tasks or connector == 'FAILED':
                raise ServiceError('the connector failed: %s' % (self.rest('GET', '/connectors/%s/status' % name)[1],))
            return connector == 'RUNNING' and tasks and all(t == 'RUNNING' for t in tasks)
        wait_until(running, 'connector %s runs' % name, seconds, alive=self.alive)

    def rss_anon(self):
        """Bytes of anonymous memory, 0 when it has ended."""
        try:
            with open('/proc/%s/status' % self.pid()) as f:
                for line in f:
                    if line.startswith('RssAnon:'):
                        return int(line.split()[1]) * 1024
        except OSError:
            pass
        return 0


def is_alive(folder, name):
    return Process(folder, name).alive()


def fresh_folder(folder):
    """An empty folder; what an earlier run left there is stopped first."""
    stop_below(folder)
    postgres = os.path.join(folder, 'postgres')
    if os.path.isdir(postgres):
        Postgres(postgres, port=1).remove()
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def stop_below(folder):
    """Stops what any earlier call started below a folder, the last started first."""
    found = []
    for path, _, files in os.walk(folder):
        for name in files:
            if name.endswith('.pid'):
                try:
                    with open(os.path.join(path, name)) as f:
                        found.append((float(f.read().split()[2]), path, name[:-4]))
                except (OSError, ValueError, IndexError):
                    pass
    for _, path, name in sorted(found, reverse=True):
        process = Process(path, name)
        if process.alive():
            process.thaw()
            process.stop(signal.SIGINT if name == 'postgres' else signal.SIGTERM, 30)
        if os.path.exists(process.pid_file):
            os.remove(process.pid_file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='verb', required=True)
    start = commands.add_parser('start')
    start.add_argument('what', choices=['postgres', 'kafka', 'mongo'])
    start.add_argument('folder')
    start.add_argument('--port', type=int)
    start.add_argument('--password', default='postgres')
    start.add_argument('--proxied', action='store_true')
    run = commands.add_parser('run')
    run.add_argument('folder')
    run.add_argument('name')
    run.add_argument('command', nargs=argparse.REMAINDER)
    free = commands.add_parser('free-port')
    free.add_argument('preferred', nargs='?', type=int)
    alive = commands.add_parser('alive')
    alive.add_argument('folder')
    alive.add_argument('name')
    drop = commands.add_parser('drop')
    drop.add_argument('folder')
    stop = commands.add_parser('stop')
    stop.add_argument('folder')
    a = parser.parse_args()
    try:
        if a.verb == 'free-port':
            print(free_port(a.preferred))
        elif a.verb == 'alive':
            sys.exit(0 if is_alive(a.folder, a.name) else 1)
        elif a.verb == 'drop':
            Postgres(a.folder, port=1).remove()
        elif a.verb == 'stop':
            stop_below(a.folder)
        elif a.verb == 'run':
            process = Process(a.folder, a.name)
            process.spawn(a.command)
            print(process.child.pid)
        elif a.what == 'kafka':
            print(Kafka(a.folder, a.port).start().port)
        elif a.what == 'mongo':
            sys.modules['services'] = sys.modules['__main__']      # one ServiceError, not two
            from mongo import Mongo
            server = Mongo(a.folder, a.port).start()
            print(server.uri(server.proxied() if a.proxied and not server.external else None))
        elif a.what == 'postgres':
            print(Postgres(a.folder, a.port, a.password).start().port)
    except ServiceError as x:
        sys.exit('services.py: %s' % x)


if __name__ == '__main__':
    main()
