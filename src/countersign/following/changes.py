"""What changed: each release beside the last of its series, each new reading beside the last, each standing claim anew.

Three kinds stand apart. ``force``: a release prints otherwise than the one before it. ``ours``: the same bytes are read
otherwise by another map or version of the program. ``claim``: a claim in ``claims/FORCE.toml`` has another verdict
after a release than before. All is worked out from readings; what was worked out once is kept by what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from countersign.following.adding import ANSWERS
from countersign.following.library import Library
from countersign.progress import Progress, silent
from countersign.published.claims.file import read_claims
from countersign.published.claims.judge import judge
from countersign.published.compare import Altered
from countersign.published.faults.breaks import find_breaks
from countersign.published.faults.codes import where
from countersign.published.files import digest
from countersign.published.regimes import find_regimes
from countersign.published.table.record import Row
from countersign.releases.changes import Differences, differences
from countersign.releases.forces import Force
from countersign.releases.kept import Glimpse
from countersign.releases.readings import Reading
from countersign.releases.release import Period, Release, series_of
from countersign.releases.standing import Standing, standing
from countersign.words.dates import dated, span
from countersign.words.lists import counted, listing

Kind = Literal["force", "ours", "claim"]


class Change(NamedTuple):
    """A change: when it entered the library, by which entry, whose, of which kind, in a sentence, and item by item.
    ``revised``: something that was printed before is printed otherwise, no more, or came late."""

    at: str
    entry: int
    force: str
    kind: Kind
    title: str
    items: tuple[tuple[str, str], ...] = ()
    revised: bool = False


class _Verdicts(msgspec.Struct, frozen=True):
    verdicts: tuple[tuple[str, str, str, str], ...]


def changes(library: Library, *, progress: Progress = silent) -> list[Change]:
    """All changes, the latest first. Raises ``ForceUnknown`` for a force that forces.toml no longer has."""
    state = library.state
    found: list[Change] = []
    for number, force in enumerate(state.followed):
        progress("comparing releases", number, len(state.followed))
        named = library.force(force)
        for line in series_of(state.of(force)).values():
            found += [_first(library, named, line[0]), *(_next(library, named, *two) for two in pairwise(line))]
        found += _ours(library, named)
        found += _claims(library, named)
    return sorted(found, key=lambda change: (-change.entry, change.kind))


def against_last(library: Library, release: Release) -> Change | None:
    """The change that one release made of the one before it in its series; ``None`` for the first."""
    line = series_of(library.state.of(release.force))[release.series]
    place = next(number for number, each in enumerate(line) if each.entry == release.entry)
    return _next(library, library.force(release.force), line[place - 1], release) if place else None


def _called(force: Force, release: Release) -> str:
    day = f"published on {dated(release.published)}" if release.published else f"kept on {dated(release.day)}"
    return f"{force.name}, {release.series.replace('-', ' ')} {day}"


def said_of(force: Force, release: Release, reading: Reading) -> list[str]:
    """A release and its reading in a few lines."""
    lines = [f"{_called(force, release)} ({reading.form}, digest {release.digest[:16]}…)"]
    if reading.record is None:
        return [*lines, f"  Kept, and its reading is missing: {reading.because}"]
    by = f" by the map {reading.map_name}" if reading.map else ""
    period = release.period(reading)
    rows = counted(len(reading.record.rows), "row")
    faults = counted(len(reading.faults), "fault")
    refused = f", {len(reading.record.refused):,} refused" if reading.record.refused else ""
    return [*lines, f"  {rows}{by}{refused}; {span(*period) if period else 'no date printed'}; {faults}"]


def _first(library: Library, force: Force, release: Release) -> Change:
    glimpse = library.glimpse(release)
    if glimpse is None or not glimpse.read:
        return _unread(library, force, release, glimpse)
    period = release.period(glimpse)
    days = f", {span(*period)}" if period else ""
    title = f"{_called(force, release)}: the first release kept, {counted(glimpse.rows, 'row')}{days}."
    return Change(library.state.times[release.entry], release.entry, force.id, "force", title)


def _unread(library: Library, force: Force, release: Release, glimpse: Glimpse | None) -> Change:
    because = "its reading is lost; `countersign library read` makes it again" if glimpse is None else glimpse.because
    title = f"{_called(force, release)}: kept, and not read: {because}".rstrip(".") + "."
    return Change(library.state.times[release.entry], release.entry, force.id, "force", title)


def compared(library: Library, before: Release, after: Release) -> Differences | None:
    """What one release changed of another; ``None`` where either is not read."""
    made = [library.state.latest(each) for each in (before, after)]
    if not all(each is not None and each.read for each in made):
        return None
    name = digest(repr(("differences", [each and each.reading for each in made], before.stated, after.stated)).encode())
    if (known := library.drawn.read(name, Differences)) is not None:
        return known
    old, new = library.reading(before), library.reading(after)
    if old is None or new is None:
        return None
    return library.drawn.made(name, Differences, lambda: differences(old, new, after.stated, before.stated))


def _next(library: Library, force: Force, before: Release, after: Release) -> Change:
    found = compared(library, before, after)
    at = library.state.times[after.entry]
    if found is None:
        glimpse = library.glimpse(after)
        if glimpse is None or not glimpse.read:
            return _unread(library, force, after, glimpse)
        title = f"{_called(force, after)}: not compared, for the release of {dated(before.day)} could not be read."
        return Change(at, after.entry, force.id, "force", title)
    title = f"{_called(force, after)}: {_summary(found)} since {dated(before.day)}."
    return Change(
        at, after.entry, force.id, "force", title, (*_items(found), *_by(library, before, after)), found.revised
    )


def _summary(found: Differences) -> str:
    values = sum(len(item.changes) for item in found.altered)
    parts = [
        f"{counted(values, 'value')} altered in {counted(len(found.altered), 'row')}" if values else "",
        f"{counted(len(found.gone), 'row')} gone" if found.gone else "",
        f"{counted(len(found.late), 'row')} came late" if found.late else "",
        f"{counted(len(found.after), 'row')} after its last day no longer there" if found.after else "",
        f"{counted(len(found.columns_removed), 'column')} no longer printed" if found.columns_removed else "",
        f"{counted(len(found.new), 'row')} new" if found.new else "",
        f"{counted(len(found.before), 'earlier row')} not repeated" if found.before else "",
    ]
    return listing([part for part in parts if part]) or "nothing changed"


def _items(found: Differences) -> Iterator[tuple[str, str]]:
    yield from (("altered", _altered(item)) for item in found.altered)
    rows: tuple[tuple[str, Sequence[Row]], ...] = (
        ("gone", found.gone), ("came late", found.late), ("no longer there", found.after)
    )  # fmt: skip
    yield from ((label, where(row)) for label, group in rows for row in group)
    yield from (("no longer printed", column.replace("_", " ")) for column in found.columns_removed)
    yield from (("printed for the first time", column.replace("_", " ")) for column in found.columns_added)


def _altered(item: Altered) -> str:
    values = "; ".join(
        f"{change.column.replace('_', ' ')} {item.shown(change, 'before') or '(none)'} → "
        f"{item.shown(change, 'after') or '(none)'}"
        for change in item.changes
    )
    return f"{where(item.after)}: {values}"


def _by(library: Library, before: Release, after: Release) -> Iterator[tuple[str, str]]:
    """A warning where the two were not read alike, so that part of a difference may be our own."""
    old, new = library.state.latest(before), library.state.latest(after)
    if old is not None and new is not None and (old.map, old.program) != (new.map, new.program):
        what = "other maps" if old.map != new.map else "other versions of the program"
        yield ("read with care", f"the two releases were read by {what}; part of a difference may be ours")


def _ours(library: Library, force: Force) -> Iterator[Change]:
    for release in library.state.of(force.id):
        for old, new in pairwise(library.state.readings.get((force.id, release.digest), ())):
            before, after = (library.readings.read(made.reading, Reading) for made in (old, new))
            if before is None or after is None:
                continue
            called, by = _called(force, release), "another map" if old.map != new.map else "another version"
            if before.record is None or after.record is None:
                now = "can be read now" if after.record is not None else f"can't be read now: {after.because}"
                title = f"{called}: {now}, by {by}; the force changed nothing."
                yield Change(new.at, new.entry, force.id, "ours", title)
                continue
            found = differences(before, after)
            if not found.same or found.columns_removed or found.columns_added:
                title = f"{called}: read otherwise by {by}, {_summary(found)}; the force changed nothing."
                yield Change(new.at, new.entry, force.id, "ours", title, tuple(_items(found)))


def _claims(library: Library, force: Force) -> Iterator[Change]:
    file = library.claims(force)
    if file is None:
        return
    releases = sorted(library.state.of(force.id), key=lambda release: release.entry)
    last: dict[str, str] = {}
    for number, release in enumerate(releases, start=1):
        for claim, statement, verdict, because in _verdicts(library, file, releases[:number]):
            if last.get(claim, verdict) != verdict:
                title = (
                    f"{force.name}: the claim “{statement}” now {_turned(verdict)}; before, it {_turned(last[claim])}."
                )
                at = library.state.times[release.entry]
                yield Change(at, release.entry, force.id, "claim", title, (("because", because),))
            last[claim] = verdict


def _turned(verdict: str) -> str:
    return f"is {verdict}" if verdict.startswith("neither") else verdict


def _verdicts(library: Library, file: Path, releases: Sequence[Release]) -> tuple[tuple[str, str, str, str], ...]:
    """Claim, statement, verdict and reason after these releases, kept by claims and readings."""
    made = [library.state.latest(release) for release in releases]
    name = digest(repr(("verdicts", digest(file.read_bytes()), [each and each.reading for each in made])).encode())

    def judged() -> _Verdicts:
        record = stands(library, releases).record
        claims = read_claims(file)
        found = judge(claims, record, regimes=find_regimes(record, find_breaks(record))) if record.rows else ()
        return _Verdicts(tuple((each.claim.id, each.claim.statement, each.verdict, each.because) for each in found))

    return library.drawn.made(name, _Verdicts, judged).verdicts


def stands(library: Library, releases: Sequence[Release]) -> Standing:
    """What stands after these releases of one force; answers to letters stand beside what is published. A release whose
    days a later one of its series covers whole is not read for it."""
    needed = [
        release
        for line in series_of(release for release in releases if release.series != ANSWERS).values()
        for release in _uncovered(library, line)
    ]
    readings = {release.digest: reading for release in needed if (reading := library.reading(release)) is not None}
    return standing(needed, readings)


def _uncovered(library: Library, line: Sequence[Release]) -> Iterator[Release]:
    later: list[Period] = []
    for release in reversed(line):
        glimpse = library.glimpse(release)
        if glimpse is None or not glimpse.read:
            continue
        period = release.period(glimpse)
        if period is not None and any(first <= period[0] and period[1] <= last for first, last in later):
            continue
        later += [period] if period is not None else []
        yield release
