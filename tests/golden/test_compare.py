#!/usr/bin/env python3
"""Tests of compare.py: every recording equals itself; a recording moved to other positions, ids, times and ports equals itself;
each of many single faults is found. usage: test_compare.py  [-v]  (stdlib only)"""
import copy, json, os, random, re, shutil, sys, tempfile, unittest
HERE = os.path.dirname(os.path.abspath(__file__)); sys.path.insert(0, HERE)
import compare

def read(d, f='topics.jsonl'): return compare.lines(os.path.join(d, f))
def write(d, rs, f='topics.jsonl'):
    if os.path.exists(os.path.join(d, f + '.gz')): os.remove(os.path.join(d, f + '.gz'))
    with open(os.path.join(d, f), 'w', encoding='utf-8', errors='surrogateescape') as o:
        for r in rs: o.write(json.dumps(r, ensure_ascii=False) + '\n')
class Work:
    """A copy of one recording that may be changed."""
    def __init__(self, name): self.src = os.path.join(HERE, name); self.tmp = tempfile.mkdtemp(); self.d = os.path.join(self.tmp, name); shutil.copytree(self.src, self.d)
    def __enter__(self): return self
    def __exit__(self, *x): shutil.rmtree(self.tmp)
    def differences(self): return compare.compare_dir(self.src, self.d)
    def records(self, change, f='topics.jsonl'):
        rs = read(self.d, f); out = change(rs); write(self.d, rs if out is None else out, f); self.changed = json.dumps(read(self.src, f)) != json.dumps(read(self.d, f))
def on(op, n=0, topic=None):
    """Index of the n-th record with that op ('tomb' for tombstones)."""
    def find(rs):
        k = [i for i, r in enumerate(rs) if (topic is None or topic in r['topic']) and (r['value'] is None if op == 'tomb' else r['value'] and '"op":"%s"' % op in r['value'])]
        return k[n]
    return find
def sub(op, a, b, n=0, topic=None, field='value', count=1, last=False):
    def f(rs):
        r = rs[on(op, n, topic)(rs)]; v = r[field]
        assert re.search(a, v), 'pattern %r is not in the record' % a
        if last: m = list(re.finditer(a, v))[-1]; r[field] = v[:m.start()] + m.expand(b) + v[m.end():]
        else: r[field] = re.sub(a, b, v, count=count)
    return f
def every(a, b, field='value'):
    def f(rs):
        for r in rs:
            if r[field]: r[field] = re.sub(a, b, r[field])
    return f
def shift(text, k): return lambda m: m[1] + str(int(m[2]) + k)
def swap(i, j):
    def f(rs): a, b = i(rs), j(rs); x, y = rs[a], rs[b]; rs[a], rs[b] = dict(y, offset=x['offset'], timestamp=x['timestamp']), dict(x, offset=y['offset'], timestamp=y['timestamp'])
    return f
def drop(i):
    def f(rs): del rs[i(rs)]
    return f
def repeat(i):
    def f(rs):
        k = i(rs); rs.insert(k, dict(rs[k]))
        for n, r in enumerate([r for r in rs if r['topic'] == rs[k]['topic']]): r['offset'] = n
    return f
def setf(i, **kw):
    def f(rs): rs[i(rs)].update(kw)
    return f
def nth(n): return lambda rs: n
def header(name, new):
    def f(rs):
        for r in rs:
            for h in r['headers']:
                if h[0] == name: h[:] = new(h); return
        raise AssertionError('no header ' + name)
    return f
def lsn_of(op, n, delta):
    def f(rs):
        r = rs[on(op, n)(rs)]; r['value'] = re.sub(r'("lsn":)(\d+)', lambda m: m[1] + str(int(m[2]) + delta), r['value'])
    return f
def jsonfile(name, change):
    def f(w):
        change_json(os.path.join(w.d, name), change)
    return f
def change_json(p, change):
    j = compare.load(p); j = change(j) or j
    with open(p, 'w') as o: json.dump(j, o)

PG, PGN, TX, TXN, TY, MG, MT, MX = 'pg-users', 'pg-users-noschema', 'pg-tx', 'pg-tx-noschema', 'pg-types', 'mongo-events', 'mongo-types', 'mongo-txn'
FAULTS = [
 ('two fields swapped', PGN, sub('c', r'"full_name":("[^"]*"),"email":("[^"]*")', r'"email":\2,"full_name":\1')),
 ('two values swapped', PGN, sub('c', r'"full_name":("[^"]*"),"email":("[^"]*")', r'"full_name":\2,"email":\1')),
 ('a null field left out', PGN, sub('c', r'"before":null,', '')),
 ('source.xmin left out', PGN, sub('c', r',"xmin":null', '')),
 ('transaction null left out', PG, sub('c', r'"transaction":null,', '')),
 ('a number with an exponent', TY, every(r'1\.0E7\b', '10000000.0')),
 ('a number with one digit less', PGN, sub('r', r'(1704103200123)456', r'\1')),
 ('micros become millis', PGN, sub('r', r'1704103200000000', '1704103200000')),
 ('default of a schema field dropped', PG, sub('c', r'"default":0,"field":"user_id"', '"field":"user_id"')),
 ('default of a schema field changed', PG, sub('c', r'"default":0,"field":"user_id"', '"default":1,"field":"user_id"')),
 ('optional turned', PG, sub('c', r'"type":"string","optional":true,"field":"email"', '"type":"string","optional":false,"field":"email"')),
 ('schema version', PG, sub('u', r'"name":"io.debezium.time.MicroTimestamp","version":1', '"name":"io.debezium.time.MicroTimestamp","version":2')),
 ('schema parameter missing', PG, sub('u', r',"parameters":\{"allowed":"[^"]*"\}', '')),
 ('schema name', PG, sub('d', r'postgres\.public\.users\.Envelope', 'postgres.public.users.Envelop')),
 ('schema fields in another order', PG, sub('c', r'(\{"type":"string","optional":false,"field":"version"\}),(\{"type":"string","optional":false,"field":"connector"\})', r'\2,\1')),
 ('key schema name', PG, sub('c', r'users\.Key', 'users.key', field='key')),
 ('tombstone dropped', PGN, drop(on('tomb'))),
 ('tombstone has a value', PGN, setf(on('tomb'), value='null')),
 ('record missing', PGN, drop(on('u', 1))),
 ('record repeated', PGN, repeat(on('u', 1))),
 ('two records in another order', PGN, swap(on('c', 0), on('u', 0))),
 ('two snapshot records in another order', PGN, swap(on('r', 1), on('r', 2))),
 ('key bytes: space', PGN, sub('c', r':', ': ', field='key')),
 ('key as text instead of number', PGN, sub('c', r'"user_id":(\d+)', r'"user_id":"\1"', field='key')),
 ('key null', PGN, setf(on('u', 0), key=None)),
 ('header name', PG, header('__debezium.newkey', lambda h: ['__debezium.newKey', h[1]])),
 ('header value', PG, header('__debezium.oldkey', lambda h: [h[0], h[1] + ' '])),
 ('header missing', PG, lambda rs: [r.update(headers=[]) for r in rs] and None),
 ('header on a record that has none', PGN, setf(on('c', 0), headers=[['x', 'y']])),
 ('topic name', PGN, lambda rs: [r.update(topic=r['topic'].replace('users', 'Users')) for r in rs] and None),
 ('another partition', PGN, setf(on('u', 0), partition=1)),
 ('op of an update', PGN, sub('u', r'"op":"u"', '"op":"c"')),
 ('snapshot flag of the last row', PGN, sub('r', r'"snapshot":"last"', '"snapshot":"true"', n=4)),
 ('snapshot flag as boolean', PGN, sub('c', r'"snapshot":"false"', '"snapshot":false')),
 ('lsn of a later event is lower', PGN, lsn_of('u', 1, -100000)),
 ('two events share an lsn', PGN, lambda rs: sub('u', r'"lsn":\d+', re.search(r'"lsn":\d+', rs[on('c', 0)(rs)]['value'])[0])(rs)),
 ('lsn null', PGN, sub('c', r'"lsn":\d+', '"lsn":null')),
 ('lsn as text', PGN, sub('c', r'"lsn":(\d+)', r'"lsn":"\1"')),
 ('sequence without the commit', PGN, sub('u', r'"sequence":"\[\\"\d+\\",', r'"sequence":"[null,')),
 ('sequence with a space', PGN, sub('u', r'"sequence":"\[(\\"\d+\\"),', r'"sequence":"[\1, ')),
 ('sequence has another lsn', PGN, sub('u', r'(\\"\d+)(\d\\"\]")', r'\g<1>0\2')),
 ('sequence stays at the first commit', PGN, lambda rs: sub('c', r'"sequence":"\[\\"\d+\\"', '"sequence":"[' + re.search(r'\[(\\"\d+\\")', rs[on('u', 0)(rs)]['value'])[1], n=5)(rs)),
 ('txId repeats the one before', PGN, lambda rs: sub('u', r'"txId":\d+', re.search(r'"txId":\d+', rs[on('c', 0)(rs)]['value'])[0])(rs)),
 ('source.ts_ms in seconds', PGN, sub('c', r'("source":.*?"ts_ms":\d{10})\d{3}', r'\1')),
 ('source.ts_us is not the instant of ts_ms', PGN, lambda rs: every(r'("ts_us":\d{9})(\d)', lambda m: m[1] + str((int(m[2]) + 1) % 10))(rs)),
 ('ts_ns has no more digits than ts_ms', PGN, sub('c', r'"ts_ns":(\d{13})\d{6}', r'"ts_ns":\1')),
 ('envelope time from long ago', PGN, sub('c', r'"ts_ms":\d{13},"ts_us":\d{16},"ts_ns":\d{19}\}$', '"ts_ms":1600000000000,"ts_us":1600000000000000,"ts_ns":1600000000000000000}')),
 ('envelope clock runs backwards', PGN, lambda rs: sub('u', r'"ts_ms":(\d{13}),"ts_us":(\d{16}),"ts_ns":(\d{19})\}$', lambda m: '"ts_ms":%d,"ts_us":%d,"ts_ns":%d}' % (int(m[1]) - 60000, int(m[2]) - 60000000, int(m[3]) - 60000000000), n=2)(rs)),
 ('source time differs inside a transaction', PGN, lambda rs: sub('u', r'("source":.*?"ts_us":\d{15})(\d)(,"ts_ns":\d{15})(\d)', lambda m: m[1] + str((int(m[2]) + 1) % 10) + m[3] + str((int(m[4]) + 1) % 10), n=2)(rs)),
 ('a value of now() became constant', PGN, lambda rs: [r.update(value=re.sub(r'("after":\{"user_id":7.*?"created_at":)\d+', r'\g<1>0', r['value'])) for r in rs if r['value']] and None),
 ('white space in a value', PGN, sub('c', r'"op":"c"', '"op": "c"')),
 ('escape instead of the character', PGN, lambda rs: [r.update(value=r['value'].replace('ë', '\\u00eb')) for r in rs if r['value']] and None),
 ('transaction id of an event', TXN, sub('c', r'"transaction":\{"id":"\d+:', '"transaction":{"id":"1:')),
 ('total_order starts at 0', TXN, sub('c', r'"total_order":1', '"total_order":0', topic='users')),
 ('transaction END missing', TXN, lambda rs: [r for r in rs if '"status":"END"' not in (r['value'] or '')]),
 ('event_count', TXN, lambda rs: [r.update(value=re.sub(r'"event_count":4', '"event_count":3', r['value'])) for r in rs if r['value']] and None),
 ('null array became empty', TY, every(r'"a_int":null', '"a_int":[]')),
 ('bytes in another base64', TY, every(r'3q2\+7wD/', '3q2-7wD_')),
 ('a double shown as integer', TY, every(r':2\.25,', ':2,')),
 ('infinity as a bare word', TY, every(r'"Infinity"', 'Infinity')),
 ('a decimal with another scale byte', TY, every(r'\{"scale":3,"value":"AeJA"\}', '{"scale":2,"value":"AeJA"}')),
 ('separator of before/after', MG, sub('c', r'\\"user\\": ', r'\\"user\\":')),
 ('separator of updatedFields', MG, lambda rs: [r.update(value=re.sub(r'("updatedFields":".*?\\"), \\"', r'\1,\\"', r['value'])) for r in rs if r['value'] and '"op":"u"' in r['value']] and None),
 ('int64 without its type', MG, every(r'\{\\"\$numberLong\\": \\"1\\"\}', '1')),
 ('date as ISO text in after', MG, every(r'\{\\"\$date\\": 1704164645678\}', r'{\\"$date\\": \\"2024-01-02T03:04:05.678Z\\"}')),
 ('key without inner quotes', MG, lambda rs: [r.update(key=re.sub(r'\{\\"\$oid\\": \\"([0-9a-f]{24})\\"\}', r'\1', r['key'])) for r in rs] and None),
 ('removedFields empty instead of null', MG, sub('u', r'"removedFields":null', '"removedFields":[]', n=1)),
 ('updateDescription left out', MG, sub('u', r'"updateDescription":\{.*?"truncatedArrays":(?:null|\[.*?\])\}', '"updateDescription":null')),
 ('ord of a snapshot record', MG, sub('r', r'"ord":-1', '"ord":0')),
 ('cluster time with milliseconds', MG, sub('c', r'("source":.*?"ts_ms":\d{10})000', r'\g<1>123')),
 ('ord runs backwards', MG, sub('c', r'"ord":\d+', '"ord":999999')),
 ('wallTime null', MG, sub('c', r'"wallTime":\d+', '"wallTime":null')),
 ('array marks in updatedFields', MG, every(r'items\.1\.q', 'items[1].q')),
 ('binary subtype in lower case', MT, every(r'\\"\$type\\": \\"FF\\"', r'\\"$type\\": \\"ff\\"')),
 ('NaN quoted', MT, every(r'\\"v\\": NaN', r'\\"v\\": \\"NaN\\"')),
 ('combining mark raw', MT, every(r'\\\\u200b', '\u200b')),
 ('txnNumber of an event', MX, sub('c', r'"txnNumber":\d+', '"txnNumber":999999')),
 ('lsid of an event', MX, sub('d', r'(\$binary\\": \\")....', r'\1AAAA')),
]
FILES = [
 ('task state', PG, jsonfile('status.json', lambda j: json.loads(json.dumps(j).replace('RUNNING', 'FAILED')))),
 ('one task more', PG, jsonfile('status.json', lambda j: [s['tasks'].append(dict(s['tasks'][0], id=1)) for s in compare_statuses(j)] and None)),
 ('partition count', PG, jsonfile('topic-configs.json', lambda j: [t.update(partitions=2) for t in j.values()] and None)),
 ('topic setting', 'pg-topic-creation', jsonfile('topic-configs.json', lambda j: [t['config_not_default'].update({'cleanup.policy': 'compact'}) for t in j.values()] and None)),
 ('publication name', PG, jsonfile('pg-objects.json', lambda j: j['publications'][0].__setitem__(0, 'x'))),
 ('slot missing', PG, jsonfile('pg-objects.json', lambda j: j.update(slots=[]))),
]
def compare_statuses(j): return [j] if 'connector' in j else list(j.values())

class Recordings(unittest.TestCase):
    def test_each_equals_itself(self):
        n = 0
        for name in sorted(os.listdir(HERE)):
            d = os.path.join(HERE, name)
            if not os.path.isdir(d) or name in ('peer', '__pycache__'): continue
            if not (compare.rest_files(d) or any('-out.jsonl' in f for f in os.listdir(d)) or os.path.exists(d + '/connector.json')): continue
            out, k = compare.compare_dir(d, d); n += 1
            self.assertEqual(k, 0, name + '\n' + '\n'.join(out))
        self.assertGreater(n, 10)
class Moved(unittest.TestCase):
    """The same run at other positions, transaction numbers, times and ids is equal."""
    def move(self, w, f):
        rs = read(w.d, f)
        if rs is None: return
        dl, dx, dt, di = 7_000_000_008, 4711, 86_400_123 * 3, 17
        now = [r['timestamp'] for r in rs if r.get('timestamp')] or [int(x) for r in rs if r['value'] for x in re.findall(r'"ts_ms":(\d{13})', r['value'])]; mid = sorted(now)[len(now) // 2] if now else 0
        near = lambda v: any(abs(v * u - mid) < 3600_000 for u in (1, 1e-3, 1e-6))
        def time_(m):
            v = int(m[0]); u = 1 if len(m[0]) == 13 else 1000 if len(m[0]) == 16 else 1000000
            step = dt // 1000 * 1000 if w.mongo else dt
            return str(v + step * u) if near(v) else m[0]
        for r in rs:
            if r.get('timestamp'): r['timestamp'] += dt
            for k in ('key', 'value'):
                v = r[k]
                if not isinstance(v, str): continue
                v = re.sub(r'(?<![\d.])(?:\d{13}|\d{16}|\d{19})(?![\d.])', time_, v)
                v = re.sub(r'("(?:__)?lsn":)(\d+)', shift(None, dl), v); v = re.sub(r'("txId":)(\d+)', shift(None, dx), v)
                v = re.sub(r'"sequence":"[^]]*\]', lambda m: re.sub(r'\d+', lambda n: str(int(n[0]) + dl), m[0]), v)
                v = re.sub(r'"id":"(\d+):(\d+)"', lambda m: '"id":"%d:%d"' % (int(m[1]) + dx, int(m[2]) + dl), v)
                v = re.sub(r'("txnNumber":)(\d+)', shift(None, di), v); v = re.sub(r'("ord":)(\d+)', shift(None, di), v)
                v = re.sub(r'(\$type\\*": \\*"04\\*"\}\}:)(\d+)', shift(None, di), v)
                r[k] = v
        write(w.d, rs, f)
    def test_moved(self):
        for name in (PG, PGN, TX, TXN, MG, MX, 'pg-smt-unwrap', 'mongo-snapshot-initial'):
            if not os.path.isdir(os.path.join(HERE, name)): continue
            with self.subTest(name), Work(name) as w:
                w.mongo = name.startswith('mongo')
                for f in ('topics.jsonl', 'topics-plain.jsonl'): self.move(w, f)
                if os.path.exists(w.d + '/offsets.jsonl'): shutil.copy(w.src + '/offsets.jsonl', w.d); os.remove(w.d + '/offsets.jsonl'); shutil.copy(w.src + '/offsets.jsonl', w.d)
                out, k = compare.compare_dir(w.src, w.d); out = [l for l in out if 'offsets.jsonl' not in l]
                self.assertFalse([l for l in out if re.match(r'  topics', l)], '\n'.join(out))
class Faults(unittest.TestCase):
    def test_each_single_fault_is_found(self):
        found = 0
        for what, name, change in FAULTS:
            if not os.path.isdir(os.path.join(HERE, name)): continue
            f = 'topics-plain.jsonl' if name.startswith('mongo') else 'topics.jsonl'
            with self.subTest(what), Work(name) as w:
                w.records(change, f); self.assertTrue(w.changed, 'the fault changed nothing: ' + what)
                out, k = w.differences(); self.assertGreater(k, 0, what); found += 1
                if '-v' in sys.argv: print('\n' + what + '\n' + '\n'.join(out[:6]))
        print('%d of %d faults in records found' % (found, len(FAULTS)))
    def test_faults_in_other_files(self):
        for what, name, change in FILES:
            if not os.path.isdir(os.path.join(HERE, name)): continue
            with self.subTest(what), Work(name) as w:
                change(w); out, k = w.differences(); self.assertGreater(k, 0, what)
    def test_one_server(self):
        """Two workers that read one server have the order inside updatedFields from it, two servers may each have their own."""
        if not os.path.isdir(os.path.join(HERE, MG)): return
        for one_server in (False, True):
            with Work(MG) as e, Work(MG) as a:
                for w, text in ((e, r'{\"a\": 1, \"b\": 2}'), (a, r'{\"b\": 2, \"a\": 1}')):
                    w.records(every(r'"updatedFields":"(?:[^"\\]|\\.)*"', lambda m: '"updatedFields":"%s"' % text), 'topics-plain.jsonl')
                    self.assertTrue(w.changed)
                with open(e.d + '/run.json', 'w') as f: json.dump({'one_server': one_server}, f)
                out, k = compare.compare_dir(e.d, a.d)
                self.assertEqual(k > 0, one_server, '\n'.join(out))
    def test_offsets(self):
        for what, name, a, b, field in [('messageType left out', PG, r',"messageType":"[A-Z]+"', '', 'value'), ('order of the members', PG, r'"txId":(\d+),"ts_usec":(\d+)', r'"ts_usec":\2,"txId":\1', 'value'), ('lsn as text', PG, r'"lsn":(\d+)', r'"lsn":"\1"', 'value'), ('lsn of the start', PG, r'"lsn":\d+', '"lsn":1', 'value'), ('another partition key', PG, r'"server"', '"Server"', 'key'), ('a space in the key', PG, r',\{', ', {', 'key'), ('time in milliseconds', PG, r'("ts_usec":\d{13})\d{3}', r'\1', 'value'), ('no resume token', MG, r',"resume_token":"[^"]*"', '', 'value'), ('resume token is not base64', MG, r'("resume_token":").', r'\1%', 'value')]:
            if not os.path.isdir(os.path.join(HERE, name)): continue
            with self.subTest(what), Work(name) as w:
                rs = read(w.d, 'offsets.jsonl'); n = re.sub(a, b, rs[0][field]); self.assertNotEqual(n, rs[0][field], what); rs[0][field] = n; write(w.d, rs, 'offsets.jsonl'); self.assertGreater(w.differences()[1], 0, what)
    def test_rest(self):
        for what, f, change in [('status code', '041', lambda j: j.update(status=200)), ('message', '045', lambda j: j['body'].update(message='x')), ('missing field', '044', lambda j: j['body'].pop('type')), ('content type', '044', lambda j: j['headers'].update({'Content-Type': 'text/plain'})), ('default of an option', '013', lambda j: j['body']['configs'][5]['definition'].update(default_value='nope'))]:
            with self.subTest(what), Work('rest') as w:
                p = next(os.path.join(w.d, x) for x in sorted(os.listdir(w.d)) if x.startswith(f)); change_json(p, lambda j: change(j) and None)
                self.assertGreater(w.differences()[1], 0)
    def test_serialization(self):
        if not os.path.isdir(os.path.join(HERE, 'mongo-serialization')): return
        with Work('mongo-serialization') as w:
            f = sorted(x for x in os.listdir(w.d) if 'cases-out' in x)[0].removesuffix('.gz'); rs = read(w.d, f); rs[3]['value'] = rs[3]['value'].replace('"op":"', '"op": "'); write(w.d, rs, f); self.assertGreater(w.differences()[1], 0)
if __name__ == '__main__': unittest.main(argv=[a for a in sys.argv if a != '-v'])
