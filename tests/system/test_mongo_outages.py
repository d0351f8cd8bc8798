"""MongoDB restarted, frozen (SIGSTOP), cut off, its cursors killed, its primary stepped down: survived without an operator.
The connector must not fail, and the ledger must be whole. A worker may repeat what its source does not remember when a
connection is lost, so repeats are counted, not forbidden; a gap or another order never is allowed."""
import signal
import time

import harness
from harness import LONG, Proxy, say
from mongo_harness import MongoLoad, MongoTest
from services import free_port


def open_cursors(client):
    """(database, collection, id) of each cursor; mongod tells of them by $currentOp, the stand-in by its command currentOp."""
    rows = list(client.admin.aggregate([{'$currentOp': {'allUsers': True, 'idleCursors': True}}]))
    rows += client.admin.command('currentOp', {'$all': True})['inprog']
    found = {}
    for row in rows:
        cursor = row.get('cursor') if isinstance(row.get('cursor'), dict) else row
        number = cursor.get('cursorId') or cursor.get('cursor_id')
        database, _, collection = (row.get('ns') or '').partition('.')
        if number and collection:
            found[number] = (database, collection, number)
    return list(found.values())


class MongoOutages(harness.Outage, MongoTest):
    frozen_seconds = 40 if LONG else 6
    connector_properties = {'retriable.restart.connector.wait.ms': 2000}

    def begin(self, port=None):
        self.main = self.worker().start()
        self.start_streaming(self.main, 100, port=port)
        self.load = MongoLoad(self, writers=2, pause=0.01).start()
        self.flowing()

    def test_mongo_restarts(self):
        self.begin()
        for how in (signal.SIGTERM, signal.SIGKILL) if self.mongo.real else (signal.SIGTERM, signal.SIGTERM):
            self.mongo.stop(how)      # the stand-in promises nothing after SIGKILL
            self.hold(2)
            self.mongo.start()
            self.flowing()
        self.finish()

    def test_mongo_frozen(self):
        self.begin()
        self.mongo.freeze()
        try:
            self.hold(self.frozen_seconds)
        finally:
            self.mongo.thaw()
        self.finish()

    def test_mongo_frozen_while_the_worker_ends(self):
        self.begin()
        self.mongo.freeze()
        try:
            self.hold(1)
            began = time.monotonic()
            self.main.send(signal.SIGTERM)
            self.main.wait_end(60)
            seconds = time.monotonic() - began
            say('ended %.2f s after SIGTERM, the server frozen' % seconds)
            self.assertLess(seconds, 5 if harness.is_millrace() else 60)
            self.border(graceful=True)
        finally:
            self.mongo.thaw()
        self.main.start()
        self.main.wait_running(self.name, 120)
        self.finish()

    def test_mongo_cursors_killed(self):
        self.begin()
        killed = 0
        for _ in range(5):
            for database, collection, number in open_cursors(self.client):
                killed += len(self.client[database].command('killCursors', collection, cursors=[number])['cursorsKilled'])
            self.flowing()
        say('%d cursors killed' % killed)
        self.assertGreater(killed, 0)
        self.finish()

    def test_mongo_steps_down(self):
        self.begin()
        for _ in range(2):
            self.client.admin.command({'replSetStepDown': 3, 'secondaryCatchUpPeriodSecs': 1, 'force': True})
            self.hold(3)
            self.flowing()
        self.finish()

    def test_mongo_cut_off(self):
        outside = free_port()      # hello names it, so that the members are reached through both proxies
        inside = self.mongo.proxied(advertised=outside)
        proxy = Proxy(outside, inside)
        self.proxies.append(proxy)
        self.addCleanup(self.mongo.stop_proxies)
        self.begin(port=outside)
        proxy.cut()
        self.hold(3)
        proxy.mend()
        self.flowing()
        proxy.freeze()
        self.hold(self.frozen_seconds)
        proxy.drop()
        proxy.thaw()
        self.finish()
        self.assertGreater(proxy.passed, 0)
