"""Cuts a case down while it still differs: groups of options first, then the parts of the case in the order that it names."""
import itertools


class Cut:
    """What is left out of a case: labels of its parts (t1, t1.c3, s17) and names of groups of options."""

    def __init__(self, labels=()):
        self.labels = frozenset(labels)

    def __contains__(self, label):
        return label in self.labels

    def __or__(self, labels):
        return Cut(self.labels | set(labels))


def smallest(case, outcome, cut, differs, runs):
    """The cut with which `differs(cut)` still gives an outcome that is different, that outcome, and how many runs it took."""
    done = 0
    for part in itertools.chain(([g] for g in outcome.groups), case.parts()):
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
