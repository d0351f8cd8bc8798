"""Groups of connector options for MongoDB."""
import json
import re

from options import Options, boolean, converters, header_converter, json_options, names_of_fields, names_of_schemas, one, schemas, skipped, snapshot_mode
from trial import FENCE

from . import transforms


def pattern(name):
    """A regular expression of Java and of the server that matches this name and no other; a comma would end the entry of a list."""
    return re.sub(r'([^\w ])', r'\\\1', name).replace('\\,', '.')


def namespace(c):
    return pattern(c.database) + r'\.' + pattern(c.name)


def without_repeats(case, modes):
    """The capture modes that such a case may have: one that changes a document twice looks none up."""
    return [m for m in modes if not (case.repeats and 'update_full' in m)]


def capture(r, case):
    return {'capture.mode': r.choice(without_repeats(case, ['change_streams', 'change_streams_with_pre_image', 'change_streams_update_full', 'change_streams_update_full_with_pre_image']))}


def post_images(r, case):
    return {} if case.repeats else {'capture.mode.full.update.type': 'post_image', 'capture.mode': r.choice(['change_streams_update_full', 'change_streams_update_full_with_pre_image'])}


def scope(r, case):
    """A target that is dropped ends Debezium's stream ("capture.scope `collection` or `database`, target dropped or renamed")."""
    if r.random() < 0.5:
        return {'capture.scope': 'database', 'capture.target': r.choice(case.databases)}
    some = [c for c in case.collections if '.' not in c.name and not c.view]
    return {'capture.scope': 'collection', 'capture.target': r.choice(some).namespace()} if some and not case.ddl else {}


FIELDS = ['n', 'g', 'tags', 'items', 'items.q', 'items.v', 'sub', 'sub.x', 'sub.x.y', 'sub.dash-ed', 'sub.missing', 'f0', 'word1', 'x_2', '_id', 'at']


def places(r, case, fields):
    """Some fields as database.collection.field, as far as the option takes such names."""
    out = []
    for _ in range(r.randint(1, 4)):
        c = r.choice(case.collections)
        where = '*.*' if r.random() < 0.3 else '%s.%s' % (c.database, c.name)
        if re.fullmatch(r'[\w*-]+\.[\w*-]+', where, re.ASCII):
            out.append('%s.%s' % (where, r.choice(fields)))
    return out


def field_exclude(r, case):
    """An excluded part of an array that is shortened ends Debezium's task, but no stand-in reports a shortened array."""
    found = places(r, case, FIELDS)
    return {'field.exclude.list': ','.join(found)} if found else {}


def field_renames(r, case):
    found = places(r, case, FIELDS)
    # A new name that a document has already ends the task, of both: rarely.
    return {'field.renames': ','.join('%s:%s' % (p, 'n' if r.random() < 0.08 else 'renamed_%d' % i) for i, p in enumerate(found))} if found else {}


def collection_filter(r, case):
    """Lists of collections; the fences' collection is always captured. With literal, names have no comma."""
    literal = r.random() < 0.35
    name = (lambda c: c.namespace()) if literal else namespace
    some = [c for c in r.sample(case.collections, r.randint(1, len(case.collections))) if not re.search(r'[,\\|]', c.name)]
    if not some:
        return {}
    if r.random() < 0.5:
        fences = ['%s.%s' % (d, FENCE) if literal else r'.*\.' + FENCE for d in case.databases]
        out = {'collection.include.list': ','.join(dict.fromkeys([name(c) for c in some] + fences))}
        if not literal and r.random() < 0.2:
            out['collection.include.list'] += r',.*\.(a|b|o|Up).*'
    else:
        out = {'collection.exclude.list': ','.join(name(c) for c in some[:2])}
    if literal:
        out['filters.match.mode'] = 'literal'
    return out


def database_filter(r, case):
    """As regular expressions these lists do not do in Debezium what they say while streaming ("`database.include.list` alone"): none is made
    that would show it."""
    literal = r.random() < 0.5
    name = (lambda d: d) if literal else pattern
    first, last = case.databases[0], case.databases[-1]
    if r.random() < 0.5 and not (first == 'shop' and last == 'shop2' and not literal):
        out = {'database.include.list': name(first)}
    else:
        out = {'database.exclude.list': last if literal and last != first else 'nothing'}
    if literal:
        out['filters.match.mode'] = 'literal'
    return out


def pipeline(r, case):
    """No stage that can fail: an event that the server refuses ends millrace's task and is tried again by Debezium ("refusals")."""
    stages = r.choice([[{'$match': {'operationType': {'$ne': 'replace'}}}], [{'$match': {'$or': [{'fullDocument.g': {'$ne': 1}}, {'operationType': 'delete'}]}}],
                       [{'$addFields': {'fullDocument.added': 'here'}}], [{'$match': {'ns.coll': {'$ne': 'Upper'}}}, {'$project': {'fullDocument.tags': 0}}], [{'$unset': 'fullDocument.sub'}],
                       [{'$set': {'fullDocument.n': {'$concat': ['made by ', 'the pipeline']}}}], [],
                       # No stand-in reports shortened arrays of its own.
                       [{'$match': {'operationType': 'update'}},
                        {'$set': {'updateDescription.truncatedArrays': [{'field': r.choice(['tags', 'items', 'sub.list', 'items.0.q']), 'newSize': r.choice([0, 3])}, {'field': 'größe', 'newSize': 1}]}}],
                       [{'$set': {'updateDescription.removedFields': ['sub.x', 'tags.0', 'items.1.v', 'a.b']}}]])
    out = {'cursor.pipeline': json.dumps(stages)}
    if r.random() < 0.6:
        # user_only lets events through that are none of changes, which end Debezium's task; a case without DDL has none.
        out['cursor.pipeline.order'] = r.choice(['internal_first', 'user_first'] + ([] if case.ddl else ['user_only']))
    return out


def oversize(r, case):
    return r.choice([{'cursor.oversize.handling.mode': 'split'}, {'cursor.oversize.handling.mode': 'skip', 'cursor.oversize.skip.threshold': r.choice(['8000000', '400'])}])


def topic_names(r, case):
    out = {'topic.naming.strategy': 'io.debezium.schema.' + r.choice(['SchemaTopicNamingStrategy', 'DefaultTopicNamingStrategy', 'SchemaUnicodeTopicNamingStrategy', 'DefaultUnicodeTopicNamingStrategy'])}
    return out if r.random() < 0.5 else dict(out, **{'topic.delimiter': r.choice(['-', '_', '.'])})


def delimiter(r, case):
    return {'topic.delimiter': r.choice(['-', '_'])}


def regex_topics(r, case):
    return {'topic.naming.strategy': 'io.debezium.schema.' + r.choice(['SchemaRegexTopicNamingStrategy', 'DefaultRegexTopicNamingStrategy']), 'topic.regex': r'(.*)(amber|Basalt|cobalt|dusk)(.*)',
            'topic.replacement': '$1all'}


def snapshot_collections(r, case):
    some = [namespace(c) for c in r.sample(case.collections, r.randint(1, len(case.collections)))]
    return {'snapshot.include.collection.list': ','.join(some)}


def overrides(r, case):
    some = [c for c in case.collections if not re.search(r'[,\s]', c.name)]
    if not some:
        return {}
    c = r.choice(some)
    return {'snapshot.collection.filter.overrides': c.namespace(),
            'snapshot.collection.filter.overrides.' + c.namespace(): r.choice(['{"g": 1}', '{"n": {"$gt": 100}}', "{g: {$in: [0, 2]}}", '{"_id": {"$type": "objectId"}}', '{}'])}


def batches(r, case):
    return r.choice([{'max.batch.size': '1', 'max.queue.size': '2'}, {'max.batch.size': '3', 'max.queue.size': '7'}, {'max.queue.size.in.bytes': '500'}])


def heartbeats(r, case):
    if not case.heartbeats:
        return {}
    out = {'heartbeat.interval.ms': r.choice(['50', '500'])}
    return dict(out, **{'topic.heartbeat.prefix': 'beat'}) if r.random() < 0.3 else out


def chain(r, case):
    """A transform would put heartbeats, whose number varies, among other records."""
    if case.heartbeats:
        return {}
    out = transforms.chain(r, case)
    if r.random() < 0.6:      # a record that a transform does not take ends the task, or is passed over
        out['errors.tolerance'] = 'all'
    return out


OPTIONS = Options([
    ('schemas', 0.55, schemas),
    ('json options', 0.25, json_options),
    ('capture', 0.5, capture),
    ('post images', 0.12, post_images),
    ('scope', 0.2, scope),
    ('field exclude', 0.2, field_exclude),
    ('field renames', 0.15, field_renames),
    ('collections', 0.2, collection_filter),
    ('databases', 0.12, database_filter),
    ('skipped', 0.2, skipped),
    ('tombstones', 0.15, boolean('tombstones.on.delete', 'true')),
    ('transactions', 0.25, one('provide.transaction.metadata', 'true')),
    ('heartbeats', 1.0, heartbeats),
    ('pipeline', 0.12, pipeline),
    ('oversize', 0.1, oversize),
    ('schema names', 0.12, names_of_schemas),
    ('field names', 0.08, names_of_fields),
    ('topic names', 0.1, topic_names),
    ('delimiter', 0.06, delimiter),
    ('regex topics', 0.05, regex_topics),
    ('snapshot mode', 0.15, snapshot_mode),
    ('snapshot collections', 0.07, snapshot_collections),
    ('overrides', 0.08, overrides),
    ('fetch size', 0.1, one('snapshot.fetch.size', '1', '2', '0')),
    ('batches', 0.1, batches),
    ('failures', 0.15, one('event.processing.failure.handling.mode', 'skip', 'warn', 'fail')),
    ('topic of transactions', 0.1, one('topic.transaction', 'tx', 'a.b')),
    ('wait', 0.1, one('cursor.max.await.time.ms', '0', '50')),
    ('converters', 0.1, converters),
    ('header converter', 0.1, header_converter),
    ('transforms', 0.5, chain),
])
