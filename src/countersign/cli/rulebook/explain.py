"""``countersign explain``: one duty, its sources, what would show it, and how to ask for that."""

from __future__ import annotations

import textwrap

import click

from countersign.surroundings import current

#: Longest line.
WIDTH = 96
EXAMPLES = """\b
Examples:
  countersign explain uk.accuracy.false-alert-ceiling
  countersign explain uk.bridges.who --json
"""


@click.command("explain", epilog=EXAMPLES)
@click.argument("identifier", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def command(identifier: str, as_json: bool) -> int:
    """One duty: what it asks, its sources, what would satisfy it, and a ready request for the evidence.

    ID is that of 'countersign duties'.
    """
    from countersign.errors import DONE
    from countersign.rulebook.catalogue import duty
    from countersign.rulebook.explain import explanation

    day = current().now().date().isoformat()
    found = explanation(duty(identifier), day=day)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return DONE
    click.echo(click.style(found.duty.id, bold=True))
    click.echo(f"{textwrap.fill(found.duty.requirement, WIDTH)}\n")
    for heading, lines in found.parts():
        click.echo(click.style(heading, bold=True))
        for line in lines:
            click.echo(
                textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
            )
        click.echo("")
    click.echo(click.style("A request for the evidence", bold=True))
    click.echo(found.request)
    return DONE
