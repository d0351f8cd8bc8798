"""What the end-to-end measurements share: CPU time and memory of processes, one measurement, and how it is printed."""
import dataclasses
import os
import threading
import time

TICKS = os.sysconf('SC_CLK_TCK')
CORES = os.cpu_count()


def say(text=''):
    print(text, flush=True)


# -- processes ------------------------------------------------------------------------------------------------------

def cpu_seconds(pid):
    """CPU time of a process, all of its threads; 0 when it is gone."""
    try:
        with open('/proc/%d/stat' % pid) as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    except (OSError, TypeError):
        return 0.0


def busy_seconds():
    """CPU time that the whole machine has spent since its start."""
    with open('/proc/stat') as f:
        user, nice, system, _, _, irq, softirq = map(int, f.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def bytes_written(pid):
    try:
        with open('/proc/%d/io' % pid) as f:
            return next(int(line.split()[1]) for line in f if line.startswith('wchar:'))
    except OSError:
        return 0


class Gauge:
    """The largest anonymous memory of a worker while it lasts."""

    def __init__(self, worker):
        self.worker, self.peak, self.ended = worker, 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.ended.wait(0.05):
            self.peak = max(self.peak, self.worker.rss_anon())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


@dataclasses.dataclass
class Run:
    """One measurement of one program: rates and CPU seconds per million rows."""
    rows: int
    seconds: float           # from the first row to the last
    cpu: float               # the program itself
    server: float = 0.0      # the database's process that serves it
    broker: float = 0.0
    others: float = 0.0      # CPUs that all other processes of the machine took meanwhile
    peak: int = 0            # bytes of anonymous memory
    server_name: str = 'PostgreSQL'

    @property
    def rate(self):
        return self.rows / self.seconds

    def per_million(self, seconds):
        return seconds / self.rows * 1e6

    def __str__(self):
        text = '%9s rows/s, CPU s per million: %.2f' % (number(self.rate), self.per_million(self.cpu))
        if self.server:
            text += ', %s %.2f' % (self.server_name, self.per_million(self.server))
        if self.broker:
            text += ', broker %.2f' % self.per_million(self.broker)
        if self.peak:
            text += '; peak %.1f MB' % (self.peak / 1e6)
        return text + '; others took %.1f CPUs' % self.others


class Others:
    """What processes that have no part in a measurement take of the machine meanwhile."""

    def __init__(self):
        self.began, self.busy = time.monotonic(), busy_seconds()

    def cpus(self, ours):
        return max(0.0, (busy_seconds() - self.busy - ours) / (time.monotonic() - self.began))


# -- print ------------------------------------------------------------------------------------------------------------

def number(x):
    return '{:,.0f}'.format(x).replace(',', ' ')


def ratio(x):
    return '%.2f' % x if x >= 0.1 else '%.2g' % x


def machine():
    model = memory = ''
    with open('/proc/cpuinfo') as f:
        model = next((line.split(':', 1)[1].strip() for line in f if line.startswith('model name')), 'unknown CPU')
    with open('/proc/meminfo') as f:
        memory = int(f.readline().split()[1]) / 1e6
    return '%s, %d cores (%s), %.0f GB; load %.1f' % (time.strftime('%Y-%m-%d %H:%M'), CORES, model, memory, os.getloadavg()[0])
