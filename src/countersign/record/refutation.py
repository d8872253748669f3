"""Refuting an erasure: whoever holds the content and the opening of a value declared erased shows that a copy survived.

The commitment in the log binds the content; the log says it was erased. Both together show that the statement was not
true of every copy. It shows neither where the copy was kept nor by whom: one that was handed out lawfully before the
erasure (``record.openings-handed``) is a copy too.
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import NotAllowed
from countersign.record.bundle import BundledOpening
from countersign.record.entries.commitment import check_item, check_opening
from countersign.record.entries.committed import ERASED
from countersign.record.entries.entry import Commitment
from countersign.record.entries.retention import Accounts
from countersign.record.tlog.verified import SEAL, Verified


class NotDeclaredErased(NotAllowed):
    """The log does not say that this value was erased, so there is nothing to refute."""

    code = "not-declared-erased"
    next_step = "See `countersign record account` for what was declared erased."


@dataclass(frozen=True, slots=True)
class Refuted(Verified):
    """This value was declared erased, and here it is: a copy survived."""

    entry: int
    label: str
    position: int


def refute(accounts: Accounts, commitment: Commitment, given: BundledOpening) -> Refuted:
    """A surviving copy of item ``given.position`` of the commitment in entry ``given.entry``.

    Raises ``NotDeclaredErased``, or ``OpeningFails`` if the content is not the one committed to.
    """
    where = f"item {given.position} of {given.label} in entry {given.entry}"
    states = accounts.states(given.entry, given.label) if (given.entry, given.label) in accounts.sealed else ()
    if not any(first <= given.position <= last and state == ERASED for first, last, state, _ in states):
        raise NotDeclaredErased(f"{where} was not declared erased")
    if commitment.count is None:
        check_opening(commitment.digest, given.label, given.version, given.content, given.opening)
    else:
        check_item(
            commitment.digest, commitment.count, given.position, given.label, given.version, given.content,
            given.opening, list(given.proof),
        )  # fmt: skip
    return Refuted(SEAL, given.entry, given.label, given.position)
