"""``countersign events equality``: false alerts by group, watched over a programme and not over one deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from countersign.cli.terminal.options import clump_option, faces_off_option, option, schemas_option, where_argument
from countersign.cli.terminal.say import echo, echo_json, finite, picked
from countersign.errors import DONE, EVIDENCE_WRONG
from countersign.register.viewing import viewed
from countersign.words.lists import counted

if TYPE_CHECKING:
    from pathlib import Path

    from countersign.events.watch.equality import GroupWatch

_SHARE = re.compile(r"([a-z-]{1,40}):([^=]{1,64})=(0?\.[0-9]{1,9})\Z")


@click.command()
@where_argument
@schemas_option
@option(
    "--share given",
    "The most that a group makes up of the faces passing, where the log states no faces by group: ethnicity:b=.35",
    multiple=True,
    metavar="CHARACTERISTIC:GROUP=SHARE",
)
@faces_off_option("By how much faces stated by group may be off, either way.")
@clump_option("How many false alerts at most come of one person: the counts stated are of alerts.")
@option("--json as_json", "In JSON, for a program.", is_flag=True)
def equality(
    where: str, schema_folder: Path | None, given: tuple[str, ...], faces_off: float, clump: float, as_json: bool
) -> int:
    """Watch false alerts by group over a programme, from what a force's log states for quarters and years.

    Counts of one deployment are left out: they are of persons, and too few to show anything. Ends with 1 where more
    false alerts on a group are shown than equal rates allow.

    \b
    Example:
      countersign events equality force-a --share ethnicity:group-2=0.35
    """
    from countersign.events.watch.equality import periods_of, watch_groups

    shares = _shares(given)
    with viewed(where, schema_folder) as log:
        found, left = periods_of(_reports(log.once()))
    watched = {
        name: watch_groups(name, periods, shares=shares.get(name, {}), off=faces_off / 100, clump=clump)
        for name, periods in found.items()
    }
    if as_json:
        data = {
            name: {
                "periods": [picked(period, "start", "end", "entry") for period in found[name]],
                "groups": [_data(group) for group in groups],
            }
            for name, groups in watched.items()
        }
        echo_json(json.dumps({"characteristics": data, "left_out": left}))
    else:
        for name, groups in watched.items():
            periods = found[name]
            echo(f"{name}, {periods[0].start} to {periods[-1].end}, {counted(len(periods), 'period')}")
            for group in groups:
                echo(f"  {_line(group)}")
        if not watched:
            echo("The log states no counts by group for a calendar quarter or year of several deployments.")
        if left:
            echo(f"{left} reports by group left out: another period, an overlap, or one deployment alone.")
        if watched:
            clumps = "" if clump == 1 else f" in clumps of at most {clump:g}"
            echo("Labels are as stated; a cause in the engine cannot be told apart from one in the watchlist.")
            echo(f"False alerts are taken to come{clumps} apart from each other.")
    return EVIDENCE_WRONG if any(group.shown for groups in watched.values() for group in groups) else DONE


def _reports(entries: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Any]]:
    """Facts of the entries that state counts by group, with their places; the others are passed over unparsed."""
    from countersign.deployments.corrections import MARK, standing
    from countersign.events.watch.equality import KINDS
    from countersign.record.entries.entry import Entry

    marks = [MARK, *(f'"kind":"{kind}"'.encode() for kind in KINDS)]
    wanted = ((index, Entry.parse(data)) for index, data in entries if any(mark in data for mark in marks))
    for index, entry in standing(wanted):
        if entry.draft.kind in KINDS:
            yield index, entry.draft.facts


def _line(group: GroupWatch) -> str:
    from countersign.words.intervals import percent_range, times_range

    share = "of unknown share" if group.share is None else f"{percent_range(*group.share)} of the faces"
    ratio = "" if group.ratio is None else f"; {times_range(*group.ratio)} the rate of the rest"
    return f"{group.group} ({share}): {group.false:,} of {group.of:,} false alerts{ratio}; {group.sentence}"


def _data(group: GroupWatch) -> dict[str, Any]:
    return {
        **picked(group, "group", "false", "of"),
        "share_of_faces": group.share,
        "share_of_false_alerts": picked(group.of_alerts, "low", "high", "level", "method"),
        "ratio": None if group.ratio is None else [group.ratio[0], finite(group.ratio[1])],
        **picked(group, "evidence", "asked", "shown"),
        "greatest_share_at_which_shown": group.tipping,
        "years_more": [
            {"fold": fold, "years": finite(years), "low": low, "high": finite(high)}
            for fold, years, low, high in group.years
        ],
        "sentence": group.sentence,
    }


def _shares(given: tuple[str, ...]) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = {}
    for text in given:
        matched = _SHARE.match(text)
        if matched is None or not 0 < float(matched[3]) < 1:
            raise click.BadParameter(f"{text!r} is not like ethnicity:group-2=0.35", param_hint="--share")
        shares.setdefault(matched[1], {})[matched[2]] = float(matched[3])
    return shares
