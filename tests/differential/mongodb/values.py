"""Documents and values at random: every BSON type, ordinary and extreme values, in every place."""
import struct

import texts
from .documents import (Doc, Leaf, binary, boolean, code, code_with_scope, date, db_pointer, decimal, decimal_bits, double, int32, int64, max_key, min_key, null, object_id,
                        regex, string, symbol, timestamp, undefined)

# Characters of each class that decides how Debezium prints them: Lm, Mn, Mc, Me, Cf, Co, Cn, Zs, Zl, No, Nl, Sk, So, astral letters; U+0000 inside.
CHARACTERS = ['ー', 'ʰ', '\u0301', 'ि', '\u20dd', '\u00ad', '\u200b', '\ue000', '\u0378', '\u00a0', '\u3000', '\u2028', '²', 'Ⅷ', '^', '€', '\ufffe', '\uffff', '𝔸', '😀', '\U000e0001',
              'a\0b', '\0', '\x85', 'ǅ', '‿', '«»', '\ufe0f', '\u061c', '\u0e31', 'İ']
# U+00AD and the like are control characters too: a name of a field holds no U+0000, all else.
ODD_NAMES = ['', 'a.b', '.', 'x.0', 'a$b', '$x', 'with space', 'quo"te', 'back\\slash', 'new\nline', 'größe', '数', '😀', 'dash-ed', '1digit', '0', 'Upper', 'upper', '_id', '__op', 'ts_ms', 'op', 'after',
             'ー', 'tab\t', 'x' * 120, '__deleted', 'id', 'a/b', "it's"]
SHAPES = [lambda r: Doc([('$ref', string('c')), ('$id', int32(1))]), lambda r: Doc([('$ref', string('c')), ('$id', object_id('65a1b2c3d4e5f60718293a4b')), ('$db', string('d'))]),
          lambda r: Doc([('$oid', string('65a1b2c3d4e5f60718293a4b'))]), lambda r: Doc([('$numberLong', string('5'))]), lambda r: Doc([('$date', int64(5))]),
          lambda r: Doc([('$binary', string('aa==')), ('$type', string('00'))])]
# What Python's datetime holds, which the stand-in's Python edition works with: it refuses all else.
EARLIEST, LATEST = -62135596800000, 253402300799999


def text(r):
    x = r.random()
    if x < 0.2:
        return ''.join(r.choice(CHARACTERS) for _ in range(r.randint(1, 4)))
    if x < 0.22:
        return 'long ' + r.choice('abcé😀') * r.randint(1000, 70000)
    return texts.any_text(r)


def any_double(r):
    if r.random() < 0.1:
        return Leaf(0x01, struct.pack('<Q', r.getrandbits(64)), 'double of random bits')
    return double(r.choice([float('nan'), float('inf'), float('-inf'), 0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, 1e-323, 2.2250738585072014e-308, 1.7976931348623157e308, 1e7, 9999999.0, 1e-3, 9.999e-4, 2e23,
                            9007199254740993.0, 123456.789, 1e21]) if r.random() < 0.6 else r.uniform(-1, 1) * 10.0 ** r.randint(-30, 30))


def any_int(bits):
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    make = int32 if bits == 32 else int64

    def any_of(r):
        return make(r.choice([low, low + 1, -1, 0, 1, 7, 1000, high - 1, high]) if r.random() < 0.5 else r.randint(low, high) >> r.randint(0, bits - 1))
    return any_of


def any_decimal(r):
    x = r.random()
    if x < 0.07:     # signalling and signed NaN, a significand that is too large, exponents at the edge
        return decimal_bits(*r.choice([(0xfc << 56, 0), (0x7e << 56, 0), (0x6c << 56, 5), (0x3040 << 48, 1 << 63), (0x3041ed09bead87c0 + 1, 0x378d8e6400000000), (0, 1), (0xdfff << 48, 9)]))
    if x < 0.6:
        return decimal(r.choice(['NaN', 'Infinity', '-Infinity', '0', '-0', '0E-5', '0E+3', '1.50', '1E+3', '1E-7', '0.000001', '0.0000001', '9.999999999999999999999999999999999E+6144', '1E-6176', '0E+6111',
                                 '1234567890123456789012345678901234', '-12.30']))
    return decimal('%s%dE%d' % (r.choice(['', '-']), r.getrandbits(r.choice([1, 10, 60, 110])), r.randint(-40, 40)))


def any_binary(r):
    subtype = r.choice([0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 128, 255])
    return binary(r.randbytes(16) if subtype in (3, 4) and r.random() < 0.8 else r.randbytes(r.choice([0, 1, 2, 3, 5, 40])), subtype)


def any_object_id(r):
    return object_id('%024x' % (0x40000000 << 64 | r.getrandbits(92)))     # of a time in the past: compare.py masks the new ones


def any_regex(r):
    return regex(r.choice(['^a.*b$', '', 'a/b"c', 'é\\d', '[0-9]+']), ''.join(sorted(r.sample('imsx', r.randint(0, 4)))))


def any_timestamp(r):
    return timestamp(*r.choice([(0, 0), (5, 6), (4294967295, 4294967295), (2147483648, 1), (1704164645, 7)]))


class Values:
    """all_types: the server keeps every value; else what the stand-in's Python edition does not store as it is, is left out. tame: a name
    has one type and the elements of an array too, as ExtractNewDocumentState asks for."""

    def __init__(self, all_types, tame):
        self.all_types, self.tame = all_types, tame
        self.types = {}
        self.leaves = {
            'double': any_double, 'int32': any_int(32), 'int64': any_int(64), 'decimal': any_decimal, 'string': lambda r: string(text(r)), 'string too': lambda r: string(text(r)),
            'binary': any_binary, 'objectId': any_object_id, 'bool': lambda r: boolean(r.random() < 0.5), 'null': lambda r: null(), 'date': self.date, 'regex': any_regex,
            'code': lambda r: code(r.choice(['f()', 'function(){ return "x"; }', ''])), 'code with scope': self.code_with_scope,
            'timestamp': any_timestamp, 'minKey': lambda r: min_key(), 'maxKey': lambda r: max_key()}
        if all_types:
            self.leaves.update({'undefined': lambda r: undefined(), 'symbol': lambda r: symbol(r.choice(['s', 'ü', ''])),
                                'dbPointer': lambda r: db_pointer(r.choice(['c', 'd.c']), '65a1b2c3d4e5f60718293a4b')})
        self.in_arrays = ['double', 'int32', 'int64', 'decimal', 'string', 'binary', 'objectId', 'bool', 'code']

    def date(self, r):
        odd = [0, -1, 1, 999, 1000, 1704164645678, 1704164645600, 1704164645000, EARLIEST, LATEST, -2208988800000, 951782400000]
        if self.all_types:
            odd += [EARLIEST - 1, LATEST + 1, 2 ** 63 - 1, -2 ** 63, 8640000000000000]
        return date(r.choice(odd) if r.random() < 0.6 else r.randint(EARLIEST, LATEST))

    def code_with_scope(self, r):
        """ExtractNewDocumentState takes a scope of scalars alone."""
        return code_with_scope('f()', self.document(r, 2) if r.random() < 0.02 else Doc([('x', int32(1)), ('größe', string('y'))][:r.randint(0, 2)]))

    def name(self, r, i):
        if r.random() < (0.04 if self.tame else 0.15):
            name = r.choice(ODD_NAMES)
            if not self.tame or name and name != '_id':
                return name
        return '%s%d' % (r.choice(['f', 'word', 'Feld', 'x_']), i)

    def value(self, r, depth=0, name=None):
        """depth: how many documents and arrays are around it."""
        if self.tame and name is not None:
            kind = self.types.get(name) or self.types.setdefault(name, self.kind(r, depth))
        else:
            kind = self.kind(r, depth)
        if kind == 'document':
            return self.document(r, depth + 1)
        if kind == 'array':
            return self.array(r, depth + 1, name)
        if kind == 'shape':
            return r.choice(SHAPES)(r)
        return self.leaves[kind](r)

    def kind(self, r, depth):
        x = r.random()
        if depth < 4 and x < 0.12:
            return 'document'
        if depth < 4 and x < 0.24:
            return 'array'
        if x < 0.26 and not self.tame:
            return 'shape'
        return r.choice(sorted(self.leaves))

    def document(self, r, depth):
        out = Doc()
        for i in range(r.choice([0, 1, 1, 2, 2, 3])):
            name = self.name(r, i + 10 * depth)
            if name not in out.names() or self.all_types and r.random() < 0.3:      # a name may come twice
                out.append((name, self.value(r, depth, name)))
        return out

    def array(self, r, depth, name=None):
        count = r.choice([0, 1, 2, 3, 3, 5]) if r.random() < 0.96 else r.choice([11, 12, 13, 25, 70])
        if not self.tame:
            return [self.value(r, depth) for _ in range(count)]
        kind = self.types.setdefault((name, 'elements'), r.choice(self.in_arrays + ['document', 'document']))
        return [self.element_document(r) if kind == 'document' else self.leaves[kind](r) for _ in range(count)]

    def element(self, r, name):
        """A value that a field of that name may have in the documents of an array."""
        return self.leaves[self.types.setdefault((name, 'in an array'), r.choice(self.in_arrays))](r) if self.tame else self.value(r, 3)

    def element_document(self, r):
        return Doc([(name, self.element(r, name)) for name in r.sample(['a', 'b', 'größe', 'x_y', 'z'], r.randint(1, 3))])

    def id(self, r):
        x = r.random()
        if x < 0.3:
            return r.choice([int32(r.randint(-1000, 100000)), int64(r.randint(1, 2 ** 62)), string('key %d' % r.randint(1, 10 ** 6))])
        kind = r.choice(['double', 'int32', 'int64', 'decimal', 'string', 'binary', 'objectId', 'objectId', 'bool', 'null', 'date', 'code', 'code with scope', 'timestamp', 'minKey', 'maxKey', 'document']
                        + (['symbol', 'dbPointer'] if self.all_types else []))
        if kind == 'document':
            return Doc([(n, self.value(r, 3)) for n in r.sample(['b', 'a', 'größe', 'x y', 'n'], r.randint(0, 3))])
        return self.leaves[kind](r)
