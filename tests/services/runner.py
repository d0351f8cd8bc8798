"""Runs the tests of a folder, or those whose names hold one of the given words; its last line is what ./test counts."""
import signal
import sys
import unittest


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


def run_tests(folder, wanted):
    """Gives the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)      # so that the servers are stopped
    tests = [t for t in flat(unittest.defaultTestLoader.discover(folder, 'test_*.py')) if not wanted or any(w in t.id() for w in wanted)]
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(unittest.TestSuite(tests))
    bad = len({test.id() for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    print('%d passed, %d failed%s' % (result.testsRun - bad - skipped, bad, ', %d skipped' % skipped if skipped else ''), flush=True)
    return 1 if bad or not result.testsRun else 0
