#!/usr/bin/env python3
"""Takes the place of kubectl, docker and kind on the PATH of test_mission.py: asks the test's stand-in of a cluster
(cluster.py, behind the socket MILLRACE_CLUSTER) what the command does, and prints or runs it. Of `kubectl exec` it keeps that
standard input reaches the container with -i only."""
import json
import os
import socket
import sys


def main():
    request = {'name': os.path.basename(sys.argv[0]), 'arguments': sys.argv[1:], 'folder': os.getcwd()}
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.environ['MILLRACE_CLUSTER'])
        s.sendall(json.dumps(request).encode())
        s.shutdown(socket.SHUT_WR)
        answer = json.loads(s.makefile().read())
    if 'run' in answer:
        if not answer['stdin']:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvpe(answer['run'][0], answer['run'], {**os.environ, **answer['environment']})
    sys.stdout.write(answer['out'])
    sys.stderr.write(answer['error'])
    sys.exit(1 if answer['error'] else 0)


if __name__ == '__main__':
    main()
