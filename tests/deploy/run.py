#!/usr/bin/env python3
"""Runs the tests of the files in infrastructure/ and of the Connect pod, in a mount and network namespace of their own: there
the databases, Kafka and the REST API have the ports and names that the mission's files give them. Needs root.
usage: run.py [NAME ...]     names as unittest has them, or parts of them: resources, image, pod, mission
Before it: ./setup build services test deploy; tests/deploy/image.py --binary build/release/millrace
Environment: MILLRACE_KEEP=1 keeps the servers' files in .run/test/deploy."""
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, 'services')]

HOSTS = '''127.0.0.1 localhost
127.0.0.1 postgres-postgresql.database.svc.cluster.local
127.0.0.1 mongo-mongodb.database.svc.cluster.local
127.0.0.1 my-cluster-kafka-bootstrap my-cluster-kafka-bootstrap.kafka.svc
'''


def isolate():
    """Starts this program again in its namespaces; in them it brings the loopback interface up and names the hosts."""
    if os.environ.get('MILLRACE_ISOLATED') != '1':
        if os.getuid() != 0:
            sys.exit('run.py: root is needed: the pod has a root file system and namespaces of its own')
        os.environ['MILLRACE_ISOLATED'] = '1'
        os.execvp('unshare', ['unshare', '--mount', '--net', sys.executable, os.path.abspath(__file__), *sys.argv[1:]])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        up_and_running = 0x1 | 0x40
        fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', up_and_running))      # SIOCSIFFLAGS
    import world
    hosts = os.path.join(world.fresh_home(), 'hosts')
    with open(hosts, 'w') as f:
        f.write(HOSTS)
    subprocess.run(['mount', '--bind', hosts, '/etc/hosts'], check=True)


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
    isolate()
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
