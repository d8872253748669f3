"""``countersign duties``, ``explain`` and ``ask``: the catalogue, one duty of it, and letters for what is left open."""

from __future__ import annotations

import datetime
import textwrap
from pathlib import Path

import click

from countersign.cli.terminal.options import PATH, PROFILES, Day, option
from countersign.cli.terminal.say import echo, echo_lines, echo_values
from countersign.surroundings import current

DUTIES_EXAMPLES = """\b
Examples:
  countersign duties
  countersign duties --phase delete
  countersign duties --jurisdiction eu --as-of 2027-12-02 --json
"""
PHASE_NAMES = ("programme", "plan", "authorise", "brief", "open", "live", "close", "delete", "review", "publish")


@click.command("duties", epilog=DUTIES_EXAMPLES)
@option("--phase", "Only duties of this phase.", click.Choice(PHASE_NAMES))
@option("--jurisdiction", "Only duties that count there; without it, all.", click.Choice(PROFILES))
@option("--as-of", "Only duties in force on this day.", Day(), metavar="DAY")
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
def duties(phase: str | None, jurisdiction: str | None, as_of: datetime.date | None, as_json: bool) -> int:
    """The duties the rulebook knows: what each asks, on which sources, and how the record is asked about it.

    A duty whose first day in force is not known is listed for every day, and says "unknown". A reference marked † still
    has to be checked against its source. The catalogue is no legal advice.
    """
    from countersign.errors import DONE
    from countersign.rulebook.catalogue import DUTIES, counts_in, profile_of

    found = [
        duty
        for duty in DUTIES.values()
        if (phase is None or duty.phase == phase)
        and (jurisdiction is None or counts_in(duty, profile_of(jurisdiction)))
        and (as_of is None or duty.in_force_at(as_of))
    ]
    if as_json:
        echo_values(found)
        return DONE
    shown = ""
    for duty in found:
        if duty.phase != shown:
            if shown:
                echo()
            echo(duty.phase, bold=True)
            shown = duty.phase
        echo(f"  {duty.id}  [{duty.kind}, {duty.severity}, {duty.layer}; {', '.join(duty.jurisdictions)}]")
        echo(f"    {duty.requirement}")
        echo(f"    {duty.sources}; {duty.in_force}")
    echo()
    echo(f"{len(found)} of {len(DUTIES)} duties. 'countersign explain ID' says more of one.")
    return DONE


#: Longest line.
WIDTH = 96
EXPLAIN_EXAMPLES = """\b
Examples:
  countersign explain uk.accuracy.false-alert-ceiling
  countersign explain uk.bridges.who --json
"""


@click.command("explain", epilog=EXPLAIN_EXAMPLES)
@click.argument("identifier", metavar="ID")
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
def explain(identifier: str, as_json: bool) -> int:
    """One duty: what it asks, its sources, what would satisfy it, and a ready request for the evidence.

    ID is that of 'countersign duties'.
    """
    from countersign.errors import DONE
    from countersign.rulebook.catalogue import duty
    from countersign.rulebook.letters import explanation

    day = current().now().date().isoformat()
    found = explanation(duty(identifier), day=day)
    if as_json:
        echo_values(found)
        return DONE
    echo(found.duty.id, bold=True)
    echo_lines(textwrap.fill(found.duty.requirement, WIDTH))
    echo()
    for heading, lines in found.parts():
        echo(heading, bold=True)
        for line in lines:
            echo_lines(
                textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
            )
        echo()
    echo("A request for the evidence", bold=True)
    echo_lines(found.request)
    return DONE


ASK_EXAMPLES = """\b
Examples:
  countersign ask review.json --out letters
  countersign ask report/review.json --out letters --date 2026-09-01 --profile scotland
"""


@click.command("ask", epilog=ASK_EXAMPLES)
@click.argument("review", type=PATH)
@option("--out", "Folder for the letters.", PATH, required=True)
@option("--date on", "Date of the letters; today if left out.", Day(), metavar="DAY")
@option("--profile", "Under whose law the letters are written.", click.Choice(PROFILES), default=PROFILES[0])
def ask(review: Path, out: Path, on: datetime.date | None, profile: str) -> int:
    """Write one request for everything REVIEW does not show, and a request for access and a complaint for a passer-by.

    The letters are plain text with blanks in square brackets. They are written, never sent. A reference marked † is
    still to be checked. Exit code 0, also where nothing is left open.
    """
    from countersign.errors import DONE
    from countersign.output import write_all
    from countersign.rulebook.letters import (
        ReviewUnreadable,
        complaint,
        read_open,
        request_for_access,
        request_for_information,
    )
    from countersign.words.hidden import line_by_line

    try:
        content = review.read_bytes()
    except OSError as error:
        raise ReviewUnreadable(f"{review}: cannot be read: {error.strerror or error}") from error
    found = read_open(content, str(review))
    day = (on or current().now().date()).isoformat()
    letters = {
        "access-request.txt": request_for_access(about=found.about, day=day, profile=profile),
        "complaint.txt": complaint(about=found.about, day=day, profile=profile),
    }
    if found.wanted:
        letters["request-for-information.txt"] = request_for_information(
            found.wanted, about=found.about, day=day, profile=profile
        )
    for path in write_all(out, {name: line_by_line(text).encode() for name, text in sorted(letters.items())}):
        echo(path)
    echo(f"{len(found.wanted)} things are asked for. Fill in the blanks before you send anything.")
    return DONE
