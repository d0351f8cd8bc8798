"""What Strimzi's operator 0.50.0 asks of Connect's REST API: the same requests in the same order with the same headers, the
same codes accepted, the same comparison of configurations, the same waits. It was written after the operator's source."""
import http.client
import json
import time
import urllib.parse

from pod import text_of


class RestError(Exception):
    """An answer that the operator did not want; its text is what the operator writes into the condition."""

    def __init__(self, method, path, status, body):
        try:
            message = json.loads(body)['message']
        except (ValueError, KeyError, TypeError):
            message = 'Unknown error message'
        super().__init__('%s %s returned %d (%s): %s' % (method, path, status, http.client.responses.get(status, status), message))
        self.status = status


class NotReady(Exception):
    pass


class Operator:
    def __init__(self, host, port, connect):
        self.host, self.port, self.connect = host, port, connect
        self.connection = None
        self.calls = []         # (method, path, status) of the present reconciliation

    # -- the operator's HTTP client ---------------------------------------------------------------------------------

    def send(self, method, path, body, content_type):
        """As the JDK's client that prefers HTTP/2: every request asks for h2c, also one with a body; connections are kept."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        data = None if body is None else json.dumps(body, separators=(',', ':')).encode()
        c = self.connection
        c.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        c.putheader('Connection', 'Upgrade, HTTP2-Settings')
        c.putheader('Content-Length', str(len(data or b'')))
        c.putheader('Host', '%s:%d' % (self.host, self.port))
        c.putheader('HTTP2-Settings', 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA')
        c.putheader('Upgrade', 'h2c')
        c.putheader('User-Agent', 'Java-http-client/21.0.9')
        c.putheader('Accept', 'application/json')
        if content_type:
            c.putheader('Content-Type', 'application/json')
        c.endheaders(data)
        answer = c.getresponse()
        return answer.status, answer.read().decode()

    def call(self, method, path, wanted, body=None, content_type=False):
        path = path.replace('->', '%2D%3E')
        try:
            status, text = self.send(method, path, body, content_type)
        except (http.client.RemoteDisconnected, ConnectionError):      # an idle connection that the server has closed
            self.connection.close()
            status, text = self.send(method, path, body, content_type)
        self.calls.append((method, path, status))
        if status not in wanted:
            raise RestError(method, path, status, text)
        return json.loads(text) if text else None

    def again(self, codes, tries, call):
        """Repeats a call that was answered with one of `codes`, after 200 ms, 400 ms, ..."""
        for n in range(tries):
            try:
                return call()
            except RestError as x:
                if x.status not in codes:
                    raise
                last = x
            time.sleep(0.2 * 2 ** n)
        raise last

    # -- one reconciliation -----------------------------------------------------------------------------------------

    def reconcile(self, connectors, annotations=None):
        """{name: status of the KafkaConnector} after one round. annotations: {name: {annotation: value}}, taken off when done."""
        self.calls = []
        for plugin in self.call('GET', '/connector-plugins', [200]):
            if not all(isinstance(plugin[field], str) for field in ('class', 'type', 'version')):
                raise NotReady('a plugin without class, type and version: %s' % plugin)
        present = self.call('GET', '/connectors', [200])
        if not isinstance(present, list) or not all(isinstance(name, str) for name in present):
            raise NotReady('/connectors is no array of texts')
        wanted = {c['metadata']['name']: c for c in connectors if c['metadata']['labels']['strimzi.io/cluster'] == self.connect['metadata']['name']}
        for name in present:
            if name not in wanted:
                self.delete(name)
        return {name: self.connector(name, resource, (annotations or {}).get(name, {})) for name, resource in wanted.items()}

    def connector(self, name, resource, annotations):
        try:
            status, topics = self.create_or_update(name, resource['spec'], annotations)
        except (RestError, NotReady) as x:
            reason = 'ConnectRestException' if isinstance(x, RestError) else 'RuntimeException'
            return {'ready': False, 'reason': reason, 'message': str(x)}
        failed = [str(t['id']) for t in status['tasks'] if t['state'] == 'FAILED']
        if status['connector']['state'] == 'FAILED':
            return {'ready': False, 'message': 'Connector has failed, see connectorStatus for more details.', 'connectorStatus': status, 'topics': topics}
        if failed:
            return {'ready': False, 'message': 'The following tasks have failed: %s, see connectorStatus for more details.' % ', '.join(failed),
                    'connectorStatus': status, 'topics': topics}
        return {'ready': True, 'connectorStatus': status, 'topics': topics}

    @staticmethod
    def desired(name, spec):
        out = {key: text_of(value) for key, value in spec.get('config', {}).items()}
        if 'tasksMax' in spec:
            out['tasks.max'] = str(spec['tasksMax'])
        return {**out, 'name': name, 'connector.class': spec['class']}

    @staticmethod
    def request_body(spec):
        """The settings as texts, tasks.max as a number, no name."""
        out = {key: text_of(value) for key, value in spec.get('config', {}).items()}
        if 'tasksMax' in spec:
            out['tasks.max'] = spec['tasksMax']
        return {**out, 'connector.class': spec['class']}

    def create_or_update(self, name, spec, annotations):
        base = '/connectors/' + name
        try:
            current = self.again([409], 6, lambda: self.call('GET', base + '/config', [200, 201]))
        except RestError as x:
            if x.status != 404:
                raise
            current = None
        if current != self.desired(name, spec):
            self.again([409], 10, lambda: self.call('PUT', base + '/config', [200, 201], self.request_body(spec), True))
            status = self.again([404], 10, lambda: self.call('GET', base + '/status', [200]))
            self.adjust_state(base, spec, status)
            status = self.call('GET', base + '/status', [200])
        else:
            self.adjust_state(base, spec, self.call('GET', base + '/status', [200]))
            self.carry_out(base, annotations)
            status = self.again([404], 10, lambda: self.call('GET', base + '/status', [200]))
        return status, sorted(self.call('GET', base + '/topics', [200])[name]['topics'])

    def adjust_state(self, base, spec, status):
        state = status.get('connector', {}).get('state')
        if not isinstance(state, str):
            raise NotReady('JSON response lacked $.connector.state')
        target = spec.get('state', 'running').upper()
        # From FAILED, UNASSIGNED and RESTARTING the operator does nothing.
        if state in ('RUNNING', 'PAUSED', 'STOPPED') and state != target:
            verb, code = {'RUNNING': ('resume', 202), 'PAUSED': ('pause', 202), 'STOPPED': ('stop', 204)}[target]
            self.call('PUT', '%s/%s' % (base, verb), [code])

    def carry_out(self, base, annotations):
        if 'strimzi.io/connector-offsets' in annotations:
            self.offsets(base, *annotations.pop('strimzi.io/connector-offsets'))
        if 'strimzi.io/restart' in annotations:
            flags = annotations.pop('strimzi.io/restart').split(',')
            query = urllib.parse.urlencode({flag: str(flag in flags).lower() for flag in ('includeTasks', 'onlyFailed')})
            self.call('POST', '%s/restart?%s' % (base, query), [202, 204])
        if 'strimzi.io/restart-task' in annotations:
            self.call('POST', '%s/tasks/%s/restart' % (base, annotations.pop('strimzi.io/restart-task')), [204])

    def offsets(self, base, verb, value=None):
        """list, alter with what a ConfigMap holds, reset; the last two of a STOPPED connector only."""
        if verb == 'list':
            value.update(self.call('GET', base + '/offsets', [200]))
        elif self.call('GET', base + '/status', [200])['connector']['state'] != 'STOPPED':
            raise NotReady('the offsets of a connector that is not STOPPED')
        elif verb == 'alter':
            self.call('PATCH', base + '/offsets', [200], value, True)
        else:
            self.call('DELETE', base + '/offsets', [200])

    def delete(self, name):
        """Deleted means: 204, then a status of 404 whose body is JSON."""
        base = '/connectors/' + name
        self.again([409], 10, lambda: self.call('DELETE', base, [204], None, True))
        self.again([200], 10, lambda: self.call('GET', base + '/status', [404]))

    def wait(self, connectors, ready, seconds=30):
        """Reconciles until `ready` holds for the statuses. The operator's next round comes after two minutes; here at once."""
        end = time.monotonic() + seconds
        while True:
            statuses = self.reconcile(connectors)
            if ready(statuses):
                return statuses
            if time.monotonic() > end:
                raise NotReady('not within %d s: %s' % (seconds, statuses))
            time.sleep(0.1)
