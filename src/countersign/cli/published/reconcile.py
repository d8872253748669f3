"""``countersign reconcile``: deployments missing from any of several lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.terminal.shown import Group, progress_shown, show
from countersign.errors import DONE, EVIDENCE_WRONG

if TYPE_CHECKING:
    from countersign.published.lists.reconcile import Deployment, Reconciliation, Source

EXAMPLES = """\b
Examples:
  countersign reconcile shipped:met seen-by-observers.csv
  countersign reconcile lfr-2025.pdf press.csv sightings.csv --all

\b
A list is a CSV file with the columns date (YYYY-MM-DD), place and who (says so), and
any counts, for example:
  date,place,who,alerts
  2024-05-02,Kingston,a local newspaper of 3 May 2024,4
"""


@click.command("reconcile", epilog=EXAMPLES)
@click.argument("published")
@click.argument("other", nargs=-1, required=True)
@click.option("--columns", metavar="MAP", type=click.Path(path_type=Path), help="Map of another force's headings.")
@click.option("--all", "everything", is_flag=True, help="Show every deployment, however many.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def command(published: str, other: tuple[str, ...], columns: Path | None, everything: bool, as_json: bool) -> int:
    """Deployments missing from any of several lists: what was published, press reports, people's sightings.

    PUBLISHED is a source as for review. Each OTHER is a CSV list of deployments that someone saw or reported, each
    line with who says so. Only the same date and the same words for the place count as the same deployment; what
    might be the same is shown as possible, and nothing is merged silently.

    Exit code 0 if no list misses a deployment that falls within its dates and no numbers differ, 1 otherwise.
    """
    from countersign.published.lists.reconcile import read_list, reconcile, source_of
    from countersign.published.read import read_source

    with progress_shown() as progress:
        record = read_source(published, columns=columns, progress=progress)
        sources = [source_of(record, "published"), *(read_list(Path(path)) for path in other)]
        progress("setting lists side by side", 0, None)
        found = reconcile(_named_apart(sources))
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
    else:
        _print(found, everything)
    return DONE if found.complete else EVIDENCE_WRONG


def _named_apart(sources: list[Source]) -> list[Source]:
    """The lists under names of their own: one that meets twice is numbered."""
    from msgspec.structs import replace

    taken: set[str] = set()
    named = []
    for source in sources:
        name, count = source.name, 1
        while name in taken:
            count += 1
            name = f"{source.name}-{count}"
        taken.add(name)
        named.append(replace(source, name=name))
    return named


def _print(found: Reconciliation, everything: bool) -> None:
    from countersign.words.dates import span
    from countersign.words.lists import counted

    for source in found.sources:
        dates = f", {span(*source.span)}" if source.span else ""
        left_out = f"; {counted(source.left_out, 'row')} without date or place left out" if source.left_out else ""
        click.echo(f"{source.name}: {counted(len(source.entries), 'deployment')}{dates}{left_out}")
    if found.complete:
        click.echo("No list misses a deployment within its dates, and no numbers differ.")
    published = found.sources[0].name
    groups = [
        Group(
            "Not published", "others hold them, within the dates of what was published",
            [("-", _missing(item)) for item in found.not_published],
        ),
        Group(
            "Numbers differ", "between lists that hold the same deployment",
            [("-", _differing(item)) for item in found.deployments if item.differing],
        ),
    ]  # fmt: skip
    for source in found.sources[1:]:
        missing = [item for item in found.deployments if source.name in item.missing_from and published in item.entries]
        meaning = "published, within this list's dates; reports and sightings are never complete"
        groups.append(Group(f"Missing from {source.name}", meaning, [("-", _missing(item)) for item in missing]))
    outside = [item for item in found.deployments if item.not_covered and published not in item.entries]
    beyond = [item for item in outside if published in item.not_covered]
    groups.append(
        Group(
            "Outside the published dates",
            "nothing follows from their absence",
            [("-", _missing(item)) for item in beyond],
        )
    )
    show(groups, everything=everything)


def _missing(item: Deployment) -> str:
    from countersign.words.dates import day
    from countersign.words.lists import listing

    held = listing([f"{name} ({entry.who})" for name, entry in item.entries.items()])
    text = f"{day(item.date)}, {item.place}: held by {held}"
    for possible in item.possible:
        text += f"; possibly {possible.source} ({possible.entry.who}), {possible.why}"
    return f"{text}."


def _differing(item: Deployment) -> str:
    from countersign.words.dates import day

    told = "; ".join(
        f"{column.replace('_', ' ')}: " + ", ".join(f"{value:,} by {name}" for name, value in values)
        for column, values in item.differing
    )
    return f"{day(item.date)}, {item.place}: {told}."
