"""The differential test's side of PostgreSQL: what run.py asks a database for."""
from .case import Case
from .known import KNOWN
from .options import OPTIONS
from .trial import PostgresServers as Servers, PostgresTrial as Trial


def make_case(seed, arguments):
    return Case(seed)
