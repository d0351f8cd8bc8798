"""Chains of transforms and predicates for PostgreSQL's records, as connector options."""
import transforms
from transforms import DEBEZIUM


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


def changed(r, case):
    return {'type': DEBEZIUM + 'ExtractChangedRecordState', 'header.changed.name': 'Changed', 'header.unchanged.name': 'Unchanged'}


def logical(r, case):
    out = {'type': DEBEZIUM + 'ByLogicalTableRouter', 'topic.regex': '(.*)(amber|basalt|cobalt|dusk)(.*)', 'topic.replacement': '$1logical'}
    if r.random() < 0.4:
        out['key.enforce.uniqueness'] = 'false'
    return out


def timezone(r, case):
    return {'type': DEBEZIUM + 'TimezoneConverter', 'converted.timezone': r.choice(['+05:30', 'Europe/Berlin', 'UTC', 'America/New_York'])}


chain = transforms.chain([changed, logical, timezone], transforms.ANY + [unwrap, unwrap, unwrap], transforms.SHAPES,
                         [transforms.topic_matches('.*(public|other).*'), transforms.IS_TOMBSTONE, transforms.has_header('__debezium.newkey')])
