"""Differences that are wanted with MongoDB, and what the cases leave out because of them."""
import re

from known import WORDS_OF_A_FAILURE, Known

# Never made by the generator, because the two cannot write the same (the row of docs/differences.md):
#   the target of a narrow scope dropped     "capture.scope `collection` or `database`, target dropped or renamed"
#   a dot in capture.target's collection     "a blank after a comma in a list; a dot in `capture.target`'s collection"
#   databases that a list of regular expressions excludes, or whose name begins another's   "`database.include.list` alone"
#   kills, history that is lost              tests/system
KNOWN = [
    WORDS_OF_A_FAILURE,
    # Nothing was ever captured: Debezium stores no place, millrace its beginning.
    Known('beginning is stored', 'no change for this connector, others busy, no heartbeats; `no_data` without an offset',
          lambda text, outcome, groups: outcome.records == 0 and text.startswith('  offsets.jsonl: keys') and re.search(r'expected: \[\]\n', text)),
    # After a restart Debezium has forgotten the last transaction, whose counters millrace goes on to store.
    Known('transaction after a restart', 'a restart inside a transaction',
          lambda text, outcome, groups: outcome.restarted and 'transactions' in groups and text.startswith('  offsets.jsonl') and re.search(r'actual: +"transaction_(id|data_collection_order_)', text)),
    Known('address of an array of bytes', 'ExtractNewDocumentState with StringConverter: binary',
          lambda text, outcome, groups: '[B@' in text.split('actual')[0] and 'java.nio.HeapByteBuffer[pos=' in text),
]


def without_repeated_ends(records):
    """Debezium sends END before every later change of no transaction again ("END of a transaction"): the first alone is left."""
    out, last = [], {}
    for r in records:
        key, value = r['key'], r['value'] if isinstance(r['value'], str) else ''
        again = ('"status":"END"' in value or 'Struct{status=END' in value) and last.get(r['topic']) == key
        if not again:
            out.append(dict(r, offset=len(out)))
        last[r['topic']] = key if '"status":"END"' in value or 'Struct{status=END' in value else None
    return out
