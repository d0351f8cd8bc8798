"""Chains of transforms and predicates, as connector options."""
CONNECT = 'org.apache.kafka.connect.transforms.'
DEBEZIUM = 'io.debezium.transforms.'


def unwrap(r, case):
    out = {'type': DEBEZIUM + 'ExtractNewRecordState'}
    if r.random() < 0.5:
        out['drop.tombstones'] = 'false'
    if r.random() < 0.6:
        out['delete.handling.mode'] = r.choice(['rewrite', 'none', 'drop'])
    elif r.random() < 0.6:
        out.pop('drop.tombstones', None)
        out['delete.tombstone.handling.mode'] = r.choice(['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone'])
    if r.random() < 0.5:
        out['add.fields'] = r.choice(['op', 'op,table', 'op,source.ts_ms,lsn', 'table:t,op:o', 'source.snapshot', 'ts_ms,ts_us,ts_ns', 'name,db,schema,txId'])
    if r.random() < 0.4:
        out['add.headers'] = r.choice(['op', 'db,table', 'source.schema:s', 'op:operation,lsn'])
    if r.random() < 0.2:
        out['add.fields.prefix'] = r.choice(['', 'meta_', '_'])
    if r.random() < 0.15:
        out['route.by.field'] = r.choice(['k', 'name'])
    if r.random() < 0.1:
        out['drop.fields.header.name'] = 'nothing'
    return out


def route(r, case):
    return {'type': CONNECT + 'RegexRouter', 'regex': r.choice(['(.*)\\.(.*)\\.(.*)', '([^.]+)\\.public\\.(.*)', '(.*)']), 'replacement': r.choice(['$1.routed.$2', '$1-x', '$1'])}


def replace(r, case):
    out = {'type': CONNECT + 'ReplaceField$' + r.choice(['Key', 'Value', 'Value'])}
    names = sorted({c.name for t in case.tables for c in t.columns if c.name.isidentifier()}) + ['ts_us', 'ts_ns', 'transaction']
    which = r.choice(['exclude', 'renames', 'exclude'])
    some = r.sample(names, min(len(names), r.randint(1, 4)))
    out[which] = ','.join(some) if which == 'exclude' else ','.join('%s:%s_new' % (n, n) for n in some)
    return out


def insert(r, case):
    out = {'type': CONNECT + 'InsertField$' + r.choice(['Key', 'Value', 'Value', 'Value'])}
    for option, value in (('static.field', 'made'), ('topic.field', 'from_topic'), ('partition.field', 'from_partition?'), ('timestamp.field', 'at')):
        if r.random() < 0.35 and option not in ('timestamp.field',):
            out[option] = value
            if option == 'static.field':
                out['static.value'] = r.choice(['x', 'ü "', '1'])
    if len(out) == 1:
        out['static.field'], out['static.value'] = 'made!', 'y'
        out['static.field'] = 'made'
    return out


def cast(r, case):
    return {'type': CONNECT + 'Cast$' + r.choice(['Value', 'Key']), 'spec': r.choice(['k:string', 'k:int64', 'k:float64', 'ts_ms:string', 'k:int8', 'k:boolean,op:string'])}


def flatten(r, case):
    return {'type': CONNECT + 'Flatten$' + r.choice(['Value', 'Key']), **({'delimiter': r.choice(['_', '/'])} if r.random() < 0.5 else {})}


def hoist(r, case):
    return {'type': CONNECT + 'HoistField$' + r.choice(['Value', 'Key']), 'field': 'in'}


def extract(r, case):
    return {'type': CONNECT + 'ExtractField$' + r.choice(['Value', 'Key']), 'field': r.choice(['after', 'k', 'source'])}


def to_key(r, case):
    return {'type': CONNECT + 'ValueToKey', 'fields': r.choice(['k', 'op', 'ts_ms,op'])}


def mask(r, case):
    return {'type': CONNECT + 'MaskField$Value', 'fields': r.choice(['op', 'k', 'ts_ms'])}


def set_schema(r, case):
    return {'type': CONNECT + 'SetSchemaMetadata$' + r.choice(['Value', 'Key']), 'schema.name': 'renamed', **({'schema.version': '7'} if r.random() < 0.5 else {})}


def header(r, case):
    return r.choice([{'type': CONNECT + 'InsertHeader', 'header': 'h', 'value.literal': r.choice(['1', 'text', 'true', '{"a":1}', '1.50', '2020-01-01'])},
                     {'type': CONNECT + 'DropHeaders', 'headers': '__debezium.newkey'}])


def header_from(r, case):
    return {'type': CONNECT + 'HeaderFrom$' + r.choice(['Value', 'Key']), 'fields': 'k', 'headers': 'from_k', 'operation': r.choice(['copy', 'move'])}


def changed(r, case):
    return {'type': DEBEZIUM + 'ExtractChangedRecordState', 'header.changed.name': 'Changed', 'header.unchanged.name': 'Unchanged'}


def logical(r, case):
    out = {'type': DEBEZIUM + 'ByLogicalTableRouter', 'topic.regex': '(.*)(amber|basalt|cobalt|dusk)(.*)', 'topic.replacement': '$1logical'}
    if r.random() < 0.4:
        out['key.enforce.uniqueness'] = 'false'
    return out


def timezone(r, case):
    return {'type': DEBEZIUM + 'TimezoneConverter', 'converted.timezone': r.choice(['+05:30', 'Europe/Berlin', 'UTC', 'America/New_York'])}


def drop_some(r, case):
    return {'type': CONNECT + 'Filter'}


ANY = [route, replace, insert, cast, set_schema, header, unwrap, unwrap, unwrap]
ENVELOPE = [changed, logical, timezone]
SHAPES = [flatten, hoist, extract, to_key, mask, header_from]
PREDICATES = [{'type': CONNECT + 'predicates.TopicNameMatches', 'pattern': '.*(public|other).*'}, {'type': CONNECT + 'predicates.RecordIsTombstone'},
              {'type': CONNECT + 'predicates.HasHeaderKey', 'name': '__debezium.newkey'}]


def chain(r, case):
    """One to three transforms; some of them behind a predicate."""
    made = [r.choice(ENVELOPE)(r, case)] if r.random() < 0.25 else []
    if r.random() < 0.5 or not made:
        made.append(r.choice(ANY)(r, case))
    if r.random() < 0.35:
        made.append(r.choice(ANY + SHAPES)(r, case))
    out, predicates = {}, {}
    for i, t in enumerate(made):
        for key, value in t.items():
            out['transforms.x%d.%s' % (i, key)] = value
        if r.random() < 0.2:
            predicates['p%d' % i] = r.choice(PREDICATES)
            out['transforms.x%d.predicate' % i] = 'p%d' % i
            if r.random() < 0.4:
                out['transforms.x%d.negate' % i] = 'true'
    out['transforms'] = ','.join('x%d' % i for i in range(len(made)))
    if predicates:
        out['predicates'] = ','.join(predicates)
        for name, p in predicates.items():
            for key, value in p.items():
                out['predicates.%s.%s' % (name, key)] = value
    return out
