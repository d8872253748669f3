"""``countersign observe``: what an observer saw in the street, or an outside body says of an entry, as a draft."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import FILE, PATH, Day, Moment, folder_argument, option, together
from countersign.cli.terminal.say import echo
from countersign.deployments.clock import hours_later, utc_of
from countersign.deployments.kinds import SCHEMAS
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.entries.forms import fits
from countersign.register import drafts
from countersign.register.asking import Reader
from countersign.register.deployments import at_work
from countersign.register.opening import Doing, opened
from countersign.register.papers import copying
from countersign.surroundings import current

SIGHTING, STATEMENT = "observer.sighting", "outside.statement"
FINDING, MORATORIUM, LIFTED = "review.finding", "programme.moratorium", "programme.moratorium-lifted"


def _words(kind: str, field: str) -> list[str]:
    """The words that a field of a kind takes."""
    return list(json.loads(SCHEMAS.latest(kind).text)["properties"][field]["enum"])


class Hour(click.ParamType[str]):
    """An hour as entries write it, or a time with its zone, which stands for the hour it lies in."""

    name = "hour"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The hour in UTC. Fails with a usage error where it is none; raises ``LocalTimeWrong``."""
        text = utc_of(value)
        hour = f"{text[:13]}Z" if fits("time", text) else text
        if not fits("hour", hour):
            self.fail(f"{value!r} is no day and time with its zone, as in 2026-03-01 09:30 Europe/London", param, ctx)
        return hour


@click.group(name="observe")
def command() -> None:
    """What someone outside a force saw or says, in a log of their own.

    An observer, a panel, a court or a regulator keeps its own log (`countersign record init --body`), signs with a key
    that no force registers, and publishes it. These commands ask what was seen and write a draft: `countersign draft
    sign` signs it, `countersign draft append` puts it into the log. No names, no pictures.

    \b
    Example:
      countersign key new --name registrar --out registrar.key
      countersign key new --name observer --out observer.key
      countersign record init watchers --origin watchers.example/log --subject watchers --body observer \\
          --registrar registrar.key
      countersign key register watchers observer.key --role observer --key registrar.key
      countersign observe new watchers --out seen.draft
      countersign draft sign seen.draft --key observer.key --out seen.signed
      countersign draft append watchers seen.signed
    """


def _drafted(run: Any) -> Any:
    return together(
        folder_argument,
        option("--for for_key", "The first digits of the signer's key; not needed where one key alone may sign this."),
        option("--role", "The role in which the key signs; not needed where it holds one that fits."),
        option("--keep", "Give the draft up after so many hours unsigned.", click.FloatRange(1, 8760), default=72),
        option("--out", "The draft to sign.", FILE, required=True),
    )(run)


#: What a street observer is asked: field, question, what is taken. The first four are needed.
ASKED: tuple[tuple[str, str, Any], ...] = (
    ("place", "Where was it? The name of the street or square", str),
    ("first", "When did you begin to watch? (2026-03-01 09:30 Europe/London)", Hour()),
    ("last", "When did you last see it?", Hour()),
    ("signs", "Did you see signs saying that faces are scanned?", click.Choice(_words(SIGHTING, "signs"))),
    ("leaflets", "Were leaflets offered?", click.Choice(_words(SIGHTING, "leaflets"))),
    ("stopped", "How many people did you see stopped? Count them, name nobody", click.IntRange(0, 10_000)),
    ("units", "How many vans or camera teams?", click.IntRange(1, 16)),
)
NEEDED = 4


def _asked_options(run: Any) -> Any:
    return together(*(option(f"--{name}", f"{question}.".replace("?.", "?"), kind) for name, question, kind in ASKED))(
        run
    )


@command.command()
@_drafted
@option("--about", "The force (force-a), or the deployment if you know it (force-a/d-1).")
@_asked_options
def new(about: str | None, **given: Any) -> None:
    """Say what you saw in the street: place, hours, signs, people stopped; what is not given is asked for.

    Without a deployment's name it is matched later, by its place and hours, to what the force has on its record.

    \b
    Examples:
      countersign observe new watchers --out seen.draft
      countersign observe new watchers --about force-a --place "High Street" \\
          --first "2026-03-01 10:00 Europe/London" --last "2026-03-01 13:00 Europe/London" \\
          --signs none --stopped 4 --out seen.draft
    """
    facts = {name: given.pop(name) for name, _, _ in ASKED}
    walked = any(facts[name] is None for name, _, _ in ASKED[:NEEDED]) or about is None
    if walked:
        # Before anything is asked: nobody is to answer all of it for a log that is not there, or that takes none of it.
        with opened(given["log_folder"], reading=True) as log:
            copying.for_signer(SCHEMAS.latest(SIGHTING), given["for_key"])(log)
    if about is None:
        about = str(click.prompt("Which force? Its short name (force-a), or force-a/d-1", type=About()))
    for number, (name, question, kind) in enumerate(ASKED):
        if walked and facts[name] is None:
            needed = number < NEEDED
            shown = question if needed else f"{question} (Enter if you cannot say)"
            answer = click.prompt(shown, type=kind if needed else _OrNothing(kind), default=None if needed else "")
            facts[name] = None if answer == "" else answer
    said = {name: value for name, value in facts.items() if value is not None}
    at = min(hours_later(f"{said['last'][:-1]}:00:00Z", 1), current().time_text())
    _draft(SIGHTING, about, said, at, **given)


class About(click.ParamType[str]):
    """The short name of a force, or of one of its deployments."""

    name = "force"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name. Fails with a usage error where it cannot be one."""
        if not fits("subject", value):
            self.fail(f"{value!r} is no short name: small letters, digits and hyphens, as in force-a", param, ctx)
        return value


class _OrNothing(click.ParamType[Any]):
    """A value of a type, or nothing at all."""

    name = "value"

    def __init__(self, kind: Any) -> None:
        self.kind = click.types.convert_type(kind)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value, or the empty text as it stands."""
        return value if value == "" else self.kind.convert(value, param, ctx)


@command.command()
@_drafted
@option("--says", "What is said of it.", click.Choice(_words(STATEMENT, "says")), required=True)
@option("--duty duties", "A duty that it bears on; may be given several times.", multiple=True, required=True)
@option("--ground", "How you know it.", click.Choice(_words(STATEMENT, "ground")), required=True)
@option("--source", "The force's bundle or published files, in which the entry stands.", PATH)
@option("--entry", "The place of the entry it is about, in that source.", click.IntRange(0))
@option("--about", "Where no entry is known: the force, or force/deployment.")
@option("--place", "Where no entry is known: the name of the place.")
@option("--first", "Where no entry is known: the first hour.", Hour())
@option("--last", "Where no entry is known: the last hour.", Hour())
@option("--document", "A paper that says more; its SHA-256 is entered, the paper is not.", FILE)
@option("--url published_url", "Where that paper is published.")
def statement(
    source: Path | None,
    entry: int | None,
    about: str | None,
    duties: tuple[str, ...],
    document: Path | None,
    says: str,
    ground: str,
    place: str | None,
    first: str | None,
    last: str | None,
    published_url: str | None,
    **given: Any,
) -> None:
    """Bear out what a force states in an entry, or contradict it, duty by duty.

    Name the entry by the force's bundle or published files and its number there; where none is known, name the force
    with the place and hours.

    \b
    Examples:
      countersign observe statement panel --says bears-out --duty uk.bridges.who --ground papers-read \\
          --source d-1.bundle --entry 84 --out panel.draft
      countersign observe statement panel --says contradicts --duty uk.open.signage --ground seen \\
          --about force-a --place "High Street" --first 2026-03-01T10Z --last 2026-03-01T12Z --out panel.draft
    """
    said: dict[str, Any] = {"says": says, "duties": list(duties), "ground": ground, "place": place, "first": first}
    said |= {"last": last, "published_url": published_url}
    if (source is None) != (entry is None) or (source is None) == (about is None):
        raise click.UsageError("Give --source and --entry, or --about where no entry is known.")
    if source is not None and entry is not None:
        from countersign.reviews.deployment.reading import entry_at

        origin, found = entry_at(source, entry)
        about = found.draft.subject
        said["about"] = {"origin": origin, "digest": sha256(found.render()).hexdigest()}
        echo(f"About entry {entry} of {origin}: {found.draft.kind}, {about}, {found.draft.at}.")
    if document is not None:
        said["document"] = _digest(document)
    _draft(STATEMENT, str(about), {name: value for name, value in said.items() if value is not None}, None, **given)


@command.command()
@_drafted
@option("--about", "The deployment (force-a/d-1), or the force.", required=True)
@option("--name", "What the finding is called in this log (f-1).", required=True)
@option("--duty", "The duty that it is on (`countersign duties` lists them).", required=True)
@option("--result", "What was found.", click.Choice(_words(FINDING, "result")), required=True)
@option("--report", "The paper with the reasons; its SHA-256 is entered, the paper is not.", FILE, required=True)
@option("--answer-due", "The day by which the force is to answer.", Day(), metavar="DATE", required=True)
def finding(about: str, name: str, duty: str, result: str, report: Path, answer_due: date, **given: Any) -> None:
    """Make a finding that a force must answer: by a panel, a reviewer, a regulator or a court.

    From the day after the answer was due it stands against the force's next authority, for everyone who reads this log
    (`--reader`, `--beside`), until the force has answered or disputed it in its own log.

    \b
    Example:
      countersign observe finding panel --about force-a/d-1 --name f-1 --duty uk.open.signage --result not-met \\
          --report report.pdf --answer-due 2026-04-30 --out f-1.draft
    """
    facts = {"finding": name, "duty": duty, "result": result, "report": _digest(report)}
    _draft(FINDING, about, facts | {"answer_due": answer_due.isoformat()}, None, **given)


@command.command()
@_drafted
@option("--about", "The force (force-a).", required=True)
@option("--reason", "Why.", click.Choice(_words(MORATORIUM, "reason")), required=True)
@option("--decision", "The paper that decides it; its SHA-256 is entered, the paper is not.", FILE, required=True)
@option("--from starts_at", "From when; now by default.", Moment(), metavar="TIME")
@option("--until ends_at", "Until when; without it until it is lifted.", Moment(), metavar="TIME")
@option("--url", "Where the decision is published.")
def moratorium(about: str, reason: str, decision: Path, url: str | None, **given: Any) -> None:
    """Stop a force's authorities, by a panel, a regulator or a court whose key is a moratorium-authority in this log.

    It stops the commands of everyone who reads this log (`--reader`, `--beside`), and every review says so.

    \b
    Example:
      countersign observe moratorium panel --about force-a --reason bias --decision decision.pdf --out stop.draft
    """
    facts = {"reason": reason, "decision": _digest(decision), "url": url, "ends_at": given.pop("ends_at")}
    facts["starts_at"] = given.pop("starts_at") or current().time_text()
    _draft(MORATORIUM, about, {name: value for name, value in facts.items() if value is not None}, None, **given)


@command.command()
@_drafted
@click.argument("entry", type=click.IntRange(0))
@option("--about", "The force (force-a).", required=True)
@option("--decision", "The paper that decides it; its SHA-256 is entered, the paper is not.", FILE, required=True)
def lift(entry: int, about: str, decision: Path, **given: Any) -> None:
    """Lift the moratorium that stands in ENTRY of this log, by the key that imposed it.

    \b
    Example:
      countersign observe lift panel 7 --about force-a --decision lifted.pdf --out lifted.draft
    """
    facts = {"moratorium": entry, "decision": _digest(decision), "lifted_at": current().time_text()}
    _draft(LIFTED, about, facts, None, **given)


def _digest(paper: Path) -> str:
    return sha256(read_input(paper, LARGE_BYTES)).hexdigest()


def _draft(
    kind: str,
    about: str,
    facts: dict[str, Any],
    at: str | None,
    *,
    log_folder: Path,
    for_key: str | None,
    role: str | None,
    keep: float,
    out: Path,
) -> None:
    signer = copying.for_signer(SCHEMAS.latest(kind), for_key)
    with at_work(log_folder, Doing(drafts.elsewhere, at, role), Reader(), for_key=signer) as work:
        made = work.entry(work.state.subject(about), kind, facts)
        draft = drafts.hand_out(work, [made], "", out, hours=keep)
    echo(f"Draft {draft.name} about {made.act.subject}, kept until {draft.expires_at}: {out}")
    signed = out.with_suffix(".signed")
    echo(f"Next: countersign draft sign {out} --key KEY --out {signed}")
    echo(f"      countersign draft append {log_folder} {signed}")
