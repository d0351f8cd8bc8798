"""A case: collections, documents, changes and DDL that a seed makes. Each statement is one command of a collection, so that a case can
be cut down by leaving statements and collections out."""
import random
import struct

import texts
from .documents import Doc, Leaf, boolean, document_bytes, double, int32, int64, null, string
from .values import Values

DATABASES = ['shop', 'shop', 'db_1', 'Odd-Name', 'ünï', '1st', 'CAPS', 'shop2']
NAMES = ['Upper', 'a.b', 'dash-ed', 'Ünï', 'with space', 'smile😀', 'x,y', 'c:d', 'a..b', 'quo"te', '数', 'n' * 100, 'end.', '(paren)', 'back\\slash', 'plus+', '[x]', 'star*', 'orders.2024', '_under', '1digit',
         'a|b', "it's", 'tab\t', 'op', 'transaction']
KINDS = ['order', 'Bill', 'ünï', 'a.b', 'with space']


class Entry:
    """A document as it was last written whole. looked_up: it was updated in this round, so that nothing may change it before its event is read."""

    def __init__(self, id, document):
        self.id, self.document, self.looked_up = id, document, False


class Collection:
    def __init__(self, label, database, name):
        self.label, self.database, self.name = label, database, name
        self.entries, self.images, self.view = [], False, False

    def namespace(self):
        return self.database + '.' + self.name


class Statement:
    """A command: {name: value} in the command's order. database None: the command is one of the server. labels: of the collections it needs."""

    def __init__(self, labels, database, command):
        self.labels, self.database, self.command = set(labels), database, command
        self.label = None

    def gone(self, cut):
        return self.label in cut or any(x in cut for x in self.labels)

    def shown(self):
        return '%s: {%s}' % (self.database or 'admin', ', '.join('%s: %r' % x for x in self.command.items()))


class Changes:
    """Statements in a transaction that ends with `end`, or each by itself when that is None."""

    def __init__(self, statements, end=None):
        self.statements, self.end = statements, end


class Round:
    """interruption: None, 'restart' (before the changes) or 'pause' (around them). The DDL stands alone, at a point where both have delivered all."""

    def __init__(self, ddl, changes, interruption):
        self.ddl, self.changes, self.interruption = ddl, changes, interruption


class Case:
    """The whole of a seed but its options; between two rounds both workers settle.

    A looked-up document (`after` of an update) is the one of the moment when the event is read. So an update is the last change of its
    document in a round, unless `repeats`, which goes with a capture mode that looks nothing up."""

    key_field = 'id'                  # what all keys have, for the transforms

    def __init__(self, seed, all_types=False, rounds=4):
        self.seed, self.collections, self.setup, self.rounds, self.count = seed, [], [], [], 0
        r = random.Random('%d/case' % seed)
        self.tame = r.random() < 0.5
        self.repeats = r.random() < 0.3
        self.ddl = r.random() < 0.45
        self.heartbeats = r.random() < 0.12
        self.field = r.choice(['_id', 'n', 'g'])
        interrupted = r.random() < 0.15
        self.values = Values(all_types, self.tame)
        self.databases = r.sample(sorted(set(DATABASES)), 2) if r.random() < 0.4 else [r.choice(DATABASES)]
        for _ in range(r.randint(1, 4)):
            collection = self.new_collection(r)
            self.create(r, collection, self.setup)
            for _ in range(r.randint(0, 3)):
                self.setup.append(self.insert(r, collection, r.choice([1, 1, 2, 4])))
            if r.random() < 0.05:
                self.setup.append(self.insert_many(collection, r.choice([101, 102, 350])))
        for i in range(rounds):
            r = random.Random('%d/round/%d' % (seed, i))
            for c in self.collections:
                for e in c.entries:
                    e.looked_up = False
            ddl = [s for s in (self.alter(r) for _ in range(r.randint(1, 2))) if s] if self.ddl and i else []
            changes = [self.some_changes(r) for _ in range(r.randint(3, 8))]
            self.rounds.append(Round(ddl, changes, r.choice(['restart', 'pause']) if interrupted and i and r.random() < 0.5 else None))
        for number, statement in enumerate(self.statements()):
            statement.label = 's%d' % number

    # -- what run.py and shrink.py ask for --

    def statements(self):
        yield from self.setup
        for part in self.rounds:
            yield from part.ddl
            for c in part.changes:
                yield from c.statements

    def kinds(self):
        return {}

    def field_names(self):
        return ['n', 'g', 'kind', 'tags', 'items', 'sub', '_id', 'after', 'op', 'before']

    def shown(self, cut):
        return ['%s  %s' % (s.label, s.shown()) for s in self.statements() if not s.gone(cut)]

    def parts(self):
        """Labels that are left out together, in the order in which that is tried."""
        yield from ([c.label] for c in self.collections)
        for part in reversed(self.rounds):
            yield [s.label for s in part.ddl] + [s.label for c in part.changes for s in c.statements]
        for part in reversed(self.rounds):
            for c in reversed(part.changes):
                yield [s.label for s in c.statements]
        for s in self.statements():
            yield [s.label]

    # -- collections --

    def new_collection(self, r, database=None):
        database = database or r.choice(self.databases)
        taken = {c.name.lower() for c in self.collections if c.database == database} | {'zz_fence'}
        name = next(n for n in iter(lambda: r.choice(NAMES) if r.random() < 0.4 else '%s_%d' % (r.choice(texts.WORDS), r.randint(1, 99)), None) if n.lower() not in taken)
        collection = Collection('t%d' % len(self.collections), database, name)
        self.collections.append(collection)
        return collection

    def create(self, r, collection, into):
        x = r.random()
        collection.images = x < 0.6
        if x < 0.8:
            command = {'create': collection.name}
            if collection.images:
                command['changeStreamPreAndPostImages'] = {'enabled': True}
            into.append(Statement([collection.label], collection.database, command))

    def alter(self, r):
        c = r.choice([x for x in self.collections if not x.view])
        verb = r.choice(['drop', 'rename', 'create', 'index', 'images', 'view', 'drop'])
        if verb == 'drop':
            c.entries = []
            return Statement([c.label], c.database, {'drop': c.name})
        if verb == 'rename':
            if not c.entries:
                return None
            to = self.new_collection(r, c.database)
            to.entries, c.entries = c.entries, []
            return Statement([c.label, to.label], None, {'renameCollection': c.namespace(), 'to': to.namespace()})
        if verb == 'create':
            into = []
            self.create(r, self.new_collection(r), into)
            return into[0] if into else None
        if verb == 'index':
            return Statement([c.label], c.database, {'createIndexes': c.name, 'indexes': [{'key': {'g': 1}, 'name': 'g_1'}]})
        if verb == 'images':
            return Statement([c.label], c.database, {'collMod': c.name, 'changeStreamPreAndPostImages': {'enabled': True}})
        view = self.new_collection(r, c.database)
        view.view = True
        return Statement([c.label, view.label], c.database, {'create': view.name, 'viewOn': c.name, 'pipeline': [{'$match': {'g': 1}}]})

    # -- documents --

    def fresh_id(self, r, collection):
        """An _id that the collection has not: 5, 5.0 and Long(5) are one."""
        for _ in range(20):
            id = self.values.id(r)
            if not any(same(id, e.id) for e in collection.entries):
                return id
        self.count += 1
        return string('id %d' % self.count)

    def document(self, r, id):
        v = self.values
        fields = [('_id', id), ('g', int32(r.randint(0, 2))), ('kind', string(r.choice(KINDS))), ('n', r.choice([int32, int64])(r.randint(-5, 2000)) if r.random() < 0.8 else double(2.5))]
        if r.random() < 0.7:
            fields.append(('tags', [r.choice([int32(r.randint(0, 9))]) if v.tame else v.value(r, 3) for _ in range(r.randint(0, 5))]))
        if v.tame or r.random() < 0.5:
            fields.append(('items', [Doc([('k', int32(i)), ('q', int32(r.randint(0, 99))), ('v', v.element(r, 'items.v'))]) for i in range(r.randint(0, 4))]))
        if v.tame or r.random() < 0.5:
            fields.append(('sub', Doc([('x', Doc([('y', v.value(r, 2, 'sub.x.y')), ('z', int32(1))])), ('dash-ed', v.value(r, 2, 'sub.dash-ed'))])))
        for i in range(r.choice([0, 1, 2, 2, 3, 5])):
            name = v.name(r, i)
            if name not in [n for n, _ in fields]:
                fields.append((name, v.value(r, 0, name)))
        if r.random() < 0.2:
            rest = fields[1:]
            r.shuffle(rest)
            fields[1:] = rest
        return Doc(fields)

    def free(self, collection):
        return [e for e in collection.entries if not e.looked_up or self.repeats]

    def insert(self, r, collection, count):
        made = []
        for _ in range(count):
            id = self.fresh_id(r, collection)
            entry = Entry(id, self.document(r, id))
            collection.entries.append(entry)
            made.append(entry.document)
        return Statement([collection.label], collection.database, {'insert': collection.name, 'documents': made, 'ordered': r.random() < 0.5})

    def insert_many(self, collection, count):
        """More small documents than one reply of the server holds; nothing changes them one by one."""
        return Statement([collection.label], collection.database, {'insert': collection.name, 'documents': [Doc([('_id', string('many %d' % i)), ('g', int32(9)), ('kind', string('many'))]) for i in range(count)]})

    # -- changes --

    def some_changes(self, r):
        count = r.choice([1, 1, 2, 3, 5])
        if r.random() < 0.2:
            before = [(c, list(c.entries)) for c in self.collections]
            statements = [self.statement(r, True) for _ in range(count)]
            if r.random() < 0.15:
                for c, entries in before:
                    c.entries = entries
                return Changes(statements, 'abort')
            return Changes(statements, 'commit')
        return Changes([self.statement(r, False) for _ in range(count)])

    def statement(self, r, in_transaction):
        c = r.choice([x for x in self.collections if not x.view])
        free = self.free(c)
        x = r.random()
        if not free or x < 0.25:
            return self.insert(r, c, r.choice([1, 1, 1, 2, 5]))
        if x < 0.30:
            return self.upsert(r, c)
        if x < 0.65:
            chosen = r.sample(free, min(len(free), r.choice([1, 1, 1, 2, 3])))
            return self.send_updates(r, c, [self.update_of(r, e) for e in chosen], in_transaction)
        if x < 0.72:
            g = r.randint(0, 2)
            if all(e in free for e in c.entries):
                for e in c.entries:
                    e.looked_up = True
                u = Doc([(r.choice(['$inc', '$max']), Doc([('n', int32(1))]))]) if r.random() < 0.5 else Doc([('$set', Doc([('all', self.values.value(r, 2, 'all'))]))])
                return self.send_updates(r, c, [Doc([('q', Doc([('g', int32(g))])), ('u', u), ('multi', boolean(True))])], in_transaction)
        if x < 0.84:
            e = r.choice(free)
            e.document = self.document(r, e.id)
            whole = e.document if r.random() < 0.5 else Doc(e.document[1:])
            return self.send_updates(r, c, [Doc([('q', Doc([('_id', e.id)])), ('u', whole)])], in_transaction)
        if x < 0.92 or not all(e in free for e in c.entries):
            chosen = r.sample(free, min(len(free), r.choice([1, 1, 2])))
            c.entries = [e for e in c.entries if e not in chosen]
            if len(chosen) == 1 and r.random() < 0.3:
                return Statement([c.label], c.database, {'findAndModify': c.name, 'query': Doc([('_id', chosen[0].id)]), 'remove': True})
            return Statement([c.label], c.database, {'delete': c.name, 'deletes': [Doc([('q', Doc([('_id', e.id)])), ('limit', int32(1))]) for e in chosen]})
        g = r.randint(0, 2)
        c.entries = [e for e in c.entries if not (e.document.get('g') and e.document.get('g').data == int32(g).data)]
        return Statement([c.label], c.database, {'delete': c.name, 'deletes': [Doc([('q', Doc([('g', int32(g))])), ('limit', int32(0))])]})

    def upsert(self, r, c):
        id = self.fresh_id(r, c)
        document = self.document(r, id)
        c.entries.append(Entry(id, document))
        u = Doc(document[1:]) if r.random() < 0.5 else Doc([('$set', Doc([('n', int32(1)), ('u', self.values.value(r, 1, 'u'))])), ('$setOnInsert', Doc([('g', int32(1)), ('sub.x.y', int32(2))]))])
        return self.send_updates(r, c, [Doc([('q', Doc([('_id', id)])), ('u', u), ('upsert', boolean(True))])], True)

    def send_updates(self, r, c, updates, in_transaction):
        """As one command, in one of the forms that there are for it."""
        first = updates[0]
        if len(updates) == 1 and not first.get('multi') and r.random() < 0.25:
            return Statement([c.label], c.database, {'findAndModify': c.name, 'query': first.get('q'), 'update': first.get('u'), 'upsert': first.get('upsert') is not None, 'new': r.random() < 0.5})
        if not in_transaction and r.random() < 0.1:
            ops = [Doc([('update', int32(0)), ('filter', u.get('q')), ('updateMods', u.get('u')), ('multi', u.get('multi') or boolean(False))]) for u in updates]
            return Statement([c.label], None, {'bulkWrite': 1, 'ops': ops, 'nsInfo': [{'ns': c.namespace()}]})
        return Statement([c.label], c.database, {'update': c.name, 'updates': updates})

    def update_of(self, r, entry):
        entry.looked_up = True
        return Doc([('q', Doc([('_id', entry.id)])), ('u', self.pipeline(r, entry) if r.random() < 0.12 else self.operators(r, entry))])

    def pipeline(self, r, entry):
        return r.choice([[Doc([('$set', Doc([('p', Doc([('$concat', [string('a'), string('é')])])), ('tags', [int32(1), int32(2)])]))])],
                         [Doc([('$set', Doc([('copy', string('$sub')), ('n', null())]))]), Doc([('$unset', [string('g'), string('f0')])])],
                         [Doc([('$set', Doc([('tags', Doc([('$slice', [string('$tags'), int32(1)])]))]))])],
                         [Doc([('$replaceWith', Doc([('_id', string('$_id')), ('g', int32(1)), ('all', string('$$ROOT'))]))])]])

    def operators(self, r, entry):
        """One to three operators that touch different fields: the server refuses conflicts."""
        out, touched = {}, set()
        for _ in range(r.choice([1, 1, 2, 3])):
            operator, path, value = self.operation(r, entry.document)
            top = path.split('.')[0]
            if top not in touched and path != '':
                touched.add(top)
                out.setdefault(operator, Doc()).append((path, value))
        return Doc(sorted(out.items())) if out else Doc([('$set', Doc([('n', int32(r.randint(0, 9)))]))])

    def operation(self, r, document):
        v = self.values
        names = [n for n in document.names() if n != '_id' and n and '.' not in n and not n.startswith('$')]
        name = r.choice(names) if names and r.random() < 0.6 else v.name(r, r.randint(0, 9)).replace('.', '_').replace('$', '_')
        verb = r.choice(['set', 'set', 'set', 'unset', 'same', 'number', 'number', 'path', 'path', 'array', 'array', 'array', 'rename', 'clock', 'bits'])
        if verb == 'set':
            return '$set', name, v.value(r, 0, name)
        if verb == 'same':
            return '$set', name, document.get(name) or int32(1)
        if verb == 'unset':
            return '$unset', r.choice([name, name, 'sub.x', 'items.0.v'] + ([] if v.tame else ['tags.0'])), string('')
        if verb == 'number':
            return r.choice([('$inc', 'n', int32(3)), ('$inc', 'n', int64(2 ** 40)), ('$mul', 'n', int32(2)), ('$min', 'n', int32(-100)), ('$max', 'n', double(1e9)), ('$inc', 'sub.x.z', int32(1))])
        if verb == 'path':
            path = r.choice(['sub.x.y', 'sub.dash-ed', 'items.0.q', 'items.1.v', 'items.$[].q', 'tags.1', 'sub.new.deep', 'items.0.sub.x'] + ([] if v.tame else ['tags.8']))
            return '$set', path, int32(7) if v.tame and path != 'sub.new.deep' else v.value(r, 2, path)
        if verb == 'array':
            element = int32(r.randint(0, 9))
            each = [int32(r.randint(0, 9)) for _ in range(r.randint(0, 3))]
            item = Doc([('k', int32(9)), ('q', int32(9))])
            return r.choice([('$push', 'tags', element), ('$push', 'tags', Doc([('$each', each), ('$slice', int32(r.randint(0, 3)))])), ('$push', 'tags', Doc([('$each', each), ('$position', int32(0))])),
                             ('$push', 'items', item), ('$push', 'items', Doc([('$each', [item, item]), ('$sort', Doc([('q', int32(-1))]))])), ('$pull', 'tags', element),
                             ('$pull', 'items', Doc([('k', int32(1))])), ('$pop', 'tags', int32(1)), ('$pop', 'items', int32(-1)), ('$addToSet', 'tags', Doc([('$each', each)])),
                             ('$pullAll', 'tags', each)])
        if verb == 'rename':
            return '$rename', name, string(name + '_renamed')
        if verb == 'clock':
            return '$currentDate', 'at', r.choice([boolean(True), Doc([('$type', string('timestamp'))])])
        return '$bit', 'bits', Doc([('or', int32(5))])


def same(a, b):
    """Whether two _ids are possibly equal to the server: numbers by their value, all else by its bytes."""
    if isinstance(a, Leaf) and isinstance(b, Leaf):
        x, y = number(a), number(b)
        if x is not None and y is not None:
            return x == y or x != x or y != y
    return document_bytes([('', a)]) == document_bytes([('', b)])


def number(leaf):
    """The value of a number as a float; NaN for every decimal, whose value is not looked at: it may be any."""
    if leaf.kind == 0x01:
        return struct.unpack('<d', leaf.data)[0]
    if leaf.kind in (0x10, 0x12):
        return float(int.from_bytes(leaf.data, 'little', signed=True))
    return float('nan') if leaf.kind == 0x13 else None
