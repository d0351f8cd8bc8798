#!/usr/bin/env python3
"""Stands in front of the MongoDB stand-in for clients that its `hello` answers do not suit.

usage: mongo_proxy.py PORT TARGET [ADVERTISED]      all three ports have the same number of digits

* Clears the flag exhaustAllowed of requests. The stand-in answers an exhaust hello with replies that all respond to the first
  request; the Java driver then drops its monitor's connection every 10 s. libmongoc and pymongo do not ask for exhaust.
* Puts the port ADVERTISED (default PORT) for the server's own into hello's hosts, me and primary: clients of a replica set connect
  to the members that it names, so they come back through here, or through what stands before it on the port ADVERTISED."""
import socket
import struct
import sys
import threading

OP_MSG = 2013
EXHAUST_ALLOWED = 1 << 16
HELLO_BYTES_MAX = 8192


def read_exactly(connection, count):
    data = bytearray(count)
    view, have = memoryview(data), 0
    while have < count:
        got = connection.recv_into(view[have:])
        if not got:
            raise EOFError
        have += got
    return data


def request(message, operation):
    if operation == OP_MSG:
        flags = struct.unpack_from('<I', message)[0]
        struct.pack_into('<I', message, 0, flags & ~EXHAUST_ALLOWED)
    return message


def address(port):
    return b'127.0.0.1:%d\0' % port


class Pair:
    """Two threads carry the messages of one client: requests one way, answers the other."""

    def __init__(self, client, server, real, shown):
        self.client, self.server, self.real, self.shown = client, server, address(real), address(shown)
        for source, sink, change in ((client, server, request), (server, client, self.answer)):
            threading.Thread(target=self.carry, args=(source, sink, change), daemon=True).start()

    def answer(self, message, operation):
        if operation == OP_MSG and len(message) <= HELLO_BYTES_MAX and b'setName' in message:
            return message.replace(self.real, self.shown)
        return message

    def carry(self, source, sink, change):
        try:
            while True:
                header = read_exactly(source, 16)
                length, _, _, operation = struct.unpack('<iiii', header)
                sink.sendall(header + change(read_exactly(source, length - 16), operation))
        except (EOFError, OSError):
            pass
        for s in (self.client, self.server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def main():
    port, target = int(sys.argv[1]), int(sys.argv[2])
    shown = int(sys.argv[3]) if len(sys.argv) > 3 else port
    if len(address(shown)) != len(address(target)):
        sys.exit('mongo_proxy.py: %d and %d have not the same number of digits' % (shown, target))
    listener = socket.create_server(('127.0.0.1', port), backlog=64)
    while True:
        client, _ = listener.accept()
        try:
            server = socket.create_connection(('127.0.0.1', target), timeout=5)
            server.settimeout(None)
        except OSError:
            client.close()
            continue
        for s in (client, server):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Pair(client, server, target, shown)


if __name__ == '__main__':
    main()
