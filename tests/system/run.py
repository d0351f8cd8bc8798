#!/usr/bin/env python3
"""Runs the system tests.
usage: run.py [NAME ...]     names as unittest has them, or parts of them: kills, shutdown, outages.Outages.test_kafka_frozen, ...
Environment: MILLRACE_WORKER the worker under test, MILLRACE_LONG=1 the long forms, MILLRACE_KILLS, MILLRACE_ROWS, MILLRACE_SEED,
MILLRACE_KEEP=1 keeps the servers' files in .run/test."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'services')]

from runner import run_tests

if __name__ == '__main__':
    sys.exit(run_tests(HERE, sys.argv[1:]))
