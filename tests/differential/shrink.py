"""Cuts a case down while it still differs: options, tables, rounds, columns, statements, in this order."""


def parts_of(case, outcome, cut):
    yield from ([g] for g in outcome.groups)
    yield from ([t.label] for t in case.tables)
    for ddl, transactions in reversed(case.rounds):
        yield [s.label for s in ddl] + [s.label for t in transactions for s in t.statements]
    for _, transactions in reversed(case.rounds):
        for t in reversed(transactions):
            yield [s.label for s in t.statements]
    seen = set()
    for table in case.tables:
        free = [c.label for c in table.columns if c.label not in table.fixed()]
        for i in range(0, len(free), 3):
            yield free[i:i + 3]
    for table in case.tables:
        for c in table.columns:
            if c.label not in table.fixed():
                yield [c.label]
    for s in case.statements():
        if s.label not in seen and not s.__class__.__name__ == 'Create':
            yield [s.label]


def smallest(case, outcome, cut, differs, runs):
    """The cut with which `differs(cut)` still gives an outcome that is different, that outcome, and how many runs it took."""
    done = 0
    for part in parts_of(case, outcome, cut):
        if done >= runs:
            break
        part = [x for x in part if x not in cut and x not in {s.label for s in case.statements() if s.gone(cut)}]
        if not part:
            continue
        done += 1
        tried = differs(cut | part)
        if tried and tried.verdict == 'different':
            cut, outcome = cut | part, tried
    return cut, outcome, done
