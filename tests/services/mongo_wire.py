"""One command to a MongoDB server, without a driver: enough to see that it is ready and to make it a replica set.
Source of the format: MongoDB's wire protocol (OP_MSG, 2013) and bsonspec.org."""
import itertools
import socket
import struct

OP_MSG = 2013
_ids = itertools.count(1)


class WireError(OSError):
    pass


def encode(document):
    out = bytearray()
    for name, value in document.items():
        key = name.encode() + b'\0'
        if isinstance(value, bool):
            out += b'\x08' + key + bytes([value])
        elif isinstance(value, int):
            out += b'\x10' + key + struct.pack('<i', value)
        elif isinstance(value, float):
            out += b'\x01' + key + struct.pack('<d', value)
        elif isinstance(value, str):
            text = value.encode() + b'\0'
            out += b'\x02' + key + struct.pack('<i', len(text)) + text
        elif isinstance(value, dict):
            out += b'\x03' + key + encode(value)
        elif isinstance(value, list):
            out += b'\x04' + key + encode({str(n): entry for n, entry in enumerate(value)})
        else:
            raise TypeError('%s: a %s is not encoded here' % (name, type(value).__name__))
    return struct.pack('<i', len(out) + 5) + bytes(out) + b'\0'


FIXED = {0x07: 12, 0x09: 8, 0x11: 8, 0x13: 16, 0x0a: 0, 0x06: 0, 0xff: 0, 0x7f: 0}      # bytes of the types that nobody asks for here


def decode(data):
    """Names with numbers, texts, truth values, documents and arrays (as documents); other types as None."""
    out, at = {}, 4
    while data[at]:
        kind = data[at]
        end = data.index(b'\0', at + 1)
        name, at = data[at + 1:end].decode(), end + 1
        if kind == 0x01:
            out[name], at = struct.unpack_from('<d', data, at)[0], at + 8
        elif kind == 0x02:
            length = struct.unpack_from('<i', data, at)[0]
            out[name], at = data[at + 4:at + 3 + length].decode(), at + 4 + length
        elif kind in (0x03, 0x04):
            length = struct.unpack_from('<i', data, at)[0]
            out[name], at = decode(data[at:at + length]), at + length
        elif kind == 0x05:
            out[name], at = None, at + 5 + struct.unpack_from('<i', data, at)[0]
        elif kind == 0x08:
            out[name], at = bool(data[at]), at + 1
        elif kind == 0x10:
            out[name], at = struct.unpack_from('<i', data, at)[0], at + 4
        elif kind == 0x12:
            out[name], at = struct.unpack_from('<q', data, at)[0], at + 8
        elif kind in FIXED:
            out[name], at = None, at + FIXED[kind]
        else:
            raise WireError('%s: BSON type 0x%02x in an answer' % (name, kind))
    return out


def read_exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise WireError('the server closed the connection')
        data += part
    return bytes(data)


def command(port, document, database='admin', host='127.0.0.1', seconds=5):
    """Sends one command and gives its answer. OSError when nobody answers within the time; an answer may say ok: 0."""
    body = struct.pack('<I', 0) + b'\0' + encode({**document, '$db': database})
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(struct.pack('<iiii', 16 + len(body), next(_ids), 0, OP_MSG) + body)
        length, _, _, operation = struct.unpack('<iiii', read_exactly(connection, 16))
        answer = read_exactly(connection, length - 16)
    if operation != OP_MSG:
        raise WireError('an answer of kind %d' % operation)
    return decode(answer[5:])


def is_primary(port):
    try:
        return command(port, {'hello': 1}, seconds=2).get('isWritablePrimary') is True
    except OSError:
        return False
