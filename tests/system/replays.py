#!/usr/bin/env python3
"""Replays the recordings of tests/golden against a worker and compares what Kafka got, byte for byte.
usage: replays.py [NAME or GLOB ...]      (default: every recording)
Environment: MILLRACE_WORKER, the command to which the worker file is appended (default: build/release/millrace distributed)."""
import fnmatch
import json
import os
import re
import signal
import subprocess
import sys

import psycopg2

import harness
from mongo import Mongo, can_have_a_short_oplog, has_all_types
from services import Kafka, Postgres, Worker

# Recordings of a fault that is not copied: these must differ (docs/differences.md; their own tests say how).
DIFFER_ON_PURPOSE = {
    'pg-partition-root-option': "rows of partitions go to the captured root's topic, where Debezium sends nothing",
    'pg-risk-textarray-2d': "PostgreSQL's text of inner arrays, where Debezium prints the addresses of Java objects",
}
# What Kafka gets must be equal, but a state may be asked for before or after the task has FAILED, as Debezium's never does.
STATE_MAY_DIFFER = ('mongo-history-lost',)
GOLDEN = os.path.join(harness.ROOT, 'tests', 'golden')


def is_fine(name, count, places):
    """count: of the differences; places: where the first ones are."""
    if harness.is_millrace() and name in STATE_MAY_DIFFER:
        return count == sum(place.startswith('status.json') for place in places)
    differs = harness.is_millrace() and name in DIFFER_ON_PURPOSE
    if differs:
        print('   %s %s on purpose: %s' % (name, 'differs' if count else 'is EQUAL, but is to differ', DIFFER_ON_PURPOSE[name]))
    return bool(count) == differs


def need(name, what):
    """What run.json says that a recording needs. mongo: all-types or short-oplog; extension: one that PostgreSQL does not come with. None: nothing."""
    path = os.path.join(GOLDEN, name, 'run.json')
    if not os.path.exists(path):
        return None
    with open(path) as f:
        return json.load(f).get(what)


def chosen(prefix, globs):
    return [n for n in sorted(os.listdir(GOLDEN)) if n.startswith(prefix) and any(fnmatch.fnmatchcase(n, g) for g in globs)]


def without_their_extension(globs, postgres):
    """The chosen pg-* recordings whose extension the server does not have, each with the reason."""
    needed = {name: need(name, 'extension') for name in chosen('pg-', globs)}
    with psycopg2.connect(postgres.dsn()) as database, database.cursor() as cursor:
        cursor.execute('SELECT name FROM pg_available_extensions')
        there = {name for name, in cursor.fetchall()}
    database.close()
    return {name: "it needs the server's extension %s (docs/testing.md)" % extension for name, extension in needed.items() if extension and extension not in there}


class MongoServers:
    """The servers that the chosen mongo-* recordings need, and replay.py's options that name them."""

    def __init__(self, home, globs):
        kinds = {n: need(n, 'mongo') for n in chosen('mongo-', globs)}
        self.left_out = {}
        for name, kind in kinds.items():
            if kind == 'all-types' and not has_all_types():
                self.left_out[name] = 'it needs a server that keeps every BSON type (./setup mongo-types, a mongod on PATH, or MONGODB_URI)'
            elif kind == 'short-oplog' and not (harness.LONG and can_have_a_short_oplog()):
                self.left_out[name] = "it runs in --long, on the stand-in's Rust edition (./setup mongo-types)"
        wanted = {kind for name, kind in kinds.items() if name not in self.left_out}
        self.servers = {}
        if None in wanted:
            self.servers['--mongo'] = Mongo(home + '/mongo')
        if 'all-types' in wanted:
            self.servers['--mongo-rs'] = Mongo(home + '/mongo-types', edition='all-types')
        if 'short-oplog' in wanted:
            self.servers['--mongo-short-oplog'] = Mongo(home + '/mongo-short-oplog', edition='all-types', oplog_entries=50)

    def start(self):
        """The real Debezium is sent through a proxy that makes the stand-in's answers agree with it."""
        options = []
        for option, server in self.servers.items():
            server.start()
            through = None if harness.is_millrace() or server.real else server.proxied()
            options += [option, server.uri(through)]
        return options

    def remove(self, keep):
        for server in self.servers.values():
            server.stop_proxies()
            server.stop()
            if not keep:
                server.remove()


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = sys.argv[1:] or ['*']
    home = harness.fresh_home('replays')
    # What autovacuum writes between two events would count as a distance between them.
    postgres = Postgres(home + '/postgres', settings={'autovacuum': 'off'})
    kafka, mongo = Kafka(home + '/kafka'), MongoServers(home, names)
    verdicts, places, failed = {}, [], 0
    left_out = dict(mongo.left_out)
    worker = None
    try:
        postgres.start()
        kafka.start()
        mongo_options = mongo.start()
        left_out.update(without_their_extension(names, postgres))
        # As the recordings were made: the defaults of a Connect worker, schemas in every record.
        worker = Worker(home, harness.worker_command(), kafka.bootstrap(), 'connect-cluster', properties={
            'config.storage.topic': 'connect-configs', 'offset.storage.topic': 'connect-offsets', 'status.storage.topic': 'connect-status',
            'key.converter.schemas.enable': 'true', 'value.converter.schemas.enable': 'true', 'offset.flush.interval.ms': 10000}).start()
        replay = subprocess.Popen(
            [sys.executable, os.path.join(GOLDEN, 'replay.py'), '--golden', GOLDEN, '--out', home + '/out', '--compare', '--only', *names,
             '--rest', 'http://127.0.0.1:%d' % worker.port, '--bootstrap', kafka.bootstrap(), '--pg', postgres.dsn(), *mongo_options, *(['--skip', *left_out] if left_out else [])],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ, PYTHONUNBUFFERED='1'))
        for line in replay.stdout:
            if not line.startswith('%'):          # librdkafka's remarks on topics that are deleted
                print(line.rstrip('\n')[:2000], flush=True)
            verdict = re.match(r'([\w-]+): (equal|(\d+) DIFFERENCES),', line)
            if verdict:
                places = []
                verdicts[verdict[1]] = int(verdict[3] or 0), places
            elif re.match(r'  \S', line):
                places.append(line.strip())
        failed = sum(not is_fine(name, *verdict) for name, verdict in verdicts.items())
        broken = replay.wait() != 0 and not any(count for count, _ in verdicts.values())
        failed += broken
        if failed:
            print('what came: %s/out   the worker\'s log: %s' % (home, worker.log))
    finally:
        for process in (worker, kafka, postgres):
            if process:
                process.stop()
        mongo.remove(keep=failed)
        if not failed:
            kafka.remove()
            postgres.remove()
    for name, reason in left_out.items():
        print('%s: skipped, %s' % (name, reason))
    passed = len(verdicts) + broken - failed
    print('%d passed, %d failed%s' % (passed, failed, ', %d skipped' % len(left_out) if left_out else ''))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
