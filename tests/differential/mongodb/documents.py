"""BSON documents as they are made here: every type and every value of it, also those that Python's driver has no class for, and
names that come twice. A leaf carries its type, its bytes and the text that a log shows. Source of the format: bsonspec.org."""
import struct

from bson import Decimal128
from bson.raw_bson import RawBSONDocument

DOCUMENT, ARRAY = 0x03, 0x04


class Leaf:
    def __init__(self, kind, data, text):
        self.kind, self.data, self.text = kind, data, text

    def __repr__(self):
        return self.text


class Doc(list):
    """A document: [(name, value)]. A value is a Leaf, a Doc, or a list of values."""

    def __repr__(self):
        return '{%s}' % ', '.join('%s: %r' % (quoted(n), v) for n, v in self)

    def get(self, name):
        return next((v for n, v in self if n == name), None)

    def names(self):
        return [n for n, _ in self]


def quoted(text):
    return '"%s"' % ''.join(c if c.isprintable() and c not in '"\\' else '\\u%04x' % ord(c) if ord(c) < 0x10000 else c for c in text)


def document_bytes(pairs):
    body = b''.join(element(n, v) for n, v in pairs)
    return struct.pack('<i', len(body) + 5) + body + b'\0'


def element(name, value):
    if isinstance(value, Leaf):
        kind, data = value.kind, value.data
    elif isinstance(value, Doc):
        kind, data = DOCUMENT, document_bytes(value)
    else:
        kind, data = ARRAY, document_bytes((str(i), v) for i, v in enumerate(value))
    return bytes([kind]) + name.encode() + b'\0' + data


def raw(value):
    """What pymongo sends: a Doc as it is, in lists and dictionaries too; other values of its own."""
    if isinstance(value, Doc):
        return RawBSONDocument(document_bytes(value))
    if isinstance(value, list):
        return [raw(x) for x in value]
    return {n: raw(x) for n, x in value.items()} if isinstance(value, dict) else value


def text_data(text):
    data = text.encode('utf-8', 'surrogatepass') + b'\0'
    return struct.pack('<i', len(data)) + data


def double(x):
    return Leaf(0x01, struct.pack('<d', x), repr(x))


def string(text):
    return Leaf(0x02, text_data(text), quoted(text) if len(text) < 300 else '%s… (%d characters)' % (quoted(text[:300]), len(text)))


def binary(data, subtype):
    inner = struct.pack('<i', len(data)) + data if subtype == 2 else data
    return Leaf(0x05, struct.pack('<iB', len(inner), subtype) + inner, 'BinData(%d, "%s")' % (subtype, data.hex()))


def undefined():
    return Leaf(0x06, b'', 'undefined')


def object_id(text):
    return Leaf(0x07, bytes.fromhex(text), 'ObjectId("%s")' % text)


def boolean(x):
    return Leaf(0x08, bytes([x]), 'true' if x else 'false')


def date(ms):
    return Leaf(0x09, struct.pack('<q', ms), 'Date(%d)' % ms)


def null():
    return Leaf(0x0a, b'', 'null')


def regex(pattern, options):
    return Leaf(0x0b, pattern.encode() + b'\0' + options.encode() + b'\0', 'Regex(%s, "%s")' % (quoted(pattern), options))


def db_pointer(namespace, oid):
    return Leaf(0x0c, text_data(namespace) + bytes.fromhex(oid), 'DBPointer("%s", "%s")' % (namespace, oid))


def code(text):
    return Leaf(0x0d, text_data(text), 'Code(%s)' % quoted(text))


def symbol(text):
    return Leaf(0x0e, text_data(text), 'Symbol(%s)' % quoted(text))


def code_with_scope(text, scope):
    body = text_data(text) + document_bytes(scope)
    return Leaf(0x0f, struct.pack('<i', len(body) + 4) + body, 'Code(%s, %r)' % (quoted(text), scope))


def int32(x):
    return Leaf(0x10, struct.pack('<i', x), str(x))


def timestamp(seconds, increment):
    return Leaf(0x11, struct.pack('<II', increment, seconds), 'Timestamp(%d, %d)' % (seconds, increment))


def int64(x):
    return Leaf(0x12, struct.pack('<q', x), 'Long(%d)' % x)


def decimal(text):
    return Leaf(0x13, Decimal128(text).bid, 'Decimal128(%s)' % text)


def decimal_bits(high, low):
    return Leaf(0x13, struct.pack('<QQ', low, high), 'Decimal128(%016x %016x)' % (high, low))


def min_key():
    return Leaf(0xff, b'', 'MinKey')


def max_key():
    return Leaf(0x7f, b'', 'MaxKey')
