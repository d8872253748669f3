"""Entries by what they are about, from one pass over them: for whoever tells of many deployments from one log.

An entry's subject is a force or one of its deployments (``force/deployment``). What is told of a deployment stands on
its own entries and its force's; with this a log of a million entries is gone through once, not once for each of its
deployments. Nothing is verified here: give it entries that were. For a log's own store see ``subject_index``.

>>> Subjects([]).about("force-a/d-1")
()
>>> subject_of(b'{"at":"...","sig":"...","subject":"force-a/d-1","supplied_by":"force","v":1}')
'force-a/d-1'
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import merge
from operator import itemgetter

from countersign.record.entries.entry import Entry

#: An entry with its place in the log.
Placed = tuple[int, Entry]

_BEGINS = b'"subject":"'
_PLACE = itemgetter(0)


def force_of(subject: str) -> str:
    """The force that a subject is or belongs to.

    >>> force_of("force-a/d-1"), force_of("force-a")
    ('force-a', 'force-a')
    """
    return subject.partition("/")[0]


def name_of(subject: str) -> str:
    """A deployment's own name, without its force's; nothing for a force."""
    return subject.partition("/")[2]


class Subjects:
    """The entries given, by subject, each subject's in the order they were given in (the log's)."""

    def __init__(self, entries: Iterable[Placed]) -> None:
        found: dict[str, list[Placed]] = {}
        for placed in entries:
            found.setdefault(placed[1].draft.subject, []).append(placed)
        self._found = {subject: tuple(of_it) for subject, of_it in found.items()}

    def names(self) -> tuple[str, ...]:
        """All subjects, by the first entry about each."""
        return tuple(self._found)

    def of(self, subject: str) -> tuple[Placed, ...]:
        """The entries about exactly this subject; none for one that is not there."""
        return self._found.get(subject, ())

    def about(self, subject: str) -> tuple[Placed, ...]:
        """The entries about this subject and about its force, in the log's order."""
        force = force_of(subject)
        if force == subject:
            return self.of(subject)
        return tuple(merge(self.of(force), self.of(subject), key=_PLACE))


def subject_of(data: bytes) -> str:
    """The subject in an entry's canonical bytes, without parsing the rest. Raises ``ValueError`` for other bytes."""
    # In canonical order only supplied_by and v stand behind it; no quotes are in their forms.
    start = data.rindex(_BEGINS) + len(_BEGINS)
    return data[start : data.index(b'"', start)].decode("ascii")
