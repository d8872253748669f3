"""``countersign trial engines``: two engines, or two versions of one, on the same searches."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import PATH, as_of_option, option
from countersign.cli.terminal.say import echo_brief, progress_shown
from countersign.cli.trial.scores import formats_of

ENGINES = """\b
Examples:
  countersign trial engines --first old.parquet --second new.parquet --first-name "Engine A 5.2" \\
      --second-name "Engine A 6.0" --subjects subjects.csv --by ethnicity --first-threshold 0.64 --second-threshold 0.58
  countersign trial engines --first a.csv --second b.csv --subjects subjects.csv --at-fpir 0.01
"""


@click.command("engines", epilog=ENGINES)
@option("--first firsts", "Search table of the first engine. Repeat.", PATH, multiple=True, required=True)
@option("--second seconds", "Search table of the second. Repeat.", PATH, multiple=True, required=True)
@option("--first-name", "The first engine and its version, as stated.", default="First")
@option("--second-name", "The second engine and its version, as stated.", default="Second")
@option("--first-map first_maps", "Map (TOML) of the first's score file.", PATH, multiple=True)
@option("--second-map second_maps", "Map (TOML) of the second's score file.", PATH, multiple=True)
@option("--subjects", "Table of subjects: group labels, how they were obtained.", PATH)
@option("--obtained", "Without --subjects: the search tables have the labels, obtained so.", metavar="HOW")
@option("--by", 'Report by it; crossed as "ethnicity*sex". Repeat.', multiple=True, metavar="ATTRIBUTE")
@option("--first-threshold first_at", "A threshold of the first, fixed elsewhere. Repeat.", float, multiple=True)
@option("--second-threshold second_at", "The second's beside it. Repeat.", float, multiple=True)
@option("--at-fpir", "Find both thresholds for it on these rows. Repeat.", float, multiple=True, metavar="FPIR")
@option("--size sizes", "Only watchlists of this size. Repeat.", int, multiple=True, metavar="N")
@option("--operator", "How the engines compare a score with a threshold.", click.Choice([">=", ">"]), default=">=")
@option("--set-aside", "Count faulty rows apart and report them, instead of refusing.", is_flag=True)
@option("--plan", "The trial's plan: its title, protocol and data set stand in the report.", PATH)
@option("--level", "Confidence level of intervals.", float, default=0.95)
@option("--title", "Title of the report.", default="Accuracy trial")
@as_of_option
@option("--format formats", "html, json, pdf, with commas.", default="html,json")
@option("--out", "Folder to write to.", PATH, default=Path("trial"))
def engines_command(
    firsts: tuple[Path, ...],
    seconds: tuple[Path, ...],
    first_name: str,
    second_name: str,
    first_maps: tuple[Path, ...],
    second_maps: tuple[Path, ...],
    first_at: tuple[float, ...],
    second_at: tuple[float, ...],
    at_fpir: tuple[float, ...],
    operator: Any,
    set_aside: bool,
    plan: Path | None,
    as_of: datetime.date | None,
    formats: str,
    out: Path,
    **shared: Any,
) -> None:
    """Two engines, or versions of one, on the same searches: paired.

    Each is counted at its own threshold. Each search is set against itself, so that a difference shows that the spread
    between people would hide. It says what differs and how surely, and names no winner.
    """
    from countersign.document import lines_of
    from countersign.output import write_all
    from countersign.results.side_by_side import side_by_side
    from countersign.results.trial import Trying

    wanted = formats_of(formats)
    shared |= {"operator": operator, "at_fpir": at_fpir, "set_aside": set_aside, "as_of": as_of}
    first = Trying(searches=firsts, maps=first_maps, thresholds=first_at, **shared)
    second = Trying(searches=seconds, maps=second_maps, thresholds=second_at, **shared)
    with progress_shown() as progress:
        found = side_by_side(first, second, (first_name, second_name), plan=plan, progress=progress)
    contents = found.pages.files(wanted)
    if "json" in wanted:
        contents["side-by-side.json"] = found.json()
    echo_brief(found.brief.title, lines_of(found.brief), write_all(out, contents))
