#!/usr/bin/env python3
"""Prints what ./quickstart shows: events of the table users and of the collection events.
usage: show_events.py LOG FIRST COUNT        records of the console consumer's output, a line each
       show_events.py --whole LOG N          record N as it is
       show_events.py --status JSON          connectors and tasks as a table
       show_events.py --check LOG OP...      exit status 0 when these and no others came, in this order"""
import json
import sys

NAMES = {'r': 'read', 'c': 'insert', 'u': 'update', 'd': 'delete', 't': 'truncate'}


def records(log):
    with open(log, encoding='utf-8') as f:
        lines = [line.rstrip('\n').split(' => ', 1) for line in f if line.startswith(('{"user_id":', '{"id":')) and ' => ' in line]
    return [(key, None if value == 'null' else value) for key, value in lines]


def operation(value):
    return 'tombstone' if value is None else json.loads(value)['op']


def row(r):
    return 'null' if r is None else '%s, %s, %s' % (r['user_id'], r['full_name'], r['email'])


def cut(text, limit):
    return text if len(text) <= limit else text[:limit - 3] + '...'


def show_document(key, value):
    """A document's key and state are JSON texts inside the record's JSON."""
    key = json.loads(key)['id']
    if value is None:
        return '    %-9s key %s  (no value)' % ('tombstone', key)
    event = json.loads(value)
    after = event['after']
    if after:      # the key says the _id
        document = json.loads(after)
        del document['_id']
        after = cut(json.dumps(document, ensure_ascii=False), 90)
    changed = event['updateDescription']
    return '    %-9s key %s  after %s%s' % (NAMES.get(event['op'], event['op']), key, after or 'null', '  updated %s' % changed['updatedFields'] if changed else '')


def show(key, value):
    if key.startswith('{"id":'):
        return show_document(key, value)
    if value is None:
        return '    %-9s key %s  (no value: compaction may forget the key)' % ('tombstone', key)
    event = json.loads(value)
    return '    %-9s key %s  before (%s)  after (%s)' % (NAMES.get(event['op'], event['op']), key, row(event['before']), row(event['after']))


def table(rows):
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    for r in rows:
        print('  ' + '  '.join(text.ljust(width) for text, width in zip(r, widths)).rstrip())


def main():
    if sys.argv[1] == '--whole':
        key, value = records(sys.argv[2])[int(sys.argv[3])]
        print('  key    %s\n  value  %s' % (key, value))
    elif sys.argv[1] == '--status':
        with open(sys.argv[2]) as f:
            connectors = json.load(f)
        rows = [['CONNECTOR', 'STATE', 'TASK', 'STATE', 'WORKER', 'TYPE']]
        for name, entry in sorted(connectors.items()):
            status = entry['status']
            for task in status['tasks'] or [{'id': '-', 'state': '-', 'worker_id': '-'}]:
                rows.append([name, status['connector']['state'], str(task['id']), task['state'], task['worker_id'], status['type']])
        table(rows)
    elif sys.argv[1] == '--check':
        came = [operation(value) for _, value in records(sys.argv[2])]
        if came != sys.argv[3:]:
            sys.exit('came: %s\nexpected: %s' % (' '.join(came), ' '.join(sys.argv[3:])))
    else:
        first, count = int(sys.argv[2]), int(sys.argv[3])
        for key, value in records(sys.argv[1])[first:first + count]:
            print(show(key, value))


if __name__ == '__main__':
    main()
