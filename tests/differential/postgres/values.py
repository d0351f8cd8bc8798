"""Types of PostgreSQL and literals of them, ordinary and extreme ones, as SQL expressions."""
import random

from texts import WORDS, any_text, words


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def of(type_name):
    """A maker of literals of a type from their texts."""
    return lambda text: '%s::%s' % (quoted(text), type_name)


def short_text(n):
    def make(r):
        return any_text(r)[:n].rstrip() if r.random() < 0.5 else words(r)[:n]
    return make


def integer(bits):
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1

    def make(r):
        return str(r.choice([low, low + 1, -1, 0, 1, 7, high - 1, high]) if r.random() < 0.5 else r.randint(low, high) >> r.randint(0, bits - 1))
    return make


def floating(double):
    odd = ['NaN', 'Infinity', '-Infinity', '0', '-0', '1', '0.1', '1e7', '9999999', '1e-3', '0.00099999', '123456.789', '100', '1e10', '2e23', '8.5e9']
    odd += ['1.7976931348623157e308', '4.9e-324', '2.2250738585072014e-308', '9007199254740993'] if double else ['3.4028235e38', '1e-45', '1.17549435e-38', '16777217']

    def make(r):
        return r.choice(odd) if r.random() < 0.5 else repr(r.uniform(-1, 1) * 10.0 ** r.randint(-30, 30))
    return make


def digits(r, n):
    return ''.join(r.choice('0123456789') for _ in range(n))


def numeric(precision=None, scale=None, specials=True):
    def make(r):
        x = r.random()
        if specials and x < 0.04:
            return r.choice(['NaN'] if precision else ['NaN', 'Infinity', '-Infinity'])
        sign = r.choice(['', '-'])
        if precision is None:
            whole, part = r.choice([(1, 0), (3, 2), (0, 5), (20, 20), (40, 0), (0, 30)])
            return r.choice(['0', '0.000', '1e20', '100', '1.10', '-1e-10', '1e300', '12345678901234567890.123456789', '-0.5']) if x < 0.4 else sign + (digits(r, whole) or '0') + ('.' + digits(r, part) if part else '')
        whole = precision - max(scale, 0) if scale >= 0 else precision - scale
        if x < 0.3:
            return r.choice(['0', '1', '-1']) if whole > 0 else '0'
        if x < 0.4 and whole > 0:
            return sign + '9' * max(precision - max(scale, 0), 1) + ('0' * -scale if scale < 0 else '') + ('.' + '9' * scale if scale > 0 else '')
        n = r.randint(0, max(whole, 0))
        return sign + (digits(r, n) or '0')[:max(whole, 1) if whole > 0 else 1].replace('9', '8') + ('.' + digits(r, scale).replace('9', '8') if scale > 0 else '') if whole > 0 else '0.' + '0' * max(-whole, 0) + digits(r, precision).replace('9', '8')
    return make


def money(r):
    return r.choice(['0', '1', '-1.5', '0.01', '1234567.89', '92233720368547758.07', '-92233720368547758.08', '-0.99']) if r.random() < 0.6 else '%d.%02d' % (r.randint(-10 ** 9, 10 ** 9), r.randint(0, 99))


DATES = ['1970-01-01', '1969-12-31', '2000-02-29', '1900-02-28', '1582-10-04', '1582-10-15', '1582-10-14', '0001-01-01', '0001-01-01 BC', '0044-03-15 BC', '4713-01-01 BC', '9999-12-31', '10000-01-01']


def day(r):
    return '%04d-%02d-%02d' % (r.randint(1600, 2999), r.randint(1, 12), r.randint(1, 28))


def date(r):
    return r.choice(DATES + ['infinity', '-infinity', '5874897-12-31']) if r.random() < 0.4 else day(r)


def clock(r):
    return r.choice(['00:00:00', '24:00:00', '23:59:59.999999', '12:00:00.5', '00:00:00.000001', '11:51:30.123789']) if r.random() < 0.5 else \
        '%02d:%02d:%02d%s' % (r.randint(0, 23), r.randint(0, 59), r.randint(0, 59), r.choice(['', '.%d' % r.randint(0, 999999), '.%06d' % r.randint(0, 999999)]))


ZONES = ['+00', '+02', '-11:30', '+14', '-12', '+05:45']


def zoned_clock(r):
    return clock(r) + r.choice(ZONES)


def timestamp(zoned):
    odd = ['infinity', '-infinity', '4713-11-24 00:00:00 BC' if zoned else '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999', '294246-12-31 00:00:00', '1582-10-04 12:00:00',
           '0001-01-01 00:00:00', '0044-03-15 10:00:00 BC', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.5']

    def make(r):
        if r.random() < 0.4:
            return r.choice(odd)
        at = r.choice(DATES[:7] + DATES[-2:]) if r.random() < 0.2 else day(r)
        return at + ' ' + (clock(r).replace('24:', '23:')) + (r.choice(ZONES) if zoned else '')
    return make


def interval(r):
    if r.random() < 0.5:
        return r.choice(['0', '1 year 2 mons 3 days 04:05:06.789', '-1 year -2 mons -3 days -04:05:06.789012', '00:00:00.000001', '-00:00:00.000001', '178000000 years', '-178000000 years',
                         '1 day -00:00:01', '1 mon -1 day', '-1 mon 25 hours', '2147483647 days', '00:59:60', '100000:00:00'])
    return '%d years %d mons %d days %d:%02d:%02d.%06d' % (r.randint(-99, 99), r.randint(-11, 11), r.randint(-40, 40), r.randint(0, 99), r.randint(0, 59), r.randint(0, 59), r.randint(0, 999999))


def bits(n, varying=False):
    def make(r):
        length = r.randint(0, n) if varying else n
        return r.choice(['0' * length, '1' * length, ''.join(r.choice('01') for _ in range(length)), ''.join(r.choice('01') for _ in range(length))])
    return make


def uuid(r):
    return r.choice(['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF']) if r.random() < 0.1 else '%08x-%04x-4%03x-a%03x-%012x' % (
        r.getrandbits(32), r.getrandbits(16), r.getrandbits(12), r.getrandbits(12), r.getrandbits(48))


def octets(r):
    return '\\x' + r.choice(['', '00', 'ff', '0a0d', '5c78', r.randbytes(r.randint(1, 40)).hex(), 'fbff3e3f'])


def json_text(r, depth=0):
    x = r.random()
    if depth > 2 or x < 0.4:
        return r.choice(['null', 'true', '0', '-1.50', '1e5', '12345678901234567890', '""', '"é"', '"a\\"b"', '"\\u0041"', '"\\ud83d\\ude00"', '"\\n\\t"', '"/"'])
    if x < 0.6:
        return '[' + ', '.join(json_text(r, depth + 1) for _ in range(r.randint(0, 3))) + ']'
    return '{' + ','.join(' "%s" : %s' % (r.choice(['a', 'b', 'a', 'long key', 'ü', '']), json_text(r, depth + 1)) for _ in range(r.randint(0, 3))) + '}'


def hstore(r):
    def part():
        return '"' + r.choice(['a', 'aa', 'k1', 'key5', 'key4', 'ü', 'x y', '=>', ',', "it's", '\\"q\\"', '\\\\', '', 'null', 'NULL', 'AaAa', 'BBBB', 'AaBB']) + '"'
    return ', '.join('%s=>%s' % (part(), r.choice(['NULL', part()])) for _ in range(r.randint(0, 20 if r.random() < 0.2 else 4)))


def range_of(make, quote=False):
    def text(r):
        if r.random() < 0.15:
            return 'empty'
        a, b = make(r), make(r)
        q = (lambda s: '"%s"' % s) if quote else (lambda s: s)
        return r.choice('([') + r.choice(['', q(a)]) + ',' + r.choice(['', q(a)]) + r.choice([')', ']']) if r.random() < 0.5 else '[%s,%s]' % (q(min(a, b)), q(max(a, b)))
    return text


def small(r):
    return str(r.randint(1000, 9999))


def choice(*texts):
    return lambda r: r.choice(texts)


def point(r):
    return '(%s,%s)' % (r.choice(['0', '1.5', '-2', '1e10', '0.1', 'NaN', 'Infinity']), r.choice(['0', '3', '-1e-7', '123456789.125']))


def xml(r):
    return r.choice(['<a/>', '<a b="c">d &amp; e</a>', 'text', '<?xml version="1.0"?><r>ü</r>', '<!-- c --><x/>', ''])


class Type:
    """`make` gives the text of a literal from a Random; `long`, one that PostgreSQL stores out of line."""

    def __init__(self, sql, make, long=None, key=False, group='plain', defaults=(), literal=None):
        self.sql, self.make, self.long, self.key, self.group, self.defaults = sql, make, long, key, group, list(defaults)
        self.literal_of = literal or of(sql)

    def literal(self, r):
        return self.literal_of(self.make(r))

    def array(self):
        def literal(r):
            elements = [self.literal_of(self.make(r)) if r.random() > 0.15 else 'NULL' for _ in range(r.choice([0, 1, 2, 3, 5]))]
            return 'ARRAY[%s]::%s[]' % (', '.join(elements), self.sql)
        made = Type(self.sql + '[]', None, group='array' if self.group == 'plain' else self.group)
        made.literal = literal
        if self.long is None and self.sql in ('int', 'bigint', 'text', 'uuid', 'date', 'numeric', 'timestamp', 'varchar', 'boolean'):
            made.long = lambda r: "(SELECT array_agg(%s) FROM generate_series(1, %d) g)" % (self.literal_of(self.make(random.Random(r.random()))), r.randint(1500, 3000))
            made.long_is_sql = True
        return made


def long_text(r):
    return ''.join(r.choice('abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789é') for _ in range(r.randint(2500, 6000)))


def long_json(r):
    return '{"k": "%s"}' % long_text(r)


def long_octets(r):
    return '\\x' + r.randbytes(r.randint(2500, 5000)).hex()


SCALARS = [
    Type('smallint', integer(16), key=True, defaults=['7', '-1', '(1+1)']), Type('int', integer(32), key=True, defaults=['0', '42', 'length(\'abc\')', '-5']),
    Type('bigint', integer(64), key=True, defaults=['9223372036854775807', "'12'::bigint", '0']), Type('real', floating(False), defaults=['1.5', '0', "'NaN'::real"]),
    Type('double precision', floating(True), defaults=['1e10', '-0.1', "'Infinity'::float8", 'random()', 'pi()']),
    Type('numeric', numeric(), long=lambda r: digits(r, 9000) + '.' + digits(r, 3000), defaults=['0', '1.50', "'NaN'::numeric"]),
    Type('numeric(10,2)', numeric(10, 2), key=True, defaults=['0', '1.5', '99999999.99', '-3']), Type('numeric(5)', numeric(5, 0), key=True, defaults=['1', '12345']),
    Type('numeric(38,10)', numeric(38, 10), defaults=['1.1']), Type('numeric(4,6)', numeric(4, 6)), Type('numeric(6,-2)', numeric(6, -2), group='negative scale'),
    Type('numeric(1000,500)', numeric(1000, 500)), Type('money', money, defaults=['0', '12.34']),
    Type('boolean', choice('true', 'false'), key=True, defaults=['true', 'false', "'t'::boolean"]),
    Type('text', any_text, long=long_text, key=True, defaults=["'abc'", "''", "'it''s'", "upper('x')", 'current_user', "'a' || 'b'", 'NULL', "E'tab\\there'"]),
    Type('varchar', any_text, long=long_text, key=True, defaults=["'v'", "'ü'::varchar"]), Type('varchar(12)', short_text(12), key=True, defaults=["'v12'"]),
    Type('char(5)', short_text(5), defaults=["'c'", "''"]), Type('char', short_text(1), defaults=["'x'"]), Type('"char"', choice('a', 'Z', '1', ''), defaults=["'q'"]),
    Type('name', choice('n', 'some_name', "it's"), defaults=["'nm'"]), Type('citext', any_text, long=long_text, key=True, defaults=["'CiT'"]),
    Type('ltree', choice('a', 'a.b.c', 'Top.Science.Astronomy', ''), defaults=["'x.y'"]), Type('xml', xml, defaults=["'<d/>'"]),
    Type('json', json_text, long=long_json, defaults=["'{\"a\": 1}'", "'[]'"]), Type('jsonb', json_text, long=long_json, defaults=["'{\"b\":  2}'", "'null'"]),
    Type('uuid', uuid, key=True, defaults=['gen_random_uuid()', "'11111111-1111-1111-1111-111111111111'"]),
    Type('bytea', octets, long=long_octets, key=True, defaults=["'\\x0102'", "''"]), Type('bit(1)', bits(1), defaults=["B'1'"]), Type('bit(9)', bits(9), defaults=["B'101000010'"]),
    Type('bit(64)', bits(64)), Type('varbit', bits(40, True), defaults=["B'11'"]), Type('varbit(10)', bits(10, True), defaults=["B'1'"]), Type('varbit(1)', bits(1, True)),
    Type('date', date, key=True, defaults=['current_date', "'2001-02-03'", "'1582-10-04'", "'infinity'"]),
    Type('time', clock, defaults=["'12:34:56'", 'localtime']), Type('time(0)', clock), Type('time(3)', clock, defaults=["'01:02:03.456'"]), Type('time(5)', clock),
    Type('timetz', zoned_clock, defaults=["'12:00:00+02'"]), Type('timetz(2)', zoned_clock),
    Type('timestamp', timestamp(False), key=True, defaults=["'2001-02-03 04:05:06.789'", 'now()', 'current_timestamp', "'0044-03-15 00:00:00 BC'"]),
    Type('timestamp(0)', timestamp(False)), Type('timestamp(3)', timestamp(False), key=True, defaults=["'1999-12-31 23:59:59.999'"]), Type('timestamp(5)', timestamp(False)),
    Type('timestamptz', timestamp(True), key=True, defaults=['now()', "'2001-02-03 04:05:06+03'"]), Type('timestamptz(0)', timestamp(True)), Type('timestamptz(4)', timestamp(True), defaults=["'2020-01-01 00:00:00Z'"]),
    Type('interval', interval, defaults=["'1 day'", "'1 year 2 mons'::interval"]), Type('interval year to month', interval), Type('interval(2)', interval), Type('interval day to second(3)', interval),
    Type('inet', choice('10.0.0.1', '10.1.2.3/8', '::1', 'fe80::1/64', '255.255.255.255', '0.0.0.0/0'), defaults=["'127.0.0.1'"]), Type('cidr', choice('10.0.0.0/8', '::/0', '192.168.1.0/24', '1.2.3.4/32')),
    Type('macaddr', choice('08:00:2b:01:02:03', '08-00-2b-01-02-ff')), Type('macaddr8', choice('08:00:2b:01:02:03:04:05', '08002b:fffe010203')),
    Type('point', point), Type('oid', choice('0', '1', '4294967295', '2147483648'), defaults=['5']),
    Type('int4range', range_of(small)), Type('int8range', range_of(small)), Type('numrange', range_of(small)), Type('daterange', range_of(day)),
    Type('tsrange', range_of(lambda r: day(r) + ' 10:11:12.5', True)), Type('tstzrange', range_of(lambda r: day(r) + ' 10:11:12+02', True)),
    Type('hstore', hstore, long=lambda r: '"k"=>"%s"' % long_text(r), defaults=["'a=>1'"]),
    Type('mood', choice('sad', 'ok', 'hap py', "it's", '"q"', 'ü'), group='enum', defaults=["'ok'", "'it''s'", "'sad'::mood"]),
    Type('d_positive', choice('1', '2147483647', '77'), group='domain', defaults=['3']), Type('d_amount', numeric(6, 2, False), group='domain', defaults=['1.25']),
    Type('d_code', short_text(7), group='domain', literal=lambda t: 'coalesce(%s, \'\')::d_code' % quoted(t)), Type('d_nested', numeric(6, 2, False), group='domain'),
    Type('d_at', timestamp(False), group='domain'), Type('d_list', choice('{}', '{1,2,NULL}', '{3}'), group='domain'),
]
UNKNOWN = [
    Type('box', choice('(1,2),(3,4)', '(0,0),(0,0)')), Type('circle', choice('<(10,20),10>', '<(0,0),0>')), Type('line', choice('{1,2,3}', '{-1,0.5,0}')), Type('lseg', choice('[(1,2),(3,4)]')),
    Type('path', choice('((1,2),(3,4))', '[(0,0),(1,1),(2,0)]')), Type('polygon', choice('((0,0),(1,1),(2,0))')), Type('tsvector', choice("'a':1 'fat':2", 'x y z', '')), Type('tsquery', choice("fat & rat", "!'a b'")),
    Type('pg_lsn', choice('0/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF')), Type('xid', choice('0', '4294967295')), Type('regclass', choice('pg_class', 'pg_type')), Type('regtype', choice('int4', 'text')),
    Type('pair', choice('(1,a)', '(,"b,c")', '(3,)')), Type('int4multirange', choice('{}', '{[1,3),[5,9)}')), Type('txid_snapshot', choice('1:1:', '10:20:10,14')), Type('pg_snapshot', choice('10:20:10,14')),
    Type('jsonpath', choice('$.a', '$[*] ? (@ > 1)')), Type('cid', choice('0', '7')), Type('tid', choice('(0,1)', '(5,6)')), Type('oidvector', choice('1 2 3')), Type('int2vector', choice('1 2')),
    Type('aclitem', choice('postgres=r/postgres')), Type('"char"[]', choice('{a,b}')),
]
for _type in UNKNOWN:
    _type.group = 'unknown'

NO_ARRAYS = {'d_list', 'char', '"char"[]', 'oidvector', 'int2vector'}
TYPES = SCALARS + UNKNOWN
BY_NAME = {t.sql: t for t in TYPES}

# What every database of a trial has before its tables. The oids of types differ between databases, their names do not.
PRELUDE = '''
CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE EXTENSION ltree;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'hap py', 'it''s', '"q"', 'ü');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN d_positive AS int CHECK (VALUE > 0);
CREATE DOMAIN d_amount AS numeric(6,2);
CREATE DOMAIN d_code AS varchar(7) NOT NULL;
CREATE DOMAIN d_nested AS d_amount;
CREATE DOMAIN d_at AS timestamp(2);
CREATE DOMAIN d_list AS int[];
'''


def pick(r, groups=None):
    """A type at random: mostly scalars that Debezium knows, some arrays, a few others."""
    x = r.random()
    pool = UNKNOWN if x < 0.07 else SCALARS
    found = r.choice([t for t in pool if groups is None or t.group in groups] or SCALARS)
    if r.random() < 0.15 and found.sql not in NO_ARRAYS:
        return found.array()
    return found


def key_type(r):
    return r.choice([t for t in SCALARS if t.key]) if r.random() < 0.5 else r.choice([BY_NAME['int'], BY_NAME['bigint'], BY_NAME['text'], BY_NAME['uuid']])


def long_literal(kind, r):
    """A value that is stored out of line, None when the type has none."""
    if not kind.long:
        return None
    return kind.long(r) if getattr(kind, 'long_is_sql', False) else kind.literal_of(kind.long(r))
