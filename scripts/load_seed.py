#!/usr/bin/env python3
"""Carries out the few mongosh statements that the seed and ./quickstart use, where there is no mongosh. Needs pymongo.

usage: load_seed.py CONNECTION_STRING FILE
       load_seed.py CONNECTION_STRING --eval STATEMENTS

    db = db.getSiblingDB('name');
    db.COLLECTION.insertOne({...});    insertMany([{...}, ...])    updateOne({...}, {...})    deleteOne({...})

with texts, numbers, true, false, null, arrays, documents and ISODate('...'), and // comments. Numbers are stored as mongosh does:
a whole one of 32 bits as int32, others as double. Anything else is an error that names the place; nothing is carried out then."""
import datetime
import re
import sys

SPACE = re.compile(r'(?:\s+|//[^\n]*)*')
WORD = re.compile(r'[A-Za-z_$][\w$]*')
NUMBER = re.compile(r'-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?')
TEXT = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")
ESCAPES = {'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', '0': '\0'}
ARGUMENTS = {'insertOne': (dict,), 'insertMany': (list,), 'updateOne': (dict, dict), 'deleteOne': (dict,)}
INT32 = range(-2**31, 2**31)


class SeedError(Exception):
    pass


class Script:
    """Reads statements; gives (database, collection, method, arguments)."""

    def __init__(self, text, name):
        self.text, self.name, self.at = text, name, 0

    def error(self, wanted):
        line = self.text.count('\n', 0, self.at) + 1
        found = self.text[self.at:self.at + 30].split('\n')[0] or 'the end'
        return SeedError('%s:%d: %s was expected, found: %s\nload_seed.py knows only the statements that its --help names; use mongosh for others'
                         % (self.name, line, wanted, found))

    def space(self):
        self.at = SPACE.match(self.text, self.at).end()

    def take(self, pattern, wanted):
        self.space()
        found = re.compile(pattern).match(self.text, self.at) if isinstance(pattern, str) else pattern.match(self.text, self.at)
        if not found:
            raise self.error(wanted)
        self.at = found.end()
        return found[0]

    def sees(self, text):
        self.space()
        return self.text.startswith(text, self.at)

    def skip(self, text):
        if not self.sees(text):
            return False
        self.at += len(text)
        return True

    def need(self, text):
        if not self.skip(text):
            raise self.error("'%s'" % text)

    def statements(self, database):
        while True:
            self.space()
            if self.at == len(self.text):
                return
            if self.skip(';'):
                continue
            self.take(r'db\b', 'a statement on db')
            if self.skip('='):
                self.take(r'db\s*\.\s*getSiblingDB\b', "db.getSiblingDB('name')")
                database = self.only_text()
            else:
                self.need('.')
                yield (database, *self.call())

    def only_text(self):
        self.need('(')
        value = self.string()
        self.need(')')
        return value

    def call(self):
        collection = self.take(WORD, 'the name of a collection')
        self.need('.')
        self.space()
        before = self.at
        method = self.take(WORD, 'a method')
        kinds = ARGUMENTS.get(method)
        if kinds is None:
            self.at = before
            raise self.error('one of ' + ', '.join(ARGUMENTS))
        self.need('(')
        arguments = []
        for n, kind in enumerate(kinds):
            if n:
                self.need(',')
            self.space()
            before = self.at
            arguments.append(self.value())
            if not isinstance(arguments[-1], kind) or kind is list and not all(isinstance(d, dict) for d in arguments[-1]):
                self.at = before
                raise self.error('an array of documents' if kind is list else 'a document')
        self.need(')')
        return collection, method, arguments

    def value(self):
        self.space()
        first = self.text[self.at:self.at + 1]
        if first == '{':
            return self.document()
        if first == '[':
            return self.array()
        if first in ('"', "'"):
            return self.string()
        if first.isdigit() or first in ('-', '.'):
            return self.number()
        before = self.at
        word = self.take(WORD, 'a value')
        if word in ('true', 'false', 'null'):
            return {'true': True, 'false': False, 'null': None}[word]
        if word == 'ISODate':
            return self.date()
        self.at = before
        raise self.error('a value')

    def string(self):
        quoted = self.take(TEXT, 'a text')[1:-1]
        return re.sub(r'\\(?:u([0-9a-fA-F]{4})|(.))', lambda m: chr(int(m[1], 16)) if m[1] else ESCAPES.get(m[2], m[2]), quoted)

    def number(self):
        value = float(self.take(NUMBER, 'a number'))
        return int(value) if value.is_integer() and int(value) in INT32 else value

    def date(self):
        self.need('(')
        self.space()
        before, text = self.at, self.string()
        self.need(')')
        try:
            date = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
        except ValueError:
            self.at = before
            raise self.error("a date like '2026-01-05T09:30:00.000Z'") from None
        return date if date.tzinfo else date.replace(tzinfo=datetime.timezone.utc)

    def document(self):
        out = {}
        self.need('{')
        while not self.skip('}'):
            name = self.string() if self.sees('"') or self.sees("'") else self.take(WORD, 'a name')
            self.need(':')
            out[name] = self.value()
            if not self.skip(','):
                self.need('}')
                break
        return out

    def array(self):
        out = []
        self.need('[')
        while not self.skip(']'):
            out.append(self.value())
            if not self.skip(','):
                self.need(']')
                break
        return out


METHODS = {'insertOne': 'insert_one', 'insertMany': 'insert_many', 'updateOne': 'update_one', 'deleteOne': 'delete_one'}


def main():
    if len(sys.argv) == 4 and sys.argv[2] == '--eval':
        text, name = sys.argv[3], '--eval'
    elif len(sys.argv) == 3:
        name = sys.argv[2]
        try:
            with open(name, encoding='utf-8') as f:
                text = f.read()
        except OSError as x:
            sys.exit('load_seed.py: %s' % x)
    else:
        sys.exit(__doc__)
    try:
        statements = list(Script(text, name).statements('test'))
    except SeedError as x:
        sys.exit('load_seed.py: %s' % x)
    import pymongo
    import pymongo.errors
    try:
        with pymongo.MongoClient(sys.argv[1], serverSelectionTimeoutMS=10000) as client:
            for database, collection, method, arguments in statements:
                getattr(client[database][collection], METHODS[method])(*arguments)
    except pymongo.errors.PyMongoError as x:
        sys.exit('load_seed.py: MongoDB: %s' % x)


if __name__ == '__main__':
    main()
