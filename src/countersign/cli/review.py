"""``countersign review``: from what was published to a brief (``review.html``) and its evidence."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from countersign.cli.terminal.options import (
    FILE,
    PATH,
    as_of_option,
    columns_option,
    corrections_option,
    ocr_option,
    option,
    read_policy,
)
from countersign.cli.terminal.say import echo, echo_brief, progress_shown

if TYPE_CHECKING:
    from countersign.reviews.deployment.assemble import DeploymentReview
    from countersign.reviews.published.assemble import PublishedReview

EXAMPLES = """\b
Examples:
  countersign review lfr-deployments-2025.pdf
  countersign review 2023.pdf 2025.pdf --claims claims.toml --out report
  countersign review 2026.pdf --groups groups.csv --audit audit.csv
  countersign review answer.xlsx --columns their-headings.toml --format json
  countersign review shipped:met --claims shipped --groups shipped --corrections shipped
  countersign review d-1.bundle --policy trust.policy --reader reader.toml
  countersign review d-1.bundle d-2.bundle --policy trust.policy --deployment d-2
  countersign review force-a --deployment d-17 --as-of 2026-04-30
  countersign review dossier.toml
  countersign review d-1.bundle dossier.toml --policy trust.policy
  countersign review shipped:bridges-2017-12-21 --out bridges
  countersign review shipped:met --figure year=2024:false_alerts_per_face
"""


class Formats(click.ParamType[tuple[str, ...]]):
    """One or more of the formats of a review, with commas between."""

    name = "formats"

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The formats named, each once. Fails with a usage error for one that is unknown."""
        from countersign.reviews.options import FILES

        if isinstance(value, tuple):
            return value
        named = tuple(dict.fromkeys(part.strip().lower() for part in value.split(",") if part.strip()))
        unknown = [part for part in named if part not in FILES]
        if unknown or not named:
            self.fail(f"{value!r} is not a list of formats; there are {', '.join(FILES)}.", param, ctx)
        return named


@click.command("review", epilog=EXAMPLES)
@click.argument("source", nargs=-1, required=True)
@option("--claims", 'Public claims to check (claims.toml), or "shipped".', metavar="FILE")
@option("--groups", 'Counts by group (groups.csv), or "shipped".', metavar="FILE")
@option("--baselines", 'Shares of groups among those exposed, set side by side, or "shipped".', metavar="FILE")
@option("--audit", "People counted passing the cameras, by group (audit.csv).", metavar="FILE")
@corrections_option
@columns_option
@ocr_option
@option("--out", "Folder to write to; made if need be.", PATH, metavar="DIR", default=Path("review"))
@option("--format formats", "What to write, with commas between.", Formats(), default="html,pdf,json")
@option(
    "--figure",
    "Print one figure, computed anew, and write nothing; its place stands under it in evidence.html.",
    metavar="PLACE",
)
@as_of_option
@option(
    "--row",
    "Of published data: the row whose duties are answered; the latest if none is named.",
    metavar="DOCUMENT:NUMBER",
)
@option("--deployment", "Of a record: the deployment, where it holds several.", metavar="ID")
@option(
    "--policy policy_file",
    "Of a record: which logs and witnesses are trusted; a bundle needs it.",
    FILE,
    metavar="FILE",
)
@option("--reader reader_file", "Of a record: who is outside the force; without it nobody is.", FILE, metavar="FILE")
@option(
    "--profile",
    "Whose duties count: england-and-wales (if none is named), scotland, northern-ireland, eu.",
    metavar="NAME",
)
@option("--seed", "Seed of every random step.", click.IntRange(min=0), default=0)
def command(
    source: tuple[str, ...],
    claims: str | None,
    groups: str | None,
    baselines: str | None,
    audit: str | None,
    corrections: str | None,
    columns: tuple[Path, ...],
    ocr_layer: bool,
    out: Path,
    formats: tuple[str, ...],
    figure: str | None,
    as_of: datetime.date | None,
    row: str | None,
    deployment: str | None,
    policy_file: Path | None,
    reader_file: Path | None,
    profile: str | None,
    seed: int,
) -> None:
    """What a force has published, or the record of one deployment: what it shows, and what it does not show.

    SOURCE is a PDF, spreadsheet (XLSX, ODS), CSV or data package as published; several are read as one record.
    "shipped:met" is the record of the Metropolitan Police to July 2025 that comes with Countersign.
    Or it is a record: a bundle (several of one log are read together, so that what changed since the last time can be
    seen), a log's folder or its published files, or a case file (TOML) compiled from papers; a case file about the same
    deployment may stand beside the others. Then one deployment is reviewed, every duty answered, the three tests of the
    Convention laid out with the evidence, and the report says how to check it.

    Nothing printed is changed. Corrections, claims and counts by group are used only when given.
    """
    from countersign.any_source import review
    from countersign.deployments.outside.reader import read_reader
    from countersign.output import write_all
    from countersign.reviews.options import Options

    formats = _drawable(formats)
    policy = None if policy_file is None else read_policy(policy_file)
    reader = None if reader_file is None else read_reader(reader_file)
    with progress_shown() as progress:
        options = Options(
            deployment=deployment,
            policy=policy,
            reader=reader,
            profile=profile,
            claims=claims,
            groups=groups,
            baselines=baselines,
            audit=audit,
            corrections=corrections,
            columns=columns or None,
            ocr_layer=ocr_layer,
            as_of=as_of,
            seed=seed,
            row=row,
        )
        result = review(source, options, progress=progress)
        written = write_all(out, result.files(formats, progress), secret=result.secret) if figure is None else []
    _print(result, written, figure)


def _drawable(formats: tuple[str, ...]) -> tuple[str, ...]:
    """The formats without PDF where nothing can set one and nobody asked for it. Raises ``ExtraMissing``."""
    from countersign import extras

    if "pdf" not in formats or extras.has("typst"):
        return formats
    if click.get_current_context().get_parameter_source("formats") is not ParameterSource.DEFAULT:
        extras.need("typst")
    echo('countersign: no PDF is written; pip install "countersign[pdf]" brings what sets one.', err=True)
    return tuple(name for name in formats if name != "pdf")


def _print(result: PublishedReview | DeploymentReview, written: list[Path], figure: str | None) -> None:
    if figure is not None:
        from countersign.reviews.places import figure_in

        said, parts = figure_in(result.model, figure)
        echo(said, bold=True)
        for name, value in parts:
            echo(f"  {name}: {value}")
        return
    echo_brief(result.brief.title, result.lines, written, result.asks[:2])
