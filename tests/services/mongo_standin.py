#!/usr/bin/env python3
"""Runs SecantusDB (PyPI secantusdb, GPL-2.0), which answers as MongoDB 8.2, as a replica set of one member with test commands on.
It is a process of its own: nothing here or in millrace is made from it. Ends on SIGTERM and SIGINT.
usage: mongo_standin.py PORT FOLDER REPLICA_SET OPLOG_ENTRIES"""
import signal
import sys

import secantus


def main():
    port, folder, replica_set, oplog_entries = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)      # the server's threads inherit it: the main thread alone waits for them
    server = secantus.SecantusDBServer(port=port, storage_path=folder, replica_set_name=replica_set, noop_heartbeat_seconds=10.0,
                                       oplog_retention_seconds=86400.0, oplog_max_entries=oplog_entries, client_idle_timeout_s=3600.0)
    with server:
        print('%s serves on port %d as %s' % (secantus.__name__, port, replica_set), flush=True)
        signal.sigwait(ends)


if __name__ == '__main__':
    main()
