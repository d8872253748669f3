"""``countersign watchlist``: a watchlist's manifest, made on the force's side: counts, not people."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from countersign.cli.deploying import Desk, Doing, desk, doing_options, read_paper, subject_of
from countersign.deployments import watchlist
from countersign.inputs import LARGE_BYTES, read_input
from countersign.register import commands
from countersign.register.commands import Unsealed

_list_file = click.argument("list_file", metavar="LIST.csv", type=click.Path(path_type=Path, dir_okay=False))


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
@click.option("--json", "as_json", is_flag=True, help="In JSON, for a program.")
def totals(list_file: Path, as_json: bool) -> None:
    """Print the totals that would become public; nothing is written anywhere.

    \b
    Example:
      countersign watchlist totals list.csv
    """
    facts = watchlist.manifest_facts(_read(list_file), {})
    if as_json:
        click.echo(json.dumps(facts))
        return
    for line in _lines(facts):
        click.echo(line)


@command.command()
@_list_file
@click.option("--log", "log_folder", required=True, metavar="LOG", type=click.Path(path_type=Path, file_okay=False))
@click.option("--deployment", required=True, help="The deployment the list was built for.")
@click.option(
    "--paper", required=True, type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML or JSON file: list, digest, built_at, expires_at, query, and what else the manifest may say.",
)  # fmt: skip
@doing_options
def seal(list_file: Path, log_folder: Path, deployment: str, paper: Path, doing: Doing) -> None:
    """Seal each entry of a list and enter its totals, as `deployment list` does.

    \b
    Example:
      countersign watchlist seal list.csv --log force-a --deployment d-1 --paper manifest.toml --key builder.key
    """
    with desk(log_folder, doing) as at:
        made = seal_list(at, subject_of(at.folder, deployment), list_file, paper)
        at.append(made)
    if not doing.as_json:
        for line in _lines(made.facts):
            click.echo(line)


def seal_list(at: Desk, subject: str, list_file: Path, paper: Path) -> Unsealed:
    """The manifest of a list, held to schema, order and rules. Raises what reading and entering raise."""
    given, contents = read_paper(paper)
    listing = watchlist.read_list(_text(list_file))
    if given.get("digest") == sha256(read_input(list_file)).hexdigest():
        raise watchlist.ListMalformed(
            f"{paper}: digest is that of {list_file}, not of the list as the engine loads it; with the totals known, "
            "the rows of a short list could be guessed from it"
        )
    policy = at.state.policy_of(at.state.deployment(subject))
    least = policy.parameters.get("quality-minimum") if policy is not None else None
    facts = watchlist.manifest_facts(listing, given, None if least is None else least.number)
    sealed = contents | {watchlist.LABEL: list(listing.entries)}
    return commands.enter(
        at.state, at.act(subject, watchlist.KIND), watchlist.KIND, at.facts(facts), sealed, known=at.known()
    )


def _read(list_file: Path) -> watchlist.Listing:
    return watchlist.read_list(_text(list_file))


def _text(list_file: Path) -> str:
    try:
        return read_input(list_file, LARGE_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise watchlist.ListMalformed(f"{list_file}: is not text in UTF-8") from None


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
