"""What an entry is about: a force, or one of its deployments (``force/deployment``).

Nothing is verified here: give it entries that were. For the entries of a log by subject see ``subject_index``.

>>> subject_of(b'{"at":"...","sig":"...","subject":"force-a/d-1","supplied_by":"force","v":1}')
'force-a/d-1'
"""

from __future__ import annotations

from countersign.record.entries.entry import Entry

#: An entry with its place in the log.
Placed = tuple[int, Entry]

_BEGINS = b'"subject":"'


def force_of(subject: str) -> str:
    """The force that a subject is or belongs to.

    >>> force_of("force-a/d-1"), force_of("force-a")
    ('force-a', 'force-a')
    """
    return subject.partition("/")[0]


def name_of(subject: str) -> str:
    """A deployment's own name, without its force's; nothing for a force."""
    return subject.partition("/")[2]


def subject_of(data: bytes) -> str:
    """The subject in an entry's canonical bytes, without parsing the rest. Raises ``ValueError`` for other bytes."""
    # In canonical order only supplied_by and v stand behind it; no quotes are in their forms.
    start = data.rindex(_BEGINS) + len(_BEGINS)
    return data[start : data.index(b'"', start)].decode("ascii")
