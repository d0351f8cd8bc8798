"""TCP proxies on loopback: one that can freeze, cut off, refuse and slow down what passes through it, one that ends TLS."""
import select
import selectors
import socket
import ssl
import threading
import time


class Proxy:
    """Forwards 127.0.0.1:port to 127.0.0.1:target. All in one thread."""

    def __init__(self, port, target):
        self.port, self.target = port, target
        self.frozen = self.refusing = False
        self.rate = None                  # bytes per second towards the target
        self.budget, self.filled = 0.0, time.monotonic()
        self.pairs = {}
        self.lock = threading.Lock()
        self.ended = False
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', port))
        self.listener.listen(64)
        self.listener.setblocking(False)
        self.passed = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def freeze(self):
        """Nothing passes, nothing ends: what a dead network looks like."""
        self.frozen = True

    def thaw(self):
        self.frozen = False

    def cut(self):
        """Ends every connection and takes no new one."""
        self.refusing = True
        self.drop()

    def mend(self):
        self.refusing = False

    def drop(self):
        """Ends every connection; new ones are taken."""
        with self.lock:
            for s in list(self.pairs):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def limit(self, bytes_per_second):
        self.rate, self.budget = bytes_per_second, 0.0

    def close(self):
        self.ended = True
        self.thread.join(5)

    def run(self):
        selector = selectors.DefaultSelector()
        selector.register(self.listener, selectors.EVENT_READ)
        while not self.ended:
            if self.frozen:
                time.sleep(0.01)
                continue
            for key, _ in selector.select(0.05):
                if key.fileobj is self.listener:
                    self.accept(selector)
                else:
                    self.forward(selector, key.fileobj)
        for s in list(self.pairs):
            s.close()
        self.listener.close()

    def accept(self, selector):
        client, _ = self.listener.accept()
        if self.refusing:
            client.close()
            return
        try:
            server = socket.create_connection(('127.0.0.1', self.target), timeout=5)
        except OSError:
            client.close()
            return
        for s in (client, server):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            s.settimeout(5)
            selector.register(s, selectors.EVENT_READ)
        with self.lock:
            self.pairs[client], self.pairs[server] = (server, True), (client, False)

    def forward(self, selector, s):
        if s not in self.pairs:
            return
        other, towards_target = self.pairs[s]
        size = 65536
        if self.rate and towards_target:
            now = time.monotonic()
            self.budget = min(self.budget + (now - self.filled) * self.rate, self.rate * 0.25)
            self.filled = now
            if self.budget < 1024:
                time.sleep(0.005)
                return
            size = min(size, int(self.budget))
        try:
            data = s.recv(size)
            if data:
                if towards_target:
                    self.budget -= len(data)
                    self.passed += len(data)
                other.sendall(data)
                return
        except OSError:
            pass
        with self.lock:
            for x in (s, other):
                if x in self.pairs:
                    selector.unregister(x)
                    del self.pairs[x]
                    x.close()


class TlsProxy:
    """Speaks TLS at 127.0.0.1:port, plain TCP to 127.0.0.1:target. A thread for each connection."""

    def __init__(self, port, target):
        self.port, self.target = port, target
        self.context = None
        self.open = set()
        self.lock = threading.Lock()
        self.subjects = set()             # common names of the certificates that clients have shown
        self.listener = socket.create_server(('127.0.0.1', port), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def serve(self, certificate, key, clients_of=None):
        """From now on, for new connections. clients_of: the authority whose certificate a client must have."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if clients_of:
            context.load_verify_locations(clients_of)
            context.verify_mode = ssl.CERT_REQUIRED
        self.context = context

    def drop(self):
        """Ends every connection."""
        with self.lock:
            for s in self.open:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.listener.close()
        self.drop()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client, self.context), daemon=True).start()

    def carry(self, plain, context):
        with self.lock:
            self.open.add(plain)
        try:
            plain.settimeout(10)
            with context.wrap_socket(plain, server_side=True) as client, socket.create_connection(('127.0.0.1', self.target)) as server:
                with self.lock:
                    self.open = (self.open - {plain}) | {client}
                self.subjects |= {value for part in (client.getpeercert() or {}).get('subject', ()) for name, value in part if name == 'commonName'}
                client.settimeout(None)
                while True:
                    ready = [client] if client.pending() else select.select([client, server], [], [])[0]
                    for source in ready:
                        data = source.recv(65536)
                        if not data:
                            return
                        (server if source is client else client).sendall(data)
        except OSError:
            pass
        finally:
            plain.close()
            with self.lock:
                self.open = {s for s in self.open if s.fileno() >= 0}
