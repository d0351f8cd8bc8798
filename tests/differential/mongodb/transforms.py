"""Chains of transforms and predicates for MongoDB's records, as connector options."""
import transforms

MONGODB = 'io.debezium.connector.mongodb.transforms.'


def unwrap(r, case):
    out = {'type': MONGODB + 'ExtractNewDocumentState'}
    # The elements of arrays are of one type in a tame case alone: elsewhere array.encoding=array ends the task soon.
    if r.random() < (0.4 if case.tame else 0.85):
        out['array.encoding'] = 'document'
    if r.random() < 0.35:
        out['flatten.struct'] = 'true'
        if r.random() < 0.5:
            out['flatten.struct.delimiter'] = r.choice(['-', '/', '__'])
    if r.random() < 0.4:
        out['delete.tombstone.handling.mode'] = r.choice(['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone'])
        if r.random() < 0.4:
            out['delete.tombstone.handling.mode.rewrite-with-id'] = 'true'
    else:
        if r.random() < 0.5:
            out['drop.tombstones'] = r.choice(['true', 'false'])
        if r.random() < 0.7:
            out['delete.handling.mode'] = r.choice(['rewrite', 'none', 'drop'])
    if r.random() < 0.5:
        out['add.fields'] = r.choice(['op', 'op,collection', 'op,source.ts_ms,ord', 'collection:c,op:o', 'source.snapshot', 'ts_ms', 'name,db,collection', 'updateDescription', 'transaction.id,op',
                                      'updateDescription.updatedFields', 'source.db:where,wallTime,txnNumber,lsid'])
        if r.random() < 0.3:
            out['add.fields.prefix'] = r.choice(['', 'meta_', '_'])
    if r.random() < 0.4:
        out['add.headers'] = r.choice(['op', 'db,collection', 'source.collection:s', 'op:operation,ord', 'updateDescription', 'transaction.total_order,snapshot'])
        if r.random() < 0.3:
            out['add.headers.prefix'] = r.choice(['', 'h.'])
    if r.random() < 0.2:
        out['field.name.adjustment.mode'] = r.choice(['avro', 'avro_unicode'])
    return out


def outbox(r, case):
    """The collections as outboxes; of a field that a document has not the payload or the key is null."""
    out = {'type': MONGODB + 'outbox.MongoEventRouter', 'collection.field.event.key': r.choice(['kind', 'kind', 'n', '_id']), 'collection.field.event.payload': r.choice(['sub', 'sub', 'n', 'kind', 'items']),
           'collection.field.event.type': 'kind', 'route.by.field': 'kind', 'collection.op.invalid.behavior': 'warn'}
    if r.random() < 0.5:
        out['collection.fields.additional.placement'] = r.choice(['g:header', 'g:header:number', 'g:envelope', 'kind:envelope:what,g:header'])
    if r.random() < 0.4:
        out['collection.expand.json.payload'] = 'true'
    if r.random() < 0.3:
        out['route.tombstone.on.empty.payload'] = 'true'
    if r.random() < 0.3:
        out['route.topic.replacement'] = 'd%dx.box.${routedByValue}' % case.seed
    else:
        out['route.topic.replacement'] = 'd%dx.outbox.event.${routedByValue}' % case.seed
    return out


chain = transforms.chain([unwrap, unwrap, unwrap, unwrap, outbox], transforms.ANY + [unwrap] * 5, transforms.SHAPES + [unwrap],
                         [transforms.topic_matches('.*(shop|db_1).*'), transforms.IS_TOMBSTONE, transforms.has_header('__op')])
