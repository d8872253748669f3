"""``countersign library table``: the forces side by side, by year, never added up."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.library.shared import library_option, opened
from countersign.cli.terminal.options import FILE, option
from countersign.cli.terminal.say import echo, echo_values, progress_shown


@click.command("table")
@click.argument("forces", nargs=-1, metavar="[FORCE]...")
@option("--csv csv_file", "Write it as CSV, to this file.", FILE, metavar="FILE")
@option("--html page", "Write it as a page with a chart, to this file.", FILE, metavar="FILE")
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
@library_option
def table(
    forces: tuple[str, ...], csv_file: Path | None, page: Path | None, as_json: bool, library_folder: Path
) -> None:
    """What each FORCE (or every one) published of each year, side by side, never added up.

    Each line is of one force, one year and one system. A figure that only some rows print says how many; ☐ stands where
    nothing was published. False alerts are given a second time with every unconfirmed alert as false.

    \b
    Examples:
      countersign library table
      countersign library table met "south wales" --csv forces.csv
    """
    from countersign.following.sides import NEVER_SUMMED, page_of, sides, table_of
    from countersign.output import write_whole
    from countersign.releases.table import SUMS
    from countersign.render.html import render_html

    library = opened(library_folder)
    wanted = {library.force(force).id for force in forces}
    with progress_shown() as progress:
        found = [each for each in sides(library, progress=progress) if not wanted or each.force in wanted]
    if as_json:
        echo_values(found)
        return
    if page is not None:
        echo(f"Written: {write_whole(page, render_html(page_of(library, found)))}")
    if csv_file is not None:
        import csv
        import io

        from countersign.words.hidden import safe_cell

        made, text = table_of(found), io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.label for column in made.columns])
        writer.writerows([safe_cell(cell.text) for cell in row] for row in made.rows)
        echo(f"Written: {write_whole(csv_file, text.getvalue().encode())}")
    if page is not None or csv_file is not None:
        return
    for each in found:
        echo(each.name, bold=True)
        for line in each.lines:
            echo(f"  {line.year}, {line.system}" if line.system else f"  {line.year}")
            labels = (*SUMS.values(), "List size", "Threshold", "Use cases")
            for label, value in zip(labels, (*line.sums, line.lists, line.thresholds, line.use_cases), strict=True):
                echo(f"    {label}: {value}")
            for rated in line.rates:
                most = f"; if every unconfirmed alert was false, {rated.at_most}" if rated.at_most else ""
                echo(f"    {rated.measure}, {rated.regime}: {rated.counts}, {rated.rate}{most}")
        for note in each.notes:
            echo(f"  {note}", dim=True)
        echo()
    echo(NEVER_SUMMED)
