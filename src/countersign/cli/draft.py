"""``countersign draft``: an entry prepared here, signed on the signer's own machine, and appended here."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countersign.cli.terminal.options import (
    FILE,
    FOLDER,
    at_option,
    folder_argument,
    list_columns_option,
    option,
    profile_option,
    together,
)
from countersign.cli.terminal.say import echo, echo_lines
from countersign.cli.terminal.signing import (
    LATE_REASONS,
    give_receipts,
    log_passphrase_option,
    open_private,
    opened_log,
    passphrase_option,
    reader_options,
    report,
)
from countersign.deployments.kinds import SCHEMAS
from countersign.errors import CountersignError
from countersign.inputs import LARGE_BYTES, InputMissing, read_input
from countersign.output import write_whole
from countersign.record.entries.entry import EntrySigner
from countersign.record.entries.schema import SUPPLIERS, Schema, SchemaUnknown
from countersign.register import drafts
from countersign.register.asking import Reader
from countersign.register.deployments import at_work
from countersign.register.opening import Doing, opened
from countersign.register.papers import copying
from countersign.register.papers.lending import PREFIX, overview, shipped, template_named, title_of
from countersign.register.papers.reading import answered, read_paper
from countersign.register.papers.templates import template
from countersign.register.signing import read_signed, words_of
from countersign.surroundings import current
from countersign.words.lists import counted, listing
from countersign.words.names import token

if TYPE_CHECKING:
    from countersign.register.commands import Unsealed
    from countersign.register.deployments import Work


_FROM = (
    "Copy what can be copied: from a deployment (or force) of the log, a draft's file, a template (a file, or "
    "shipped:first-deployment)."
)


@click.group(name="draft")
def command() -> None:
    """Prepare an entry here, have it signed on the signer's own machine, and append it here.

    The keeper of the log never holds the signer's key. A draft carries the entry and what it seals; the signer reads
    both, made from the very bytes that are signed. Appending asks every rule again.

    \b
    Example:
      countersign draft new authorise.authority --log force-a --from d-1 > authority.toml
      countersign draft check force-a authorise.authority authority.toml --deployment d-1 --for 3fa94c01
      countersign draft seal force-a authorise.authority authority.toml --deployment d-1 --for 3fa94c01 --out d-1.draft
      countersign draft sign d-1.draft --key officer.key --out d-1.signed
      countersign draft append force-a d-1.signed
    """


@command.command()
@click.argument("kind")
@option("--log log_folder", "The log to copy from; without --from, from what is about the force.", FOLDER)
@option("--from source", _FROM, metavar="WHAT")
def new(kind: str, log_folder: Path | None, source: str | None) -> None:
    """Write a paper to fill in: every field of an entry of this KIND, and what it takes.

    \b
    Example:
      countersign draft new live.hour > hour.toml
      countersign draft new plan.proposal --log force-a --from d-1 > proposal.toml
      countersign draft new plan.proposal --from shipped:first-deployment > proposal.toml
      countersign draft new brief.briefing --from templates/briefing.toml > briefing.toml
    """
    kinds = sorted({known for known, _ in SCHEMAS.known})
    if kind not in kinds:
        near = listing(difflib.get_close_matches(kind, kinds, n=3))
        hint = f"; the nearest are {near}" if near else "; docs/formats/deployment-vocabulary.md lists all"
        raise SchemaUnknown(f"there is no kind of entry {kind!r}{hint}")
    schema = SCHEMAS.latest(kind)
    copied, sealed = _lent(schema, log_folder, source)
    echo_lines(template(schema, copied, sealed), nl=False)


@command.command()
@click.argument("name", metavar="[TEMPLATE]", required=False)
def templates(name: str | None) -> None:
    """List the templates that come with the program; of one, or of a file of yours, the papers in their order.

    
    Example:
      countersign draft templates
      countersign draft templates shipped:first-deployment
      countersign draft templates templates/van.toml
    """
    if name is None:
        for known, path in shipped().items():
            echo(f"{PREFIX}{known}  {title_of(path)}")
        return
    file = template_named(name)
    if file is None:
        raise InputMissing(f"{name}: there is no such file")
    echo(f"{title_of(file)}:")
    for part in overview(file):
        who = listing([token(role) for role in part.form.roles], "or")
        echo(f"{part.form.kind}: {part.form.title}. Signed by: {who}.")
        if part.settled:
            echo(f"  filled in: {', '.join(part.settled)}")
        echo(f"  asked: {', '.join(part.asked) or 'nothing'}")


def _lent(schema: Schema, log_folder: Path | None, source: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a draft or template's file, or the last entry of a kind about a deployment or the force, lends."""
    if source is not None and (file := template_named(source)) is not None:
        return copying.lent_by(file, schema)
    if log_folder is None:
        if source is not None:
            raise click.UsageError(f"--from {source} is no file; to copy from a deployment, name its log with --log.")
        return {}, {}
    with opened(log_folder, reading=True) as log:
        return copying.last_of(log, schema, None if source == log.folder.config.subject else source)


def _drafting_options(run: Callable[..., Any]) -> Callable[..., Any]:
    """Arguments and options of what prepares a draft."""
    return together(
        folder_argument,
        click.argument("kind"),
        click.argument("paper", type=FILE, required=False),
        option("--from source", _FROM, metavar="WHAT", envvar="COUNTERSIGN_FROM"),
        option(
            "--set answers",
            "One field's value: units=1, sealed.place.windows.0.start=..., script=file:brief.pdf (its SHA-256).",
            metavar="FIELD=VALUE",
            multiple=True,
        ),
        option(
            "--deployment",
            "The deployment it is about; without it, about the force.",
            envvar="COUNTERSIGN_DEPLOYMENT",
        ),
        option(
            "--for for_key",
            "The first digits of the signer's key (`countersign key list LOG`); without it the key that signed what "
            "--from copies, or the only one that fits.",
        ),
        option("--role", "The role in which the key signs; not needed where it holds one that fits."),
        option("--supplied-by", "Who the evidence comes from.", click.Choice(SUPPLIERS), default="force"),
        option("--late", "It is entered late, for this reason; shows so.", click.Choice(LATE_REASONS)),
        option("--list list_file", "Of a manifest (authorise.manifest): the watchlist, as CSV.", FILE),
        list_columns_option,
        at_option,
        profile_option,
        reader_options,
    )(run)


@command.command()
@_drafting_options
def check(paper: Path | None, kind: str, **given: Any) -> None:
    """Hold an entry to the schema, the order, the roles and every gate, and write nothing.

    PAPER may be left out: what --from lends and --set gives is taken. What the record, the policy or the clock gives
    is filled in.

    \b
    Example:
      countersign draft check force-a live.opened opening.toml --deployment d-1 --for 3fa94c01
      countersign draft check force-a live.opened --from d-1 --deployment d-2 --for 3fa94c01
    """
    with ExitStack() as kept:
        work, made = _made(kept, paper, kind, **given)
        names = " and ".join(f"{unsealed.schema.title} ({unsealed.schema.kind})" for unsealed in made)
        echo(f"Nothing bars it: {names}, about {made[0].act.subject}, at {counted(work.state.size, 'entry')}.")


@command.command()
@_drafting_options
@option(
    "--keep", "Erase what is sealed after so many hours without a signature.", click.FloatRange(1, 8760), default=72
)
@option("--out", "The draft to hand to the signer; it holds what is sealed.", FILE, required=True)
def seal(paper: Path | None, kind: str, keep: float, out: Path, **given: Any) -> None:
    """Hold an entry to every rule, seal what is to be sealed, and write the draft for its signer.

    \b
    Example:
      countersign draft seal force-a live.opened opening.toml --deployment d-1 --for 3fa94c01 --out opening.draft
      countersign draft seal force-a live.suspended --set reason=disorder --deployment d-1 --for 3fa9 --out d-1.draft
    """
    with ExitStack() as kept:
        work, made = _made(kept, paper, kind, **given)
        draft = drafts.hand_out(work, made, given["profile"] or "", out, hours=keep)
    echo(f"Draft {draft.name} for key {draft.entries[0].entry.key[:16]}…, kept until {draft.expires_at}: {out}")


def _made(kept: ExitStack, paper: Path | None, kind: str, **given: Any) -> tuple[Work, list[Unsealed]]:
    schema = SCHEMAS.latest(kind)
    facts, contents = _lent(schema, given["log_folder"] if given["source"] else None, given["source"])
    if paper is not None:
        own, under = read_paper(paper)
        facts, contents = facts | own, contents | under
    facts, contents = answered(schema, facts, contents, given["answers"])
    log_folder, profile = given["log_folder"], given["profile"] or ""
    doing = Doing(drafts.elsewhere, given["at"], given["role"], given["supplied_by"], given["late"])
    for_key = copying.for_signer(schema, given["for_key"], given["source"])
    work = kept.enter_context(at_work(log_folder, doing, given["asked"], for_key=for_key))
    for name in drafts.discard(work.open, ran_out_by=current().time_text()):
        echo(f"Draft {name} ran out without a signature; what it had sealed is erased.", err=True)
    _say_damaged(drafts.pending(work.open.folder)[1])
    subject = work.state.subject(given["deployment"])
    if kind == "authorise.approval":
        return work, list(work.approval(subject, facts, contents, profile)[0])
    if given["list_file"] is not None:
        return work, [work.manifest(subject, given["list_file"], facts, contents, str(paper or kind), given["columns"])]
    return work, [work.entry(subject, kind, facts, contents, profile=profile)]


def _say_damaged(damaged: Mapping[str, CountersignError]) -> None:
    for name, error in damaged.items():
        echo(f"Passed over: {error}. `countersign draft discard` with the name {name} takes it away.", err=True)


@command.command()
@click.argument("draft", type=FILE)
def show(draft: Path) -> None:
    """Show what a draft says and seals, from the bytes that will be signed.

    \b
    Example:
      countersign draft show opening.draft
    """
    _say_words(drafts.read_draft(read_input(draft, LARGE_BYTES), str(draft)))


def _say_words(draft: drafts.DraftFile) -> None:
    for line in words_of(draft):
        echo(line)


@command.command()
@click.argument("draft", type=FILE)
@option("--key key_file", "The private key file of the person who signs.", FILE, required=True)
@passphrase_option
@option("--yes", "Sign without asking; what is signed is shown all the same.", is_flag=True)
@option("--out", "The signed entries, to give back to the keeper.", FILE, required=True)
def sign(draft: Path, key_file: Path, passphrase_file: Path | None, yes: bool, out: Path) -> None:
    """Sign a draft, on the signer's own machine: no log is needed and nothing is sent.

    \b
    Example:
      countersign draft sign opening.draft --key commander.key --out opening.signed
    """
    made = drafts.read_draft(read_input(draft, LARGE_BYTES), str(draft))
    _say_words(made)
    if not yes:
        click.confirm("Sign this?", abort=True, err=True)
    entries = drafts.sign(made, EntrySigner(open_private(key_file, passphrase_file).secret))
    write_whole(out, b"".join(entry.render() + b"\n" for entry in entries))
    echo(f"Signed at {entries[0].draft.at}: {out}")


@command.command()
@folder_argument
@click.argument("signed", type=FILE)
@reader_options
@log_passphrase_option
def append(
    log_folder: Path,
    signed: Path,
    log_passphrase_file: Path | None,
    asked: Reader,
) -> None:
    """Append what was signed, with every rule asked again; the same bytes a second time are answered with their place.

    Beside the signed file stands a receipt for the signer, as soon as the entry is under a published head.

    \b
    Example:
      countersign draft append force-a opening.signed
    """
    entries = read_signed(read_input(signed, LARGE_BYTES), str(signed))
    with opened_log(log_folder, log_passphrase_file) as log:
        appended, _ = drafts.append(log, entries, asked)
        for each in appended:
            report(log, each, publishing=log_passphrase_file is not None)
        give_receipts(log, appended, signed)


@command.command(name="list")
@folder_argument
def list_(log_folder: Path) -> None:
    """List the drafts that wait for a signature.

    \b
    Example:
      countersign draft list force-a
    """
    with opened(log_folder, reading=True) as log:
        waiting, damaged = drafts.pending(log.folder)
    _say_damaged(damaged)
    for draft in waiting:
        said = draft.entries[0].entry.draft
        echo(f"{draft.name}  {said.kind} about {said.subject}, as {said.role}; kept until {draft.expires_at}")
    if not waiting:
        echo("No draft is waiting.")


@command.command()
@folder_argument
@click.argument("names", metavar="DRAFT...", nargs=-1, required=True)
def discard(log_folder: Path, names: tuple[str, ...]) -> None:
    """Discard drafts: what they sealed is erased.

    \b
    Example:
      countersign draft discard force-a 5c0f6a1be2d34789
    """
    with opened(log_folder) as log:
        gone = drafts.discard(log, names)
        _say_damaged(drafts.pending(log.folder)[1])
    if missing := sorted(set(names) - set(gone)):
        raise drafts.DraftGone(f"no draft named {', '.join(missing)} is pending here")
    echo(f"Discarded: {', '.join(gone)}")
