"""The files of infrastructure/ as Strimzi's operator and Kubernetes see them. YAML is read by Resources.java alone: strictly,
with the operator's own classes; here it is JSON."""
import base64
import glob
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.environ.get('MILLRACE_CACHE', os.path.join(ROOT, '.run', 'cache'))
JAVA = os.environ.get('MILLRACE_JAVA', 'java')
INFRASTRUCTURE = os.path.join(ROOT, 'infrastructure')


class ResourceError(Exception):
    pass


def parse(files):
    """([(file name, resource)], problems as lines)"""
    libs = os.path.join(CACHE, 'strimzi')
    if not os.path.isdir(libs):
        raise ResourceError('no classes of Strimzi in %s: run ./setup deploy' % libs)
    done = subprocess.run([JAVA, '-Dslf4j.internal.verbosity=ERROR', '-cp', libs + '/*', os.path.join(HERE, 'Resources.java'), *files],
                          capture_output=True, text=True)
    problems = done.stderr.splitlines()
    if done.returncode not in (0, 1) or (done.returncode == 1 and not problems):
        raise ResourceError('Resources.java: exit status %d\n%s' % (done.returncode, done.stderr))
    return [(line['file'], line['resource']) for line in map(json.loads, done.stdout.splitlines())], problems


class Resources:
    """All of infrastructure/*.yaml; a problem in one is an error."""

    _one = None

    @classmethod
    def get(cls):
        if cls._one is None:
            cls._one = cls()
        return cls._one

    def __init__(self, files=None):
        self.entries, problems = parse(sorted(files or glob.glob(os.path.join(INFRASTRUCTURE, '*.yaml'))))
        if problems:
            raise ResourceError('\n'.join(problems))

    def all(self, kind=None, file=None):
        return [r for f, r in self.entries if kind in (None, r['kind']) and file in (None, f)]

    def one(self, kind, name, namespace):
        found = [r for r in self.all(kind) if r['metadata']['name'] == name and r['metadata']['namespace'] == namespace]
        if len(found) != 1:
            raise ResourceError('%d resources %s %s in the namespace %s' % (len(found), kind, name, namespace))
        return found[0]

    def secret(self, name, namespace):
        """{key: text}, as it is mounted."""
        secret = self.one('Secret', name, namespace)
        values = {key: base64.b64decode(text).decode() for key, text in secret.get('data', {}).items()}
        return {**values, **secret.get('stringData', {})}
