"""Runs a case on the real Debezium and on millrace at once, each with a broker of its own, and compares what both wrote. What is of
one database alone is in postgres/trial.py and mongodb/trial.py."""
import argparse
import collections
import http.client
import json
import os
import random
import re
import shutil
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tests', 'services'), os.path.join(ROOT, 'tests', 'golden')]

import compare
import replay
import services
from services import Kafka, Worker, wait_until

PEER = os.path.join(ROOT, 'tests', 'services', 'connect-peer')
OFFSETS = 'connect-offsets'
FENCE = 'zz_fence'                    # the table or collection that the fences go through


class Servers:
    """The database, and for each of the two workers a broker, as both write the same topics. What differs between databases is
    `make_databases`."""

    def __init__(self, home, command, arguments):
        self.home = services.fresh_folder(home)
        self.databases = self.make_databases(arguments)
        self.kafkas = {name: Kafka(home + '/kafka-' + name) for name in ('debezium', 'millrace')}
        self.commands = {'debezium': PEER, 'millrace': command}
        self.workers = {}
        self.reviving = threading.Lock()

    def make_databases(self, arguments):
        """Servers with start() and remove()."""
        raise NotImplementedError

    def start(self):
        for server in self.databases + list(self.kafkas.values()):
            server.start()
        for name, kafka in self.kafkas.items():
            self.workers[name] = Worker(self.home + '/' + name, self.commands[name], kafka.bootstrap(), 'connect', properties={
                'offset.storage.topic': OFFSETS, 'config.storage.topic': 'connect-configs', 'status.storage.topic': 'connect-status',
                'key.converter.schemas.enable': 'true', 'value.converter.schemas.enable': 'true', 'offset.flush.interval.ms': 10000,
                'session.timeout.ms': 60000}).start()      # a busy machine does not put a worker out of its group, which restarts its tasks
        return self

    def stop(self):
        for worker in self.workers.values():
            worker.stop()
        for server in list(self.kafkas.values()) + self.databases:
            server.remove()

    def revive(self):
        """Starts again what has ended; the names of those."""
        with self.reviving:
            dead = [name for name, worker in self.workers.items() if not worker.alive()]
            for name in dead:
                self.workers[name].start()
            return dead


class Watch(replay.Watch):
    """Sees the topics of one case alone: several run side by side."""

    def __init__(self, bootstrap, prefix):
        super().__init__(argparse.Namespace(bootstrap=bootstrap, offset_topic=OFFSETS))
        self.prefix = prefix
        self.scanned = 0
        self.tokens = set()

    def names(self):
        return {t: p for t, p in super().names().items() if t == OFFSETS or self.prefix in t}

    def saw(self, token):
        for m in self.msgs[self.scanned:]:
            for text in (m.value(), m.key()):
                if text and b'fence-' in text:
                    self.tokens.update(re.findall(rb'fence-\d+', text))
        self.scanned = len(self.msgs)
        return token.encode() in self.tokens

    def at_end(self):
        return not set(self.known) - self.eof


class Lane:
    """One worker with its connector and what it writes."""

    def __init__(self, name, worker, bootstrap, trial):
        self.name, self.worker = name, worker
        self.watch = Watch(bootstrap, trial.prefix)

    def refusals(self, trial):
        """{option: [errors]} by the worker's validation."""
        status, answer = self.worker.rest('PUT', '/connector-plugins/%s/config/validate' % trial.CONNECTOR, dict(trial.lane_config(self), name=trial.name))
        if status != 200:
            raise services.ServiceError('%s cannot validate: %s %s' % (self.name, status, answer))
        return {c['value']['name']: c['value']['errors'] for c in answer['configs'] if c['value']['errors']}

    def failed(self, trial):
        connector, tasks = self.worker.states(trial.name)
        return connector == 'FAILED' or 'FAILED' in tasks


class Outcome:
    """verdict: equal, different, refused (nothing to compare)."""

    def __init__(self, verdict, lines=(), refused=(), records=0, errors=0, failed=(), restarted=False):
        self.verdict, self.lines, self.refused, self.records, self.errors, self.failed = verdict, list(lines), list(refused), records, errors, failed
        self.restarted = restarted


class Trial:
    """One run of a case. A database gives: prepare, lane_config, streaming, run_round, send_fence, forget, and the class CONNECTOR."""

    STEPS = 'steps.sql'               # the file that tells what was done
    FAILS_WITHIN = 15                 # seconds that the second worker has to fail, or to deliver all, after the first has failed

    def __init__(self, servers, case, options, groups, cut, out, serial):
        self.servers, self.case, self.options, self.groups, self.cut, self.out = servers, case, options, groups, cut, out
        self.name = 'd%d_%d' % (case.seed, serial)
        prefixes = ['%s', '%s', '%s', 'Pre-%s', '%s.x_y', '1%s']
        self.prefix = 'd%dx' % case.seed
        self.topic_prefix = random.Random('%d/prefix' % case.seed).choice(prefixes) % self.prefix
        self.log, self.errors, self.refused, self.fences, self.visible, self.restarted = [], 0, [], 0, True, False
        self.lanes, self.config = [], {}

    def prepare(self):
        """Makes the case's initial content; gives the options that every lane has."""
        raise NotImplementedError

    def lane_config(self, lane):
        """The whole configuration of a lane's connector."""
        raise NotImplementedError

    def streaming(self):
        """Whether both workers read changes."""
        raise NotImplementedError

    def run_round(self, part):
        raise NotImplementedError

    def send_fence(self, token):
        """Changes of FENCE: an insert, an update and a delete of a row that holds the token."""
        raise NotImplementedError

    def forget(self):
        """Removes what the case has left in the database."""
        raise NotImplementedError

    def loose_topics(self):
        """Patterns of topics whose records come as time goes by."""
        return ['__debezium-heartbeat*']

    def run(self):
        shutil.rmtree(self.out, ignore_errors=True)
        os.makedirs(self.out)
        try:
            self.config = dict(self.prepare(), **{'topic.prefix': self.topic_prefix, 'tasks.max': '1', 'connector.class': self.CONNECTOR},
                               **self.options.merged(self.groups, self.cut))
            for name, worker in self.servers.workers.items():
                self.lanes.append(Lane(name, worker, self.servers.kafkas[name].bootstrap(), self))
            different = self.agree_on_options()
            if different:
                return Outcome('different', different, self.refused)
            return self.stream()
        finally:
            self.clean()

    # -- options --

    def agree_on_options(self):
        """Leaves out the groups that a worker refuses; gives lines when Debezium alone refuses one."""
        for _ in range(len(self.groups) + 1):
            refusals = {lane.name: lane.refusals(self) for lane in self.lanes}
            names = set(refusals['debezium']) | set(refusals['millrace'])
            if not names:
                return []
            guilty = [g for g, o in self.groups.items() if g not in self.cut and any(n in o or n.split('.')[0] in ('transforms', 'predicates') and g == 'transforms' for n in names)]
            texts = ['%s: %s' % (n, e[0]) for r in refusals.values() for n, e in r.items()]
            if set(refusals['debezium']) - set(refusals['millrace']):
                return ['validation: refused by Debezium only: %s' % {n: refusals['debezium'][n] for n in set(refusals['debezium']) - set(refusals['millrace'])}]
            if not guilty:
                return ['validation: refused whatever the options: %s' % refusals]
            both = set(refusals['debezium']) & set(refusals['millrace'])
            self.refused += [(g, 'both' if set(self.groups[g]) & both else 'millrace', texts[0]) for g in guilty]
            self.cut = self.cut | guilty
            base = {k: v for k, v in self.config.items() if not any(k in self.groups[g] for g in guilty)}
            self.config = dict(base, **self.options.merged(self.groups, self.cut))
        return []

    # -- running --

    def stream(self):
        for lane in self.lanes:
            lane.watch.begin(self.loose_topics())
            lane.worker.create(self.name, self.lane_config(lane))
        mode = self.config.get('snapshot.mode', 'initial')
        if mode == 'initial_only':
            self.until(self.all_running, 30)
            self.quiet(1.5)
        else:
            self.until_streaming()
            for part in [None] + self.case.rounds:
                if self.any_failed():
                    break
                if part:
                    self.run_round(part)
                self.settle()
        failed = self.any_failed()
        if failed:
            # The other fails too, or delivers all.
            token = 'fence-%d' % self.fences
            self.until(lambda: all(lane.failed(self) or lane.watch.saw(token) for lane in self.lanes), self.FAILS_WITHIN, every=0.2)
            self.quiet(0.5)
        for lane in self.lanes:
            self.write(lane, failed)
        return self.judge(failed)

    def until_streaming(self):
        self.until(lambda: self.streaming() or self.any_failed(), 60, every=0.1)

    def poll(self):
        for lane in self.lanes:
            lane.watch.poll(0.01)

    def until(self, ready, seconds, every=0.0):
        end, last = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            if time.monotonic() - last >= every:
                last = time.monotonic()
                if ready():
                    return True
            self.poll()
        return False

    def all_running(self):
        return all(lane.worker.states(self.name) == ('RUNNING', ['RUNNING']) for lane in self.lanes)

    def any_failed(self):
        return any(lane.failed(self) for lane in self.lanes)

    def quiet(self, seconds, most=15):
        """Until nothing has come for a while, and both have written equally much or have had time to."""
        began = time.time()
        while time.time() - began < most:
            self.poll()
            last = max([began] + [lane.watch.last for lane in self.lanes])
            equal = len({lane.watch.count for lane in self.lanes}) == 1 and all(lane.watch.at_end() for lane in self.lanes)
            if time.time() - last > (seconds if equal else seconds + 2):
                return

    def settle(self):
        """A row of a table of its own goes through both; what was committed before it has then been written."""
        self.fences += 1
        token = 'fence-%d' % self.fences
        self.send_fence(token)
        state = {'checked': time.monotonic()}

        def arrived():
            if all(lane.watch.saw(token) for lane in self.lanes):
                return True
            if time.monotonic() - state['checked'] > 0.5:
                state['checked'] = time.monotonic()
                return self.any_failed()
            return False
        if self.visible and not self.until(arrived, 8 if self.fences == 1 else 25):
            # An option may hide the fence, or the worker is late: then silence has to do.
            self.visible = any(lane.watch.saw(token) for lane in self.lanes)
        self.quiet(0.12 if self.visible else 1.5)

    # -- what came --

    def write(self, lane, failed):
        folder = os.path.join(self.out, lane.name)
        os.makedirs(folder)
        lane.watch.end()
        replay.save(folder + '/status.json', {self.name: lane.worker.rest('GET', '/connectors/%s/status' % self.name)[1]})
        if lane.worker.rest('PUT', '/connectors/%s/stop' % self.name)[0] < 300:
            wait_until(lambda: lane.worker.states(self.name) in (('STOPPED', []), (None, [])), '%s stops the connector' % lane.name, 60)
        key = ('["%s",' % self.name).encode()
        offsets = {k: v for k, v in lane.watch.committed().items() if k and k.startswith(key)}
        with open(folder + '/offsets.jsonl', 'w', encoding='utf-8') as f:
            for k, v in sorted(offsets.items()):
                f.write(json.dumps({'key': k.decode(), 'value': v and v.decode()}, ensure_ascii=False) + '\n')
        lines = sorted(lane.watch.msgs, key=lambda m: (m.topic(), m.partition(), m.offset()))
        write_records(folder, [as_recorded(m) for m in lines])
        replay.save(folder + '/connector.json', {'name': self.name, 'config': self.lane_config(lane)})
        replay.save(folder + '/run.json', {'skip': ['offsets'] if failed else [], 'one_server': True, 'loose_topics': self.loose_topics()})
        with open(os.path.join(folder, self.STEPS), 'w', encoding='utf-8') as f:
            f.write('\n'.join(x.rstrip(';') + ';' for x in self.log) + '\n')

    def judge(self, failed):
        expected, actual = (os.path.join(self.out, lane.name) for lane in self.lanes)
        who = [lane.name for lane in self.lanes if 'FAILED' in open(os.path.join(self.out, lane.name, 'status.json')).read()] if failed else []
        if 'debezium' in who:
            self.cut_to(expected, actual)
            if 'millrace' not in who:
                shutil.copy(expected + '/status.json', actual + '/status.json')
        lines, n = compare.compare_dir(expected, actual, 30)
        records = len(self.lanes[0].watch.msgs)
        return Outcome('different' if n else 'equal', lines, self.refused, records, self.errors, [(w, self.why_failed(os.path.join(self.out, w))) for w in who], self.restarted)

    def why_failed(self, folder):
        """The last cause in the trace."""
        for status in replay.load(folder + '/status.json').values():
            for part in [status['connector']] + status['tasks']:
                causes = [x for x in part.get('trace', '').split('\n') if x and not x.startswith('\t')]
                if causes:
                    return causes[-1][:200]
        return None

    def cut_to(self, expected, actual):
        """A failing Debezium loses what it had read but not yet sent: millrace's records beyond its last of a topic are left out."""
        counts = collections.Counter(r['topic'] for r in compare.lines(expected + '/topics.jsonl'))
        kept = []
        for r in compare.lines(actual + '/topics.jsonl'):
            if counts[r['topic']] > 0:
                counts[r['topic']] -= 1
                kept.append(r)
        write_records(actual, kept)

    def clean(self):
        for lane in self.lanes:
            try:
                lane.worker.rest('DELETE', '/connectors/%s/offsets' % self.name)
                lane.worker.rest('DELETE', '/connectors/%s' % self.name)
                if hasattr(lane.watch, 'before'):
                    lane.watch.close()
                    lane.watch.drop()
            except (OSError, http.client.HTTPException) as x:
                print('cleaning up %s: %s' % (lane.name, x), flush=True)
        self.forget()


def write_records(folder, records):
    with open(folder + '/topics.jsonl', 'w', encoding='utf-8') as f:
        for r in records:
            f.write(json.dumps(r, ensure_ascii=False) + '\n')


def as_recorded(m):
    """A record as replay.py writes it, its values whole."""
    def text(b):
        if b is None:
            return None
        try:
            return b.decode()
        except UnicodeDecodeError:
            return {'hex': b.hex()}
    kind, at = m.timestamp()
    return {'topic': m.topic(), 'partition': m.partition(), 'offset': m.offset(), 'timestamp': at, 'timestamp_type': ['NotAvailable', 'CreateTime', 'LogAppendTime'][kind],
            'headers': [[h, text(v)] for h, v in (m.headers() or [])], 'key': text(m.key()), 'value': text(m.value())}
