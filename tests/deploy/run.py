#!/usr/bin/env python3
"""Runs the tests of the files in infrastructure/ and of the Connect pod, in a mount and network namespace of their own: there
the databases, Kafka and the REST API have the ports and names that the mission's files give them. Needs root.
usage: run.py [NAME ...]     names as unittest has them, or parts of them: resources, image, pod, mission
Before it: ./setup build services test deploy; tests/deploy/image.py --binary build/release/millrace
Environment: MILLRACE_KEEP=1 keeps the servers' files in .run/test/deploy."""
import fcntl
import os
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, 'services')]

from runner import run_tests

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


if __name__ == '__main__':
    isolate()
    sys.exit(run_tests(HERE, sys.argv[1:]))
