"""Differences that are wanted with MongoDB, and what the cases leave out because of them."""
from known import WORDS_OF_A_FAILURE

# Never made by the generator, because the two cannot write the same (the row of docs/differences.md):
#   the target of a narrow scope dropped     "capture.scope `collection` or `database`, target dropped or renamed"
#   a dot in capture.target's collection     "a blank after a comma in a list; a dot in `capture.target`'s collection"
#   a database whose name begins another's   "`database.include.list` alone"
#   kills, history that is lost              tests/system
KNOWN = [
    WORDS_OF_A_FAILURE,
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
