"""``countersign watchlist``: a watchlist's manifest, made on the force's side: counts, not people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import FILE, FOLDER, list_columns_option, option
from countersign.cli.terminal.say import echo, echo_json
from countersign.cli.terminal.signing import Making, append_and_report, making_options, working
from countersign.deployments import watchlist
from countersign.register.papers.lists import listing_of
from countersign.register.papers.reading import read_paper

_list_file = click.argument("list_file", metavar="LIST.csv", type=FILE)


@click.group(name="watchlist")
def command() -> None:
    """A watchlist's manifest: totals in public, each entry sealed, no person anywhere.

    LIST.csv has one row an entry: category, subject_type, seriousness, source, image_age, age_band, child, vulnerable,
    response; a column check_NAME for the time of each check; and some that may be left out. A file with an image, a
    name, a date of birth or a reference number is refused whole.

    \b
    Example:
      countersign watchlist totals list.csv
      countersign watchlist seal list.csv --log force-a --deployment d-1 --paper manifest.toml --key builder.key
    """


@command.command()
@_list_file
@list_columns_option
@option("--json as_json", "In JSON, for a program.", is_flag=True)
def totals(list_file: Path, columns: Path | None, as_json: bool) -> None:
    """Print the totals that would become public; nothing is written anywhere.

    \b
    Example:
      countersign watchlist totals list.csv
      countersign watchlist totals export.csv --columns headings.toml
    """
    facts = watchlist.manifest_facts(listing_of(list_file, columns)[0], {})
    if as_json:
        echo_json(json.dumps(facts))
        return
    for line in _lines(facts):
        echo(line)


@command.command()
@_list_file
@option("--log log_folder", kind=FOLDER, required=True, metavar="LOG")
@option("--deployment", "The deployment the list was built for.", required=True)
@option(
    "--paper",
    "A TOML or JSON file: list, digest, built_at, expires_at, query, and what else the manifest may say.",
    FILE,
    required=True,
)
@list_columns_option
@making_options
def seal(list_file: Path, log_folder: Path, deployment: str, paper: Path, columns: Path | None, making: Making) -> None:
    """Seal each entry of a list and enter its totals, as `deployment list` does.

    \b
    Example:
      countersign watchlist seal list.csv --log force-a --deployment d-1 --paper manifest.toml --key builder.key
    """
    facts, contents = read_paper(paper)
    with working(log_folder, making) as work:
        made = work.manifest(work.state.subject(deployment), list_file, facts, contents, str(paper), columns)
        append_and_report(work, [made], making)
    if not making.as_json:
        for line in _lines(made.facts):
            echo(line)


def _lines(facts: dict[str, Any]) -> list[str]:
    lines = [f"{facts['size']} entries, {facts['children']} of them children, {facts['vulnerable']} vulnerable"]
    for name in ("by_category", "by_seriousness", "by_source", "by_image_age", "by_age_band", "by_response"):
        parts = ", ".join(
            f"{' '.join(str(value) for key, value in part.items() if key != 'count')} {part['count']}"
            for part in facts[name]
        )
        lines.append(f"  {name.replace('_', ' ')}: {parts}")
    checks = ", ".join(f"{one['check']} {one['done']} (oldest {one['oldest']})" for one in facts["by_check"])
    if "carried_over" in facts:
        lines.append(f"  carried over from the list before: {facts['carried_over']}")
    return [*lines, f"  checks made: {checks or 'none'}"]
