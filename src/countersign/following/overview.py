"""What a library holds, series by series, what of its log is proved, and which bytes are no longer what was kept."""

from __future__ import annotations

import msgspec

from countersign.following.library import Library
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.tiles import CHECKPOINT_PATH
from countersign.releases.release import Release, lateness, series_of
from countersign.releases.vault import BytesAltered, BytesNotHeld
from countersign.words.dates import dated
from countersign.words.lists import counted
from countersign.words.numbers import count


class Held(msgspec.Struct, frozen=True):
    """A series of a force: its releases in order, and a line on the last one."""

    force: str
    name: str
    series: str
    said: str
    releases: tuple[Release, ...]


def held(library: Library) -> list[Held]:
    """Every series that the library holds a release of, by force. Raises ``ForceUnknown``."""
    found = []
    for force in library.state.followed:
        name = library.force(force).name
        for series, line in series_of(library.state.of(force)).items():
            found.append(Held(force, name, series, _said(library, series, line), tuple(line)))
    return found


def _said(library: Library, series: str, line: list[Release]) -> str:
    last = line[-1]
    many = counted(len(line), "release")
    day = f"published on {dated(last.published)}" if last.published else "published on a day not known"
    glimpse = library.glimpse(last)
    said = f"{series}: {many}, the last {day}"
    if glimpse is None or not glimpse.read:
        return f"{said}; it could not be read (`countersign library read` tries again)"
    period = last.period(glimpse)
    covers = "" if period is None else f", to {dated(period[1].isoformat())}"
    late = lateness(last.published, period[1] if period else None)
    rows = counted(glimpse.rows, "row")
    return f"{said}{f', {late}' if late else ''}; {rows}{covers}, {counted(glimpse.faults, 'fault')}; {glimpse.form}"


def proved(library: Library) -> str:
    """What the log's published head proves of when bytes were held, in a sentence."""
    with_log = f"{count(len(library.state.times))} entries in its log"
    try:
        signed = SignedCheckpoint.parse((library.log / "public" / CHECKPOINT_PATH).read_bytes())
    except OSError:
        return f"{with_log}; none is published, so the dates are the library's own word."
    outside = len(signed.note.signatures) - 1
    if outside:
        others = counted(outside, "signature")
        return f"{with_log}; its head bears {others} beside its own (`countersign verify` holds them to a policy)."
    return f"{with_log}; no witness has cosigned its head, so the dates are the library's own word."


def wrong_bytes(library: Library) -> list[str]:
    """Items of the vault and readings that are lost or altered, each in a clause: what the log names (releases, maps
    of readings, answers), and whatever else lies there.
    """
    from countersign.releases.readings import Reading

    wrong, state = [], library.state
    named = dict.fromkeys(library.vault.names(), "an item of the vault")
    named |= {
        made.map: f"{force}: the map of a reading" for (force, _), line in state.readings.items() for made in line
    }
    named |= {step.answer: f"{step.force}: the answer to letter {step.letter}" for step in state.steps}
    named |= {each.digest: f"{each.force}, {each.series} of {dated(each.day)}" for each in state.releases}
    for name in named.keys() - {"", *state.erased}:
        try:
            library.vault.get(name)
        except (BytesAltered, BytesNotHeld) as error:
            wrong.append(f"{named[name]}: {error}")
    wrong.sort()
    for (force, digest), line in state.readings.items():
        for made in line:
            if library.readings.read(made.reading, Reading) is None:
                wrong.append(f"{force}: the reading {made.reading[:16]}… of {digest[:16]}… is lost or altered")
    return wrong
