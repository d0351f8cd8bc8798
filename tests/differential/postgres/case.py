"""A case: tables, rows, transactions and ALTERs that a seed makes. Each statement knows its table and columns, so that a
case can be cut down: what is cut is left out when the statement is written as SQL."""
import random

from . import values

NAMES = ['id', 'name', 'plain', 'Upper', 'with space', 'dash-ed', '1digit', 'quo"te', "apo'strophe", 'dol$lar', 'at@sign', 'hash#', '_under', 'order', 'per%cent', 'sla/sh', 'back\\slash',
         'a+b', 'x' * 63, 'tab\tname', 'user', 'AbC', 'abc', '__op', 'ts_ms', 'before', 'op', '(paren)', 'a=b', '&', 'end_', 'tableoid_']
FOREIGN_NAMES = ['größe', '数', 'naïve']
SCHEMAS = ['public', 'public', 'public', 'other', 'Odd Schema', 's-1']


def ident(name):
    return '"' + name.replace('"', '""') + '"'


class Column:
    def __init__(self, label, name, kind):
        self.label, self.name, self.kind = label, name, kind
        self.not_null, self.default, self.generated, self.identity, self.external = False, None, None, None, False
        self.used = set()             # values of a key: none comes twice

    def definition(self):
        out = ident(self.name) + ' ' + self.kind.sql
        if self.generated:
            return out + ' GENERATED ALWAYS AS (%s) STORED' % self.generated
        if self.identity:
            return out + ' GENERATED %s AS IDENTITY' % self.identity
        return out + (' NOT NULL' if self.not_null else '') + (' DEFAULT ' + self.default if self.default else '')


class Table:
    def __init__(self, label, schema, name):
        self.label, self.schema, self.name = label, schema, name
        self.columns, self.key, self.unique, self.identity = [], [], [], 'DEFAULT'
        self.rows, self.next_row, self.by = [], 1, None

    def title(self):
        return ident(self.schema) + '.' + ident(self.name)

    def fixed(self):
        """Labels of the columns that a cut leaves: those that find or identify a row."""
        return {self.by.label} | {c.label for c in self.key + self.unique}

    def can_change(self):
        """Whether the server lets a published table of this identity be updated."""
        return self.identity == 'FULL' or self.identity == 'INDEX' or (self.identity == 'DEFAULT' and bool(self.key))


class Statement:
    """SQL of which nothing can be cut but the whole; `columns` are the labels without which it is senseless."""

    def __init__(self, table, text, columns=(), fetch=None):
        self.table, self.text, self.columns, self.fetch = table, text, set(columns), fetch
        self.label = None

    def gone(self, cut):
        return self.label in cut or (self.table and self.table in cut) or any(c in cut for c in self.columns)

    def sql(self, cut):
        return None if self.gone(cut) else self.text


class Insert(Statement):
    def __init__(self, table, title, columns, rows, tail='', copy=False):
        super().__init__(table, None)
        self.title, self.listed, self.rows, self.tail, self.copy = title, columns, rows, tail, copy

    def sql(self, cut):
        if self.gone(cut):
            return None
        kept = [i for i, (label, _) in enumerate(self.listed) if label not in cut]
        head = '%s (%s)' % (self.title, ', '.join(ident(self.listed[i][1]) for i in kept))
        rows = [[row[i] for i in kept] for row in self.rows]
        if self.copy:
            return ('copy', 'COPY (VALUES %s) TO STDOUT' % ', '.join('(%s)' % ', '.join(r) for r in rows), 'COPY %s FROM STDIN' % head)
        return 'INSERT INTO %s VALUES %s%s' % (head, ', '.join('(%s)' % ', '.join(r) for r in rows), self.tail)


class Update(Statement):
    def __init__(self, table, title, pairs, where):
        super().__init__(table, None)
        self.title, self.pairs, self.where = title, pairs, where

    def sql(self, cut):
        pairs = [(n, v) for label, n, v in self.pairs if label not in cut]
        if self.gone(cut) or not pairs:
            return None
        return 'UPDATE %s SET %s WHERE %s' % (self.title, ', '.join('%s = %s' % (ident(n), v) for n, v in pairs), self.where)


class Create(Statement):
    def __init__(self, table):
        super().__init__(table.label, None)
        self.title, self.definitions = table.title(), [(c.label, c.definition(), c.name if c.external else None) for c in table.columns]
        self.tail = []
        if table.key:
            self.tail.append('PRIMARY KEY (%s)' % ', '.join(ident(c.name) for c in table.key))
        self.after = []
        if table.unique:
            self.after.append('CREATE UNIQUE INDEX %s ON %s (%s)' % (ident('u_' + table.label), self.title, ', '.join(ident(c.name) for c in table.unique)))
        if table.identity != 'DEFAULT':
            self.after.append('ALTER TABLE %s REPLICA IDENTITY %s' % (self.title, table.identity if table.identity != 'INDEX' else 'USING INDEX ' + ident('u_' + table.label)))

    def sql(self, cut):
        if self.gone(cut):
            return None
        kept = [(d, e) for label, d, e in self.definitions if label not in cut]
        out = 'CREATE TABLE %s (%s)' % (self.title, ', '.join([d for d, _ in kept] + self.tail))
        for name in (e for _, e in kept if e):
            out += '; ALTER TABLE %s ALTER %s SET STORAGE EXTERNAL' % (self.title, ident(name))
        return '; '.join([out] + self.after)


class Transaction:
    """Statements between BEGIN and COMMIT; `end` may be ROLLBACK, or PREPARE, which COMMIT PREPARED follows. DDL stands alone, at a point where both workers have delivered all."""

    def __init__(self, statements, end='COMMIT', autocommit=False):
        self.statements, self.end, self.autocommit = statements, end, autocommit


class Case:
    """The whole of a seed but its options. rounds: [(ddl statements, [Transaction])]; between two rounds both workers settle."""

    field = key_field = 'k'           # a column that every table has, for the transforms

    def __init__(self, seed, rounds=3):
        self.seed, self.count = seed, 0
        self.tables, self.setup, self.rounds = [], [], []
        r = random.Random('%d/tables' % seed)
        self.foreign_names = r.random() < 0.08
        self.specials = r.random() < 0.35          # values that Debezium cannot convert in some modes
        self.daring = r.random() < 0.15            # also in required columns, where they end the task
        for i in range(r.randint(2, 4)):
            self.make_table(random.Random('%d/table/%d' % (seed, i)), self.setup)
        self.groups = {}
        for i in range(rounds):
            self.make_round(random.Random('%d/round/%d' % (seed, i)), first=i == 0)
        number = 0
        for statement in self.statements():
            statement.label = 's%d' % number
            number += 1

    def field_names(self):
        return sorted({c.name for t in self.tables for c in t.columns if c.name.isidentifier()})

    def kinds(self):
        """{column: type}, shown beside a difference."""
        out = {}
        for table in self.tables:
            for column in table.columns:
                out.setdefault(column.name, column.kind.sql)
        return out

    def shown(self, cut):
        return ['%s  %s' % (s.label, str(s.sql(cut))[:300].replace('\n', '\\n')) for s in self.statements() if s.sql(cut)]

    def parts(self):
        """Labels that are left out together, in the order in which that is tried."""
        yield from ([t.label] for t in self.tables)
        for ddl, transactions in reversed(self.rounds):
            yield [s.label for s in ddl] + [s.label for t in transactions for s in t.statements]
        for _, transactions in reversed(self.rounds):
            for t in reversed(transactions):
                yield [s.label for s in t.statements]
        for table in self.tables:
            free = [c.label for c in table.columns if c.label not in table.fixed()]
            for i in range(0, len(free), 3):
                yield free[i:i + 3]
        for table in self.tables:
            for c in table.columns:
                if c.label not in table.fixed():
                    yield [c.label]
        for s in self.statements():
            if not isinstance(s, Create):
                yield [s.label]

    def statements(self):
        yield from self.setup
        for ddl, transactions in self.rounds:
            yield from ddl
            for t in transactions:
                yield from t.statements

    # -- tables --

    def fresh_name(self, r, taken):
        pool = NAMES + (FOREIGN_NAMES * 4 if self.foreign_names else [])
        for _ in range(50):
            name = r.choice(pool) if r.random() < 0.45 else r.choice(values.WORDS).lower() + '_%d' % r.randint(1, 99)
            # Debezium ends on columns whose names differ in case alone (known.py).
            if name.lower() not in {t.lower() for t in taken}:
                return name
        return 'n%d' % len(taken)

    def column(self, r, table, kind=None):
        column = Column('%s.c%d' % (table.label, self.count), self.fresh_name(r, {c.name for c in table.columns} | {'k'}), kind or values.pick(r))
        self.count += 1
        column.external = column.kind.long is not None and column.kind.group == 'array'
        return column

    def make_table(self, r, into):
        label = 't%d' % len(self.tables)
        schema = r.choice(SCHEMAS)
        table = Table(label, schema, self.fresh_name(r, {t.name for t in self.tables if t.schema == schema}))
        self.tables.append(table)
        table.by = Column(label + '.k', 'k', values.BY_NAME['int'])
        columns = [table.by]
        for _ in range(r.randint(2, 9)):
            table.columns = columns
            column = self.column(r, table)
            columns.append(column)
            if column.kind.sql not in ('d_code',) and r.random() < 0.25:
                column.not_null = True
            if column.kind.group in ('plain', 'enum', 'domain') and column.kind.defaults and r.random() < 0.35:
                column.default = r.choice(column.kind.defaults)
        if r.random() < 0.1:
            generated = self.column(r, table, values.BY_NAME['int'])
            generated.generated = ident('k') + ' * 2'
            columns.append(generated)
        x = r.random()
        if x < 0.45:
            table.key = [table.by]
        elif x < 0.6:
            table.key = [self.add_key(r, table)]
        elif x < 0.75:
            table.key = [self.add_key(r, table) for _ in range(r.randint(1, 2))] + [table.by]
            r.shuffle(table.key)
        elif x < 0.85:
            table.unique = [table.by] if r.random() < 0.5 else [table.by, self.add_key(r, table)]
        if table.key and r.random() < 0.2:
            table.unique = [self.add_key(r, table)]
        if r.random() < 0.4:
            r.shuffle(columns)
        y = r.random()
        if y < 0.4 or not (table.key or table.unique):
            table.identity = 'FULL' if y < 0.75 else 'DEFAULT'
        elif y < 0.5 and table.unique:
            table.identity = 'INDEX'
            for c in table.unique:
                c.not_null = True
        elif y < 0.55:
            table.identity = 'NOTHING'
        into.append(Create(table))
        for _ in range(r.randint(0, 3) if r.random() < 0.9 else 0):
            into.append(self.insert(r, table, r.randint(1, 3)))
        return table

    def add_key(self, r, table):
        column = self.column(r, table, values.key_type(r))
        table.columns.append(column)
        return column

    # -- rows --

    def value(self, r, column, unique=False):
        if column.kind.sql == 'int' and (unique or column.name == 'k'):
            return str(r.randint(1, 2000000000))
        if not column.not_null and not unique and r.random() < 0.15 and column.kind.sql != 'd_code':
            return 'NULL'
        required = (column.not_null or unique) and not self.daring
        if r.random() < 0.08 and not unique and not required:
            long = values.long_literal(column.kind, r)
            if long:
                return long
        for _ in range(30):
            text = column.kind.literal(r)
            odd = 'numeric' in column.kind.sql and any(x in text for x in ("'NaN'", "'Infinity'", "'-Infinity'")) or 'NULL' in text and column.kind.group != 'plain'
            if not (odd and (required or not self.specials)) and not (unique and text in column.used):
                break
        column.used.add(text)
        return text

    def insert(self, r, table, count):
        unique = set(table.key + table.unique)
        columns = [c for c in table.columns if not c.generated]
        listed = [c for c in columns if c is table.by or c in unique or c.not_null and not c.default or r.random() < 0.85]
        rows = []
        for _ in range(count):
            row = []
            for c in listed:
                if c is table.by:
                    row.append(str(table.next_row))
                else:
                    row.append(self.value(r, c, c in unique))
            table.rows.append(table.next_row)
            table.next_row += 1
            rows.append(row)
        return Insert(table.label, table.title(), [(c.label, c.name) for c in listed], rows, copy=r.random() < 0.15)

    def update(self, r, table):
        chosen = r.sample(table.rows, min(len(table.rows), r.choice([1, 1, 1, 2, 5])))
        unique = set(table.key + table.unique)
        columns = [c for c in table.columns if not c.generated and c is not table.by]
        picked = r.sample(columns, min(len(columns), r.randint(1, 3))) if columns else []
        pairs = []
        for c in picked:
            if c in unique and len(chosen) > 1:
                continue
            keep = r.random() < 0.15          # an update that changes nothing
            pairs.append((c.label, c.name, ident(c.name) if keep else self.value(r, c, c in unique)))
        where = 'k IN (%s)' % ', '.join(map(str, chosen))
        if table.by in unique and r.random() < 0.15 or not pairs:
            pairs.append((table.by.label, 'k', 'k + 1000000'))
            table.rows = [x + 1000000 if x in chosen else x for x in table.rows]
        return Update(table.label, table.title(), pairs, where)

    def delete(self, r, table):
        chosen = r.sample(table.rows, min(len(table.rows), r.choice([1, 1, 2, 4])))
        table.rows = [x for x in table.rows if x not in chosen]
        return Statement(table.label, 'DELETE FROM %s WHERE k IN (%s)' % (table.title(), ', '.join(map(str, chosen))))

    def statement(self, r):
        live = [t for t in self.tables if t.columns]
        table = r.choice(live)
        x = r.random()
        if x < 0.04:
            return Statement(None, "SELECT pg_logical_emit_message(%s, %s, %s)" % (r.choice(['true', 'false']), values.quoted(r.choice(['', 'p', 'audit log', 'ü'])), values.quoted(values.any_text(r))))
        if x < 0.07 and table.rows:
            table.rows = []
            others = [t for t in live if t is not table and r.random() < 0.3]
            for t in others:
                t.rows = []
            return Statement(table.label, 'TRUNCATE %s%s' % (', '.join(t.title() for t in [table] + others), r.choice(['', ' RESTART IDENTITY'])), [t.label for t in others])
        if not table.rows or x < 0.45 or not table.can_change():
            return self.insert(r, table, r.choice([1, 1, 1, 2, 4]))
        return self.update(r, table) if x < 0.85 else self.delete(r, table)

    def transaction(self, r):
        before = [(t, list(t.rows)) for t in self.tables]
        statements = [self.statement(r) for _ in range(r.choice([1, 1, 2, 3, 6]))]
        x = r.random()
        if x < 0.06:
            for t, rows in before:
                t.rows = rows
            return Transaction(statements, 'ROLLBACK')
        if x < 0.16:
            at = [(t, list(t.rows)) for t in self.tables]
            lost = [self.statement(r) for _ in range(2)]
            for t, rows in at:
                t.rows = rows
            statements += [Statement(None, 'SAVEPOINT sp'), *lost, Statement(None, 'ROLLBACK TO sp'), self.statement(r)]
        return Transaction(statements, 'PREPARE') if 0.16 <= x < 0.22 else Transaction(statements, autocommit=len(statements) == 1)

    # -- ALTERs --

    def make_round(self, r, first):
        ddl = [] if first else [s for s in (self.alter(r) for _ in range(r.randint(1, 3))) if s]
        self.rounds.append((ddl, [self.transaction(r) for _ in range(r.randint(3, 8))]))

    def alter(self, r):
        table = r.choice([t for t in self.tables if t.columns])
        head = 'ALTER TABLE %s ' % table.title()
        unique = set(table.key + table.unique) | {table.by}
        free = [c for c in table.columns if c not in unique and not c.generated and 'k' != c.name]
        verb = r.choice(['add', 'add', 'drop', 'rename', 'type', 'default', 'default', 'null', 'identity', 'table', 'create', 'label', 'rename table'])
        if verb == 'add':
            column = self.column(r, table)
            if column.kind.sql == 'd_code':
                return None
            if column.kind.defaults and column.kind.group == 'plain' and r.random() < 0.6:
                column.default = r.choice(column.kind.defaults)
                column.not_null = column.default != 'NULL' and r.random() < 0.4
            table.columns.append(column)
            return Statement(table.label, head + 'ADD ' + column.definition(), [column.label])
        if verb in ('create', 'table'):
            into = []
            made = self.make_table(r, into)
            made.rows = []
            return into[0]
        if verb == 'label':
            return Statement(None, "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'added %d'%s" % (r.randint(1, 3), r.choice(['', " BEFORE 'ok'"])))
        if verb == 'identity':
            table.identity = r.choice(['FULL', 'DEFAULT'])
            return Statement(table.label, head + 'REPLICA IDENTITY ' + table.identity)
        if verb == 'rename table':
            table.name = self.fresh_name(r, {t.name for t in self.tables})
            return Statement(table.label, head + 'RENAME TO ' + ident(table.name))
        if not free:
            return None
        column = r.choice(free)
        if verb == 'drop':
            table.columns.remove(column)
            return Statement(table.label, head + 'DROP ' + ident(column.name), [column.label])
        if verb == 'rename':
            old, column.name = column.name, self.fresh_name(r, {c.name for c in table.columns})
            return Statement(table.label, head + 'RENAME %s TO %s' % (ident(old), ident(column.name)), [column.label])
        if verb == 'null':
            if column.default in (None, 'NULL') or column.not_null:
                column.not_null = False
                return Statement(table.label, head + 'ALTER %s DROP NOT NULL' % ident(column.name), [column.label])
            return None
        if verb == 'default':
            column.default = r.choice(column.kind.defaults + [None]) if column.kind.defaults else None
            text = 'ALTER %s %s' % (ident(column.name), 'SET DEFAULT ' + column.default if column.default else 'DROP DEFAULT')
            return Statement(table.label, head + text, [column.label])
        to = {'smallint': 'bigint', 'int': 'bigint', 'bigint': 'numeric', 'varchar(12)': 'text', 'numeric(10,2)': 'numeric(38,10)', 'timestamp(3)': 'timestamp', 'char(5)': 'varchar', 'real': 'double precision',
              'date': 'timestamp', 'json': 'jsonb', 'uuid': 'text', 'numeric(5)': 'numeric(38,10)', 'boolean': 'text'}.get(column.kind.sql, 'text')
        column.kind, column.default = values.BY_NAME[to], None
        return Statement(table.label, head + 'ALTER %s DROP DEFAULT, ALTER %s TYPE %s USING %s::text::%s' % (ident(column.name), ident(column.name), to, ident(column.name), to), [column.label])
