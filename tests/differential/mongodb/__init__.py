"""The differential test's side of MongoDB: what run.py asks a database for."""
from .case import Case
from .known import KNOWN
from .options import OPTIONS
from .trial import MongoServers as Servers, MongoTrial as Trial, keeps_all_types


def make_case(seed, arguments):
    return Case(seed, keeps_all_types(arguments))
