"""Letters of a library: what a force does not show becomes a letter ready to paste; its steps are entries.

A letter's text lies in ``letters/ID.txt``, for its writer to fill in and send; the log has its id, its states and their
days, and the digest of an answer. An answer is kept and read as a release of the series ``answers``, which stands in no
table: what it closes is what the review of the force misses and a review of the answer alone does not.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import NamedTuple

from countersign.following.adding import ANSWERS, Added, Given, add
from countersign.following.library import Desk, Library, Step
from countersign.following.requests import LetterUnknown, hold_step
from countersign.following.sides import NothingRead, reviewed
from countersign.output import write_whole
from countersign.releases.forces import Force
from countersign.releases.vault import taken
from countersign.reviews.published.assemble import review_record
from countersign.rulebook.letters import Wanted, request_for_information
from countersign.surroundings import current

_LIST = Wanted(
    "For each deployment of live facial recognition: its day, place, start and end; the use case, the size of the "
    "watchlist and the threshold; the number of faces; the alerts, and how many of them were true, false and left "
    "unconfirmed; people engaged, arrests and other outcomes",
    "No list of deployments is published that could be found and read.",
)


class Written(NamedTuple):
    """A letter that was written: its id, its file, and how many things it asks for."""

    letter: str
    file: Path
    items: int


class Marked(NamedTuple):
    """A step that was entered, an answer that came with it, and what that closed."""

    step: Step
    answer: Added | None
    closed: tuple[str, ...]


def law_of(force: Force) -> str:
    """Under which Act a force answers."""
    return "foisa" if force.law == "scotland" else "foia"


def missing(library: Library, force: Force) -> list[Wanted]:
    """What a review of the force does not find, or the whole list where nothing can be reviewed."""
    try:
        model = reviewed(library, force).model
    except NothingRead:
        return [_LIST]
    return [Wanted(gap.what, gap.because) for gap in model.not_shown]


def write(desk: Desk, force: Force) -> Written:
    """Write a letter to a force, and enter that. Raises ``CannotWrite`` and as the log."""
    library, today = desk.library, current().now().date()
    wanted = missing(library, force)
    number = len({step.letter for step in library.state.steps if step.force == force.id}) + 1
    letter = f"{force.id}-{number}"
    about = f"the deployments of {force.name}"
    text = request_for_information(wanted, about=about, day=today.isoformat(), profile=force.law)
    file = library.path / "letters" / f"{letter}.txt"
    write_whole(file, text.replace("[name of the police force]", force.name).encode())
    try:
        _enter(desk, force.id, letter, law_of(force), "written", today)
    except BaseException:
        file.unlink()
        raise
    desk.publish()
    return Written(letter, file, len(wanted))


def mark(desk: Desk, letter: str, state: str, on: datetime.date, answer: Path | None = None) -> Marked:
    """Enter a step of a letter, with the file of an answer. Raises ``LetterUnknown`` or ``LetterOutOfOrder``."""
    library = desk.library
    steps = [step for step in library.state.steps if step.letter == letter]
    if not steps:
        raise LetterUnknown(f"{letter!r} is no letter of this library")
    hold_step(steps, state, on, current().now().date())
    force = library.force(steps[0].force)
    added, closed = None, tuple[str, ...]()
    if answer is not None:
        added = add(desk, Given(force, taken(answer), ANSWERS, on, source=letter))
        record = added.reading.record
        left = {gap.what for gap in review_record(record).model.not_shown} if record is not None else None
        closed = () if left is None else tuple(w.what for w in missing(library, force) if w.what not in left)
    entry = _enter(desk, force.id, letter, steps[0].law, state, on, "" if added is None else added.release.digest)
    desk.publish()
    digest = "" if added is None else added.release.digest
    return Marked(Step(entry, force.id, letter, steps[0].law, state, on, digest), added, closed)


def _enter(desk: Desk, force: str, letter: str, law: str, state: str, on: datetime.date, answer: str = "") -> int:
    facts = {"letter": letter, "law": law, "state": state, "on": on.isoformat()}
    if answer:
        facts["answer"] = answer
    [entry] = desk.enter([desk.entry("library.letter", force, facts)])
    return entry
