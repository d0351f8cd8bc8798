#!/usr/bin/env python3
"""Carries out infrastructure/Dockerfile.final without a container engine: each stage is a folder, each RUN a chroot with a
mount and process namespace of its own. Needs root, debootstrap (its Debian 12 stands for debian:12-slim) and unshare.

usage: image.py [--binary MILLRACE]

Makes .run/cache/image/root, the root file system of the image, and image.json beside it, what the image says about its
start. With --binary the build stage is left out and this program, built on Debian 12, is what `COPY --from=build` copies.
The base and the packages are kept for the next call; another text of the Dockerfile makes them anew."""
import argparse
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(os.environ.get('MILLRACE_CACHE', os.path.join(ROOT, '.run', 'cache')), 'image')
DOCKERFILE = os.path.join(ROOT, 'infrastructure', 'Dockerfile.final')
BASE = 'debian:12-slim'
KNOWN = ('FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'CMD', 'ENTRYPOINT', 'ENV')


class ImageError(Exception):
    pass


# -- the Dockerfile ---------------------------------------------------------------------------------------------

def instructions(text):
    """[(instruction, argument)] with continued lines joined and comments left out."""
    out, pending = [], ''
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith('#') or not (line.strip() or pending):
            continue
        pending += line.rstrip()
        if pending.endswith('\\'):
            pending = pending[:-1]
            continue
        name, _, argument = pending.strip().partition(' ')
        if name not in KNOWN:
            raise ImageError('line %d: %s is an instruction that image.py does not know' % (number, name))
        out.append((name, re.sub(r'\s+', ' ', argument.strip())))
        pending = ''
    if pending:
        raise ImageError('the last line is continued, but nothing follows')
    return out


def stages(text):
    """[(name, base, [(instruction, argument)])] in their order."""
    out = []
    for name, argument in instructions(text):
        if name == 'FROM':
            words = argument.split()
            if len(words) not in (1, 3) or (len(words) == 3 and words[1] != 'AS'):
                raise ImageError('FROM %s: expected IMAGE [AS NAME]' % argument)
            out.append((words[2] if len(words) == 3 else str(len(out)), words[0], []))
        elif not out:
            raise ImageError('%s before FROM' % name)
        else:
            out[-1][2].append((name, argument))
    return out


class Context:
    """The files of the repository that .dockerignore lets through. Of its language it uses: a pattern, and ! before one."""

    def __init__(self, folder=ROOT):
        self.folder = folder
        with open(os.path.join(folder, '.dockerignore')) as f:
            self.rules = [line.strip() for line in f if line.strip() and not line.startswith('#')]

    def has(self, path):
        """Whether a file, named from the root, is sent to the builder: the last rule that fits it or a folder above it decides."""
        parts = path.split('/')
        above = ['/'.join(parts[:n]) for n in range(1, len(parts) + 1)]
        ignored = False
        for rule in self.rules:
            pattern = rule.lstrip('!').strip('/')
            if any(fnmatch.fnmatchcase(p, pattern) and p.count('/') == pattern.count('/') for p in above):
                ignored = not rule.startswith('!')
        return not ignored

    def files(self, path):
        """A file, or the files below a folder, as paths from the root."""
        whole = os.path.join(self.folder, path)
        found = [path] if os.path.isfile(whole) else [os.path.relpath(os.path.join(top, name), self.folder)
                                                      for top, _, names in os.walk(whole) for name in names]
        found = sorted(f for f in found if self.has(f))
        if not found:
            raise ImageError('COPY %s: no such file in the build context (.dockerignore?)' % path)
        return found


# -- carrying it out --------------------------------------------------------------------------------------------

def in_root(root, user, folder, command):
    """Runs a shell command in a root file system, as a builder does: /proc, the devices that programs expect, the
    network, and the authorities that this machine adds to Debian's, without which a registry behind a proxy is not reached."""
    script = '''set -e
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for device in null zero full random urandom tty; do touch "$1/dev/$device"; mount --bind "/dev/$device" "$1/dev/$device"; done
ln -s /proc/self/fd "$1/dev/fd"
touch "$1/etc/resolv.conf" "$1/etc/hosts"
mount --bind /etc/resolv.conf "$1/etc/resolv.conf"
mount --bind /etc/hosts "$1/etc/hosts"
own=/usr/local/share/ca-certificates
if [ -d "$own" ]; then mkdir -p "$1$own"; mount --bind "$own" "$1$own"; fi
exec chroot --userspec="$2" "$1" /bin/sh -c 'cd "$1" && eval "$2"' sh "$3" "$4"'''
    done = subprocess.run(['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', root, user, folder, command],
                          env={'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': '/root', 'DEBIAN_FRONTEND': 'noninteractive'},
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        raise ImageError('RUN %s: exit status %d' % (command, done.returncode))


def mirror():
    """The archive that this machine takes its packages from."""
    texts = []
    for folder, _, names in os.walk('/etc/apt'):
        for name in sorted(names):
            if name == 'sources.list' or name.endswith(('.sources', '.list')):
                with open(os.path.join(folder, name)) as f:
                    texts.append(f.read())
    found = re.search(r'^(?:URIs:\s*|deb\s+(?:\[[^]]*\]\s+)?)(\S+)', '\n'.join(texts), re.M)
    if not found:
        raise ImageError('no package archive is named in /etc/apt; debootstrap needs one')
    return found.group(1)


def make_base(folder):
    """Debian 12 with the packages that every system has, and this machine's package sources."""
    print('%s: debootstrap' % BASE, flush=True)
    done = subprocess.run(['debootstrap', '--variant=minbase', 'bookworm', folder, mirror()], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise ImageError('debootstrap: exit status %d\n%s' % (done.returncode, done.stdout[-2000:]))
    os.remove(os.path.join(folder, 'etc/apt/sources.list'))
    for name in ('sources.list', 'sources.list.d/debian.sources', 'apt.conf.d'):
        source, target = os.path.join('/etc/apt', name), os.path.join(folder, 'etc/apt', name)
        if os.path.isdir(source):
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif os.path.exists(source):
            shutil.copy(source, target)
    # As in the image: no documentation.
    with open(os.path.join(folder, 'etc/dpkg/dpkg.cfg.d/docker'), 'w') as f:
        f.write('path-exclude /usr/share/doc/*\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n')


def remove(folder):
    if os.path.isdir(folder):
        for line in open('/proc/self/mountinfo'):
            if line.split()[4].startswith(folder + '/'):
                raise ImageError('%s is mounted' % line.split()[4])
        shutil.rmtree(folder)


def kept(folder, mark, make):
    """A folder that stays as long as the text it is made from does."""
    done = folder + '.done'
    if not (os.path.exists(done) and open(done).read() == mark):
        if os.path.exists(done):
            os.remove(done)
        remove(folder)
        make(folder)
        with open(done, 'w') as f:
            f.write(mark)
    return folder


def copy_tree(source, target):
    subprocess.run(['cp', '-a', source, target], check=True)


class Stage:
    """One FROM with what follows it."""

    def __init__(self, root, others):
        self.root, self.others = root, others
        self.folder = '/'
        self.image = {'Entrypoint': None, 'Cmd': None, 'User': '0:0', 'WorkingDir': '/', 'Env': {}}

    def carry_out(self, name, argument):
        print('  %s %s' % (name, argument), flush=True)
        getattr(self, name.lower())(argument)

    def workdir(self, argument):
        self.folder = self.image['WorkingDir'] = os.path.join(self.folder, argument)
        os.makedirs(self.root + self.folder, exist_ok=True)

    def user(self, argument):
        self.image['User'] = argument

    def cmd(self, argument):
        self.image['Cmd'] = json.loads(argument)

    def entrypoint(self, argument):
        self.image['Entrypoint'] = json.loads(argument)

    def env(self, argument):
        self.image['Env'].update(w.split('=', 1) for w in shlex.split(argument))

    def run(self, argument):
        in_root(self.root, self.image['User'], self.folder, argument)

    def copy(self, argument):
        *sources, target = argument.split()
        origin = None
        if sources[0].startswith('--from='):
            origin = self.others[sources.pop(0)[len('--from='):]]
        into = os.path.join(self.folder, target)
        for source in sources:
            self.copy_one(origin, source, into, into.endswith('/') or len(sources) > 1)

    def copy_one(self, origin, source, into, is_folder):
        if origin is not None:
            whole = origin(source)
            return self.copy_file(whole, os.path.join(into, os.path.basename(source)) if is_folder else into)
        if os.path.isfile(os.path.join(ROOT, source)):
            [path] = Context().files(source)
            return self.copy_file(os.path.join(ROOT, path), os.path.join(into, os.path.basename(path)) if is_folder else into)
        for path in Context().files(source):      # a folder's content, not the folder itself
            self.copy_file(os.path.join(ROOT, path), os.path.join(into, os.path.relpath(path, source)))

    def copy_file(self, source, target):
        if not os.path.isfile(source):
            raise ImageError('COPY: no file %s' % source)
        os.makedirs(os.path.dirname(self.root + target), exist_ok=True)
        shutil.copy2(source, self.root + target)
        os.chown(self.root + target, 0, 0)


def last_run(steps):
    """How many instructions there are up to the last RUN of a stage."""
    return max((n + 1 for n, (name, _) in enumerate(steps) if name == 'RUN'), default=0)


def make_image(binary=None):
    with open(DOCKERFILE) as f:
        plan = stages(f.read())
    os.makedirs(CACHE, exist_ok=True)
    base = kept(os.path.join(CACHE, 'base'), BASE, make_base)
    others = {}
    for name, image, steps in plan[:-1]:
        if binary:
            others[name] = lambda path: binary
            continue
        print('stage %s' % name, flush=True)
        root = os.path.join(CACHE, 'stage-' + name)
        remove(root)
        copy_tree(base, root)
        stage = Stage(root, others)
        for step in steps:
            stage.carry_out(*step)
        others[name] = lambda path, root=root: root + path
    name, image, steps = plan[-1]
    if image != BASE:
        raise ImageError('FROM %s: image.py has a stand-in for %s only' % (image, BASE))
    heavy = last_run(steps)
    if any(step[0] == 'COPY' for step in steps[:heavy]):
        raise ImageError('the last stage copies before it runs: the kept packages would be out of date')

    def packages(root):
        copy_tree(base, root)
        stage = Stage(root, others)
        for step in steps[:heavy]:
            stage.carry_out(*step)
    root = kept(os.path.join(CACHE, 'root'), json.dumps(steps[:heavy]), packages)
    stage = Stage(root, others)
    for step in steps:
        if step[0] != 'RUN':
            stage.carry_out(*step)
    with open(root + '.json', 'w') as f:
        json.dump(stage.image, f)
    for name, _, _ in plan[:-1]:
        remove(os.path.join(CACHE, 'stage-' + name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary')
    a = parser.parse_args()
    if os.getuid() != 0:
        sys.exit('image.py: root is needed: it makes root file systems')
    try:
        make_image(os.path.abspath(a.binary) if a.binary else None)
    except (ImageError, OSError) as x:
        sys.exit('image.py: %s' % x)


if __name__ == '__main__':
    main()
