"""``countersign duties``: the catalogue, by phase and jurisdiction, as at a day."""

from __future__ import annotations

import datetime

import click

EXAMPLES = """\b
Examples:
  countersign duties
  countersign duties --phase delete
  countersign duties --jurisdiction eu --as-of 2027-12-02 --json
"""
PHASE_NAMES = ("programme", "plan", "authorise", "brief", "open", "live", "close", "delete", "review", "publish")
PLACES = ("england-and-wales", "scotland", "northern-ireland", "eu")


@click.command("duties", epilog=EXAMPLES)
@click.option("--phase", type=click.Choice(PHASE_NAMES), help="Only duties of this phase.")
@click.option("--jurisdiction", type=click.Choice(PLACES), help="Only duties that count there; without it, all.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only duties in force on this day.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def command(phase: str | None, jurisdiction: str | None, as_of: datetime.datetime | None, as_json: bool) -> int:
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
        and (as_of is None or duty.in_force_at(as_of.date()))
    ]
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return DONE
    shown = ""
    for duty in found:
        if duty.phase != shown:
            click.echo(f"{'' if not shown else chr(10)}{click.style(duty.phase, bold=True)}")
            shown = duty.phase
        click.echo(f"  {duty.id}  [{duty.kind}, {duty.severity}, {duty.layer}; {', '.join(duty.jurisdictions)}]")
        click.echo(f"    {duty.requirement}")
        click.echo(f"    {duty.sources}; {duty.in_force}")
    click.echo(f"\n{len(found)} of {len(DUTIES)} duties. 'countersign explain ID' says more of one.")
    return DONE
