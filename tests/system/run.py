#!/usr/bin/env python3
"""Runs the system tests.
usage: run.py [NAME ...]     names as unittest has them, or parts of them: kills, shutdown, outages.Outages.test_kafka_frozen, ...
Environment: MILLRACE_WORKER the worker under test, MILLRACE_LONG=1 the long forms, MILLRACE_KILLS, MILLRACE_ROWS, MILLRACE_SEED,
MILLRACE_KEEP=1 keeps the servers' files in .run/test."""
import os
import signal
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def flat(suite):
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from flat(entry)
        else:
            yield entry


class Result(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        self.stream.writeln()
        self.stream.flush()


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)      # so that the servers are stopped
    wanted = sys.argv[1:]
    tests = [t for t in flat(unittest.defaultTestLoader.discover(HERE, 'test_*.py')) if not wanted or any(w in t.id() for w in wanted)]
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(unittest.TestSuite(tests))
    bad = len({test.id() for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print('%d passed, %d failed%s' % (result.testsRun - bad - skipped, bad, ', %d skipped' % skipped if skipped else ''), flush=True)
    return 1 if bad or not result.testsRun else 0


if __name__ == '__main__':
    sys.exit(main())
