"""A verdict on a claim, with everything that it stands on.

A verdict is about the figure, never about the person: ``holds only as stated`` always says which way the number
misleads (a ``Caveat``), ``cannot be checked`` always what is missing.

>>> Part("holds", "27 is 27", caveats=(Caveat("repeat counting", "the same list is counted each day"),)).settled.verdict
'holds only as stated'
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

import msgspec

from countersign.document import RowRange
from countersign.published.claims.claim import Claim

Verdict = Literal["holds", "holds only as stated", "does not hold", "neither shown nor refuted", "cannot be checked"]
CaveatKind = Literal["regime", "definition", "repeat counting", "words", "base rate", "faces and people", "chance"]

#: Verdict: what it says.
MEANINGS: dict[Verdict, str] = {
    "holds": "the rows give the figure, and nothing found in them makes it mislead",
    "holds only as stated": "true of the number, but misleading: in words, across a regime, by a definition or repeats",
    "does not hold": "the rows contradict it",
    "neither shown nor refuted": "the counts are compatible with it and with its opposite",
    "cannot be checked": "what would be needed is not in the sources",
}
#: From least to most in the way of a claim: a claim of several figures has the verdict of its worst one.
_ORDER: tuple[Verdict, ...] = (
    "holds", "holds only as stated", "neither shown nor refuted", "cannot be checked", "does not hold",
)  # fmt: skip


class Caveat(msgspec.Struct, frozen=True):
    """One way in which a true number misleads."""

    kind: CaveatKind
    text: str


class Part(msgspec.Struct, frozen=True):
    """The judgement of one figure of a claim, before it is put together with the others.

    ``recorded`` is the figure as the rows give it and ``over`` the rows it is of; ``may_write`` a whole sentence where
    there is no such figure; ``number``: the recorded figure in the unit of the claim's value; ``overreach`` a sentence
    that goes beyond the figure, with the reason. A part that holds with caveats is ``settled`` as holding only as
    stated; a caveat changes no other verdict.
    """

    verdict: Verdict
    because: str
    arithmetic: tuple[str, ...] = ()
    rows: tuple[RowRange, ...] = ()
    missing: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    recorded: str = ""
    over: str = ""
    may_write: str = ""
    overreach: tuple[str, str] | None = None
    number: Fraction | None = None

    @property
    def settled(self) -> Part:
        """This part with the verdict its caveats leave."""
        if self.verdict == "holds" and self.caveats:
            return msgspec.structs.replace(self, verdict="holds only as stated")
        return self


class Judged(msgspec.Struct, frozen=True):
    """A claim with its verdict and everything the verdict stands on.

    ``may_write`` is what the rows carry; ``may_not_write`` the sentences they do not, ``why_not`` the reason.
    ``missing`` is what would have to be published or seen. ``verdict_as_printed`` and ``because_as_printed`` are there
    where corrections were applied and the rows as printed give another verdict.
    """

    claim: Claim
    verdict: Verdict
    because: str
    arithmetic: tuple[str, ...]
    rows: tuple[RowRange, ...]
    missing: tuple[str, ...]
    caveats: tuple[Caveat, ...]
    may_write: str
    may_not_write: str
    why_not: str
    verdict_as_printed: Verdict | None = None
    because_as_printed: str | None = None


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a claim whose figures have these."""
    return max(verdicts, key=_ORDER.index)
