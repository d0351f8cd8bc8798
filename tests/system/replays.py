#!/usr/bin/env python3
"""Replays the recordings of tests/golden against a worker and compares what Kafka got, byte for byte.
usage: replays.py [NAME or GLOB ...]      (default: every recording)
Environment: MILLRACE_WORKER, the command to which the worker file is appended (default: build/release/millrace distributed)."""
import os
import re
import signal
import subprocess
import sys

import harness
from services import Kafka, Postgres, Worker

GOLDEN = os.path.join(harness.ROOT, 'tests', 'golden')


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = sys.argv[1:] or ['*']
    home = harness.fresh_home('replays')
    postgres, kafka = Postgres(home + '/postgres'), Kafka(home + '/kafka')
    passed = failed = 0
    worker = None
    try:
        postgres.start()
        kafka.start()
        # As the recordings were made: the defaults of a Connect worker, schemas in every record.
        worker = Worker(home, harness.worker_command(), kafka.bootstrap(), 'connect-cluster', properties={
            'config.storage.topic': 'connect-configs', 'offset.storage.topic': 'connect-offsets', 'status.storage.topic': 'connect-status',
            'key.converter.schemas.enable': 'true', 'value.converter.schemas.enable': 'true', 'offset.flush.interval.ms': 10000}).start()
        replay = subprocess.Popen(
            [sys.executable, os.path.join(GOLDEN, 'replay.py'), '--golden', GOLDEN, '--out', home + '/out', '--compare', '--only', *names,
             '--rest', 'http://127.0.0.1:%d' % worker.port, '--bootstrap', kafka.bootstrap(), '--pg', postgres.dsn()],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ, PYTHONUNBUFFERED='1'))
        for line in replay.stdout:
            if not line.startswith('%'):          # librdkafka's remarks on topics that are deleted
                print(line.rstrip('\n')[:2000], flush=True)
            verdict = re.match(r'[\w-]+: (equal,|\d+ DIFFERENCES,)', line)
            if verdict:
                passed, failed = passed + (verdict[1] == 'equal,'), failed + (verdict[1] != 'equal,')
        if replay.wait() and not failed:
            failed += 1
        if failed:
            print('what came: %s/out   the worker\'s log: %s' % (home, worker.log))
    finally:
        for process in (worker, kafka, postgres):
            if process:
                process.stop()
        if not failed:
            kafka.remove()
            postgres.remove()
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
