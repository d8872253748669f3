"""Adding a release: bytes into the vault, read by the map that fits, and both said in the log; all of it or nothing.

Order: the bytes are looked at and read, kept, and then entered. What fails before the entry is taken back, what is
killed before it is swept by the next command: bytes that no entry names are no release. Reading again (``read_again``)
makes readings by the maps and the program in hand; the earlier ones stay.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, NamedTuple

from countersign.errors import NotAllowed
from countersign.following.library import Desk, Library, State, glimpse_of
from countersign.output import write_whole
from countersign.progress import Progress, silent
from countersign.published.files import digest
from countersign.record.entries.forms import fits
from countersign.register.commands import Unsealed
from countersign.releases.forces import Force
from countersign.releases.kept import PROGRAM, LayoutMap
from countersign.releases.readings import Reading, read_release
from countersign.releases.release import Period, Release
from countersign.surroundings import current
from countersign.words.dates import dated

#: The series of a force that publishes one list.
SERIES = "deployments"
#: The series of answers to letters, which stands in no table.
ANSWERS = "answers"
BY_HAND = "by-hand"
#: The fewest digits by which a release may be named.
LEAST_DIGITS = 8


class ReleaseOutOfOrder(
    NotAllowed,
    next_step="Check --published; --earlier puts a release that was missed before the later ones; nothing was added.",
):
    """A release is dated before the last one of its series, or in the future."""


class SeriesMalformed(NotAllowed, next_step="Write it in small letters with hyphens, such as fixed-cameras."):
    """The name of a series or a source is not a short name."""


class PeriodMalformed(NotAllowed, next_step="Write it as 2025-01-01..2025-12-31, the first day before the last."):
    """The period that a release is said to cover is none."""


class ReleaseUnknown(
    NotAllowed, next_step="See the digests with `countersign library status --all`; give eight digits or more."
):
    """No release, or more than one, has the digest that is named; or its bytes are erased."""


class Given(NamedTuple):
    """What is to be added: a force, the bytes, and what the operator says of them."""

    force: Force
    content: bytes
    series: str = SERIES
    published: datetime.date | None = None
    covers: Period | None = None
    source: str = BY_HAND
    address: str = ""
    map: Path | None = None
    earlier: bool = False


class Added(NamedTuple):
    """The release with its reading; ``held``: the same bytes were there already, and nothing was added."""

    release: Release
    reading: Reading
    held: bool


def parse_period(text: str) -> Period:
    """A period written 2025-01-01..2025-12-31. Raises ``PeriodMalformed``."""
    first, _, last = text.partition("..")
    try:
        found = (datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))
    except ValueError:
        raise PeriodMalformed(f"{text!r} is no period") from None
    if found[0] > found[1]:
        raise PeriodMalformed(f"{text!r} ends before it begins")
    return found


def add(desk: Desk, given: Given, *, progress: Progress = silent) -> Added:
    """Add a release. Raises ``ReleaseOutOfOrder``, ``SeriesMalformed``, ``WrongMap``, ``CannotWrite`` and as the log;
    then the library is as it was."""
    library, force = desk.library, given.force
    for name in (given.series, given.source):
        if not fits("token", name):
            raise SeriesMalformed(f"{name!r} is no short name")
    state, name = library.state, digest(given.content)
    held = [each for each in state.of(force.id) if each.digest == name and each.series == given.series]
    if name in state.erased:
        raise ReleaseUnknown(f"{name[:16]}…: these bytes were held and erased ({state.erased[name]})")
    if held and (reading := library.reading(held[0])) is not None:
        return Added(held[0], reading, True)
    reading = _read(library, given, state, progress)
    said = given.published.isoformat() if given.published else reading.stated_published
    now = current().time_text()
    release = Release(force.id, given.series, name, len(state.times), said, now, given.source, len(given.content),
                      given.covers)  # fmt: skip
    _hold_to_order(release, state, given.earlier)
    _enter(desk, given, release, reading)
    return Added(release, reading, False)


def _read(library: Library, given: Given, state: State, progress: Progress) -> Reading:
    layouts = library.maps(given.force)
    if given.map is not None:
        layouts = [LayoutMap.read(given.map)]
    line = [each for each in state.of(given.force.id) if each.series == given.series]
    mapped = any(made.map for each in line for made in state.readings.get((each.force, each.digest), ()))
    without = given.map is None and not mapped
    return read_release(
        given.content, _called(given.series, given.content), layouts, without=without, progress=progress
    )


def _called(series: str, content: bytes) -> str:
    return f"{series}-{digest(content)[:8]}"


def _hold_to_order(release: Release, state: State, earlier: bool) -> None:
    today = release.fetched[:10]
    if release.published > today:
        raise ReleaseOutOfOrder(f"published on {dated(release.published)}, which is after today, {dated(today)}")
    line = [each for each in state.of(release.force) if each.series == release.series]
    last = max(line, key=lambda each: each.ordered, default=None)
    if last is not None and release.day < last.day and not earlier:
        raise ReleaseOutOfOrder(
            f"{release.series} of {release.force}: this release is of {dated(release.day)}, before the last one, of "
            f"{dated(last.day)}"
        )


def _enter(desk: Desk, given: Given, release: Release, reading: Reading) -> None:
    library = desk.library
    kept: list[str] = []
    undo: dict[Path, bytes | None] = {}
    try:
        for content in (given.content, *([used.content] if (used := _used(library, given, reading)) else [])):
            if not library.vault.holds(digest(content)):
                kept.append(library.vault.put(content))
        facts: dict[str, Any] = {"series": release.series, "digest": release.digest, "size": release.size}
        facts |= {"fetched_at": release.fetched, "source": release.source}
        if release.published:
            facts["published_on"] = release.published
        if release.stated:
            facts |= {"covers_from": release.stated[0].isoformat(), "covers_to": release.stated[1].isoformat()}
        entries = [desk.entry("library.release", release.force, facts), _reading_entry(desk, release, reading)]
        if given.address:
            library.keep_address(release.digest, given.address)
        if given.map is not None:
            place = library.path / "maps" / release.force / f"{given.map.stem}.toml"
            undo[place] = place.read_bytes() if place.exists() else None
            write_whole(place, LayoutMap.read(given.map).content)
        desk.enter(entries)
    except BaseException:
        for name in kept:
            library.vault.erase(name)
        for place, old in undo.items():
            place.unlink(missing_ok=True) if old is None else write_whole(place, old)
        raise
    desk.publish()


def _used(library: Library, given: Given, reading: Reading) -> LayoutMap | None:
    """The map that a reading was made by."""
    own = [LayoutMap.read(given.map)] if given.map is not None else library.maps(given.force)
    return next((layout for layout in own if layout.digest == reading.map), None)


def _reading_entry(desk: Desk, release: Release, reading: Reading) -> Unsealed:
    """Keep a reading, and the entry that says so."""
    facts: dict[str, Any] = {"release": release.digest, "program": PROGRAM, "read": reading.record is not None}
    facts["reading"] = desk.library.readings.keep(reading)
    desk.library.drawn.keep(reading.glimpse, glimpse_of(facts["reading"]))
    if reading.map:
        facts["map"] = reading.map
    return desk.entry("library.reading", release.force, facts)


class Again(NamedTuple):
    """A release that was read again otherwise than before."""

    release: Release
    before: Reading | None
    after: Reading


def read_again(desk: Desk, force: str = "", *, progress: Progress = silent) -> list[Again]:
    """Read again what was read by another map or version, or not at all; the releases of one force, or all.

    Raises ``BytesAltered`` where an item of the vault is not what was kept; nothing is entered then.
    """
    library, state = desk.library, desk.library.state
    found: list[Again] = []
    entries: list[Unsealed] = []
    todo = [each for each in state.releases if force in ("", each.force) and each.digest not in state.erased]
    for number, release in enumerate(todo):
        progress("reading again", number, len(todo))
        made, old = state.latest(release), library.reading(release)
        layouts = library.maps(library.force(release.force))
        current_map = made is not None and made.map in ("", *(layout.digest for layout in layouts))
        if made is not None and old is not None and made.read and made.program == PROGRAM and current_map:
            continue
        content = library.vault.get(release.digest)
        mapped = made is not None and bool(made.map)
        new = read_release(content, _called(release.series, content), layouts, without=not mapped)
        if old is not None and new == old:
            continue
        for layout in layouts:
            if layout.digest == new.map:
                library.vault.put(layout.content)
        entries.append(_reading_entry(desk, release, new))
        found.append(Again(release, old, new))
    if entries:
        desk.append(entries)
    return found


def erase(desk: Desk, name: str, reason: str) -> Release:
    """Erase the bytes of a release, and what was read of them, and enter that. Raises ``ReleaseUnknown``."""
    library, state = desk.library, desk.library.state
    fitting = {each.digest: each for each in state.releases if each.digest.startswith(name)}
    if len(name) < LEAST_DIGITS or len(fitting) != 1:
        raise ReleaseUnknown(f"{len(fitting) or 'no'} release has a digest that begins with {name!r}")
    release = next(iter(fitting.values()))
    if release.digest in state.erased:
        raise ReleaseUnknown(f"{release.digest[:16]}…: its bytes are erased already")
    desk.append([desk.entry("library.erasure", release.force, {"digest": release.digest, "reason": reason})])
    library.vault.erase(release.digest)
    return release
