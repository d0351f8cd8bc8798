"""Kafka Connect's own transforms and predicates, and chains of any, as connector options. A case names fields for them: `field`, which
values have, and `key_field`, which keys have."""
CONNECT = 'org.apache.kafka.connect.transforms.'
DEBEZIUM = 'io.debezium.transforms.'
IS_TOMBSTONE = {'type': CONNECT + 'predicates.RecordIsTombstone'}


def topic_matches(pattern):
    return {'type': CONNECT + 'predicates.TopicNameMatches', 'pattern': pattern}


def has_header(name):
    return {'type': CONNECT + 'predicates.HasHeaderKey', 'name': name}


def either(r, case, name):
    """The variant of a transform for values or for keys, and a field that those have."""
    part = r.choice(['Value', 'Key'])
    return CONNECT + name + '$' + part, case.field if part == 'Value' else case.key_field


def route(r, case):
    return {'type': CONNECT + 'RegexRouter', 'regex': r.choice(['(.*)\\.(.*)\\.(.*)', '([^.]+)\\.public\\.(.*)', '(.*)']), 'replacement': r.choice(['$1.routed.$2', '$1-x', '$1'])}


def replace(r, case):
    out = {'type': CONNECT + 'ReplaceField$' + r.choice(['Key', 'Value', 'Value'])}
    names = case.field_names() + ['ts_us', 'ts_ns', 'transaction']
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
        out['static.field'], out['static.value'] = 'made', 'y'
    return out


def cast(r, case):
    kind, field = either(r, case, 'Cast')
    return {'type': kind, 'spec': r.choice(['%s:string', '%s:int64', '%s:float64', 'ts_ms:string', '%s:int8', '%s:boolean,op:string']).replace('%s', field)}


def flatten(r, case):
    return {'type': CONNECT + 'Flatten$' + r.choice(['Value', 'Key']), **({'delimiter': r.choice(['_', '/'])} if r.random() < 0.5 else {})}


def hoist(r, case):
    return {'type': CONNECT + 'HoistField$' + r.choice(['Value', 'Key']), 'field': 'in'}


def extract(r, case):
    kind, field = either(r, case, 'ExtractField')
    return {'type': kind, 'field': r.choice(['after', field, 'source'])}


def to_key(r, case):
    return {'type': CONNECT + 'ValueToKey', 'fields': r.choice([case.field, 'op', 'ts_ms,op'])}


def mask(r, case):
    return {'type': CONNECT + 'MaskField$Value', 'fields': r.choice(['op', case.field, 'ts_ms'])}


def set_schema(r, case):
    return {'type': CONNECT + 'SetSchemaMetadata$' + r.choice(['Value', 'Key']), 'schema.name': 'renamed', **({'schema.version': '7'} if r.random() < 0.5 else {})}


def header(r, case):
    return r.choice([{'type': CONNECT + 'InsertHeader', 'header': 'h', 'value.literal': r.choice(['1', 'text', 'true', '{"a":1}', '1.50', '2020-01-01'])},
                     {'type': CONNECT + 'DropHeaders', 'headers': '__debezium.newkey'}])


def header_from(r, case):
    kind, field = either(r, case, 'HeaderFrom')
    return {'type': kind, 'fields': field, 'headers': 'from_k', 'operation': r.choice(['copy', 'move'])}


ANY = [route, replace, insert, cast, set_schema, header]
SHAPES = [flatten, hoist, extract, to_key, mask, header_from]


def chain(envelope, anywhere, shapes, predicates):
    """A maker of chains of one to three transforms, some of them behind a predicate. `envelope`: those that come first or not at all."""
    def make(r, case):
        made = [r.choice(envelope)(r, case)] if r.random() < 0.25 else []
        if r.random() < 0.5 or not made:
            made.append(r.choice(anywhere)(r, case))
        if r.random() < 0.35:
            made.append(r.choice(anywhere + shapes)(r, case))
        out, named = {}, {}
        for i, t in enumerate(made):
            for key, value in t.items():
                out['transforms.x%d.%s' % (i, key)] = value
            if r.random() < 0.2:
                named['p%d' % i] = r.choice(predicates)
                out['transforms.x%d.predicate' % i] = 'p%d' % i
                if r.random() < 0.4:
                    out['transforms.x%d.negate' % i] = 'true'
        out['transforms'] = ','.join('x%d' % i for i in range(len(made)))
        if named:
            out['predicates'] = ','.join(named)
            for name, p in named.items():
                for key, value in p.items():
                    out['predicates.%s.%s' % (name, key)] = value
        return out
    return make
