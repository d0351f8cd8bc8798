"""Groups of connector options for PostgreSQL."""
import re

from options import Options, boolean, converters, header_converter, json_options, names_of_fields, names_of_schemas, one, schemas, skipped, snapshot_mode
from . import transforms


def pattern(name):
    """A regular expression of Java that matches this name and no other; a comma would end the entry of a list."""
    return re.sub(r'([^A-Za-z0-9_ ])', r'\\\1', name).replace('\\,', '.')


def listable(name):
    return not re.search(r'[,:;\s]', name) and name.isascii()


def table_pattern(t):
    return pattern(t.schema) + r'\.' + pattern(t.name)


def columns_of(r, case, low=1, high=3):
    """Patterns of some columns, as schema.table.column; sometimes one for many."""
    every = [(t, c) for t in case.tables for c in t.columns if listable(c.name) and listable(t.name) and listable(t.schema)]
    if not every:
        return []
    chosen = r.sample(every, min(len(every), r.randint(low, high)))
    out = [table_pattern(t) + r'\.' + pattern(c.name) for t, c in chosen]
    if r.random() < 0.2:
        out.append(r'.*\.(name|id|op)')
    return out


def column_list(key):
    def make(r, case):
        found = columns_of(r, case)
        if key == 'column.include.list':
            found = [r'.*\.(k|fence|token|[a-m].*)'] + found
        return {key: ','.join(found)} if found else {}
    return make


def masks(r, case):
    out = {}
    for _ in range(r.randint(1, 3)):
        found = columns_of(r, case, 1, 4) if r.random() < 0.6 else [r'public\..*\..*[a-k].*']
        if not found:
            continue
        key = r.choice(['column.mask.with.%d.chars' % r.choice([0, 1, 5]), 'column.truncate.to.%d.chars' % r.choice([1, 3, 12]),
                        'column.mask.hash.%s.with.salt.%s' % (r.choice(['SHA-256', 'MD5', 'SHA-1', 'SHA-512']), r.choice(['x', 'CzQMA0cB5K'])),
                        'column.mask.hash.v2.%s.with.salt.%s' % (r.choice(['SHA-256', 'SHA-384']), r.choice(['y', 'pepper']))])
        out[key] = ','.join(found)
    return out


def propagate(r, case):
    return r.choice([{'column.propagate.source.type': '.*'}, {'column.propagate.source.type': ','.join(columns_of(r, case) or ['.*'])},
                     {'datatype.propagate.source.type': r'.+\.(int4|varchar|numeric|timestamp|bit|_text|serial)'}, {'datatype.propagate.source.type': '.*'}])


def key_columns(r, case):
    parts = []
    for t in r.sample(case.tables, r.randint(1, len(case.tables))):
        names = [c.name for c in t.columns if listable(c.name)]
        if names and listable(t.name) and listable(t.schema):
            parts.append(table_pattern(t) + ':' + ','.join(pattern(n) for n in r.sample(names, min(len(names), r.randint(1, 3)))))
    if r.random() < 0.2:
        parts.append(r'(.*)\.(.*):k')
    return {'message.key.columns': ';'.join(parts)} if parts else {}


def topic_names(r, case):
    strategy = 'io.debezium.schema.' + r.choice(['SchemaTopicNamingStrategy', 'DefaultTopicNamingStrategy', 'SchemaUnicodeTopicNamingStrategy', 'DefaultUnicodeTopicNamingStrategy'])
    out = {'topic.naming.strategy': strategy}
    if r.random() < 0.4:
        out['topic.delimiter'] = r.choice(['-', '_', '.'])
    return out


def regex_topics(r, case):
    out = {'topic.naming.strategy': 'io.debezium.schema.' + r.choice(['SchemaRegexTopicNamingStrategy', 'DefaultRegexTopicNamingStrategy']),
           'topic.regex': r'(.*)(amber|basalt|cobalt|dusk)(.*)', 'topic.replacement': '$1all'}
    if r.random() < 0.3:
        out['topic.key.enforce.uniqueness'] = 'false'
    elif r.random() < 0.5:
        out['topic.key.field.name'] = 'of'
        out['topic.key.field.regex'], out['topic.key.field.replacement'] = r'(.*)_(.*)', '$2'
    return out


def table_filter(r, case):
    some = r.sample(case.tables, r.randint(1, len(case.tables)))
    some = [table_pattern(t) for t in some if listable(t.name) and listable(t.schema)]
    if r.random() < 0.2:
        return {'schema.exclude.list': r.choice(['other', 's-.*', 'OTHER'])}
    if not some:
        return {}
    out = {'table.include.list': ','.join(some + [r'public\.zz_fence'])} if r.random() < 0.5 else {'table.exclude.list': ','.join(some[:1])}
    if r.random() < 0.4:
        out['publication.autocreate.mode'] = 'filtered'
    return out


def overrides(r, case):
    some = [t for t in case.tables if listable(t.name) and listable(t.schema) and '.' not in t.name]
    if not some:
        return {}
    t = r.choice(some)
    name = '%s.%s' % (t.schema, t.name)
    return {'snapshot.select.statement.overrides': name, 'snapshot.select.statement.overrides.' + name: 'SELECT * FROM %s WHERE k > 1 ORDER BY k' % t.title()}


def snapshot_tables(r, case):
    some = [table_pattern(t) for t in case.tables if listable(t.name) and listable(t.schema)]
    return {'snapshot.include.collection.list': ','.join(some[:r.randint(1, len(some))])} if some else {}


def placeholder(r, case):
    return {'unavailable.value.placeholder': r.choice(['gone', 'hex:00ff41', 'ü "quoted"', 'hex:'])}


# name, how often, what it makes
OPTIONS = Options([
    ('schemas', 0.55, schemas),
    ('json options', 0.25, json_options),
    ('decimals', 0.4, one('decimal.handling.mode', 'string', 'double', 'precise')),
    ('times', 0.4, one('time.precision.mode', 'connect', 'adaptive_time_microseconds', 'adaptive')),
    ('intervals', 0.3, one('interval.handling.mode', 'string')),
    ('binary', 0.35, one('binary.handling.mode', 'base64', 'base64-url-safe', 'hex')),
    ('hstore', 0.3, one('hstore.handling.mode', 'map')),
    ('unknown types', 0.3, boolean('include.unknown.datatypes', 'false')),
    ('money', 0.1, one('money.fraction.digits', '0', '1', '4', '5')),
    ('placeholder', 0.15, placeholder),
    ('tombstones', 0.15, boolean('tombstones.on.delete', 'true')),
    ('skipped', 0.2, skipped),
    ('transactions', 0.2, one('provide.transaction.metadata', 'true')),
    ('unchanged', 0.1, one('skip.messages.without.change', 'true')),
    ('key columns', 0.12, key_columns),
    ('column include', 0.06, column_list('column.include.list')),
    ('column exclude', 0.1, column_list('column.exclude.list')),
    ('masks', 0.15, masks),
    ('source types', 0.12, propagate),
    ('schema names', 0.1, names_of_schemas),
    ('field names', 0.08, names_of_fields),
    ('topic names', 0.1, topic_names),
    ('regex topics', 0.05, regex_topics),
    ('tables', 0.15, table_filter),
    ('snapshot mode', 0.12, snapshot_mode),
    ('snapshot tables', 0.06, snapshot_tables),
    ('overrides', 0.05, overrides),
    ('fetch size', 0.1, one('snapshot.fetch.size', '1', '2', '0')),
    ('messages', 0.05, one('message.prefix.include.list', 'p', 'audit.*')),
    ('converters', 0.1, converters),
    ('header converter', 0.1, header_converter),
    ('transforms', 0.25, transforms.chain),
])
