"""Differences that are wanted: each database has its list (postgres/known.py, mongodb/known.py). docs/differences.md says why; all else fails."""


# A task of Debezium that fails where millrace's goes on is counted, not judged: what Debezium does not deliver is not
# copied. What both wrote until then is compared.


class Known:
    """`applies(text, outcome, groups)` tells of one reported difference whether it is this one."""

    def __init__(self, name, row, applies):
        self.name, self.row, self.applies = name, row, applies


# Both tasks failed at the same record; only the words differ.
WORDS_OF_A_FAILURE = Known('words of a failure', 'client errors with a Java text',
                           lambda text, outcome, groups: outcome.failed and 'none of the recorded messages is in the trace' in text)


def differences(lines):
    """The reported differences, each with the lines below its first."""
    out = []
    for line in lines:
        if line.startswith('  ') and not line.startswith('   ') or not out:
            out.append(line)
        else:
            out[-1] += '\n' + line
    return out


def sift(known, lines, outcome, groups):
    """The lines that no entry of the list explains, and the names of the entries that explained others."""
    left, used = [], set()
    for text in differences(lines):
        found = next((k for k in known if k.applies(text, outcome, groups)), None)
        if found:
            used.add(found.name)
        else:
            left.append(text)
    return left, sorted(used)
