"""``countersign events``: an engine's export, taken once and held to the declared limits."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from countersign.cli.events.equality import equality
from countersign.cli.events.watch import watch
from countersign.cli.terminal.options import FILE, FOLDER, PATH, folder_argument, limits_option, option, profile_option
from countersign.cli.terminal.say import echo, echo_json, progress_shown
from countersign.cli.terminal.signing import (
    Making,
    Signing,
    open_private,
    passphrase_option,
    report_all,
    signing_options,
    working,
)
from countersign.errors import DONE, EVIDENCE_WRONG
from countersign.inputs import LARGE_BYTES, InputMissing, read_input
from countersign.output import write_whole
from countersign.register.entering import ROLES, Entered, enter_events, journal_there
from countersign.register.papers.reading import read_limits_document
from countersign.surroundings import ASSUMED, current
from countersign.words.lists import counted

if TYPE_CHECKING:
    from countersign.events.door.journal import Journal
    from countersign.events.door.line import Limits
    from countersign.events.door.taking import Shown, Taken
    from countersign.progress import Progress

#: How often a followed file is looked at again, in seconds.
PAUSE = 0.5
#: How many bytes of a file are looked at before it is read.
BEGINNING = 16
#: Reasons for which lines were refused that are said on the terminal; the list has all.
MOST_REASONS = 5


_deployment = option("--deployment", "Whose events these are: force/deployment.", required=True)


@click.group(name="events")
def command() -> None:
    """Take what an engine exports, once and durably, and hold it to the limits declared beforehand.

    One way: nothing goes back to an engine. An event with an image, an embedding or a name is refused, with the field
    named, and nothing of it is kept.

    \b
    Example:
      countersign events take export.jsonl --deployment force-a/d-1 --limits limits.json
    """


command.add_command(watch)
command.add_command(equality)


@command.command()
@click.argument("file", metavar="FILE", type=FILE)
@_deployment
@limits_option
@option("--columns", "FILE is CSV; this TOML file maps its columns.", FILE)
@option("--follow", "Go on as FILE grows, until the deployment is closed or you interrupt.", is_flag=True)
@option(
    "--journal journal_file",
    "Where events are kept; FORCE-DEPLOYMENT.journal in this folder, if not given. Refused lines are listed in"
    " JOURNAL.refused.jsonl.",
    FILE,
)
@option(
    "--quickest",
    "A decision in fewer seconds than this is said to be faster than a person can look.",
    click.IntRange(0, 3600),
    default=2,
)
@option("--json as_json", "In JSON, for a program.", is_flag=True)
def take(
    file: Path,
    deployment: str,
    limits_file: Path,
    columns: Path | None,
    follow: bool,
    journal_file: Path | None,
    quickest: int,
    as_json: bool,
) -> int:
    """Take an export into the journal; taken again, it changes nothing. Ends with 1 where something was found.

    \b
    Example:
      countersign simulate corners-cut --out export.jsonl
      countersign events take export.jsonl --deployment force-a/corners-cut --limits export.jsonl.limits.json
    """
    from countersign.events.door.journal import Journal
    from countersign.events.door.lines import bounded, lines_of, parse_map, rows
    from countersign.events.door.taking import shown, take

    if follow and columns is not None:
        raise click.UsageError("--follow takes JSON Lines; give a CSV file once it is complete.")
    limits = read_limits(limits_file, deployment, quickest)
    path = journal_file or Path(f"{deployment.replace('/', '-')}.journal")
    map_of = None if columns is None else parse_map(read_input(columns), str(columns))
    with opened(file) as stream, Journal.open(path, deployment, limits.digest) as journal, progress_shown() as progress:
        if map_of is not None:
            taken = take(rows(bounded(stream), map_of, str(file)), file.name, journal, limits, progress)
        elif follow:
            taken = follow_on(file, journal, limits, progress)
        else:
            taken = take(lines_of(bounded(stream)), file.name, journal, limits, progress)
        found = shown(journal, limits, current().time_text())
        refused, sources, made_up = journal.refused(), journal.sources(), journal.made_up()
    write_whole(
        Path(f"{path}.refused.jsonl"), b"".join(json.dumps(one).encode() + b"\n" for one in refused), secret=True
    )
    if as_json:
        said = {
            "deployment": deployment,
            "taken": asdict(taken),
            "refused": refused,
            "sources": [{"source": name, "events": count, "clock_ahead": ahead} for name, count, ahead in sources],
            "found": [asdict(one) for one in found],
            "made_up": made_up,
        }
        echo_json(json.dumps(said))
    else:
        for line in sentences(taken, sources, found, refused):
            echo(line)
        if made_up:
            echo(f"{made_up:,} of the events here are made up ({ASSUMED}): no log but a rehearsal's takes them.")
    return EVIDENCE_WRONG if found or taken.refused else DONE


_json = option("--json as_json", "In JSON, for a program.", is_flag=True)
_journal = option("--journal journal_file", "Where events are kept.", FILE, required=True)


@command.command()
@_deployment
@limits_option
@_journal
@option("--out", "The folder for batches.", FOLDER, required=True)
@option("--key key_file", "The receiver's key.", FILE, required=True)
@_json
@passphrase_option
def export(
    deployment: str,
    limits_file: Path,
    journal_file: Path,
    out: Path,
    key_file: Path,
    as_json: bool,
    passphrase_file: Path | None,
) -> None:
    """Write what was taken as signed, numbered batches; those the folder has already stay as they are.

    \b
    Example:
      countersign events export --deployment force-a/d-1 --limits limits.json --journal force-a-d-1.journal \\
        --out batches --key van.key
    """
    from countersign.events.door.journal import Journal
    from countersign.events.door.taking import batch_name, render_batch
    from countersign.record.entries.entry import EntrySigner

    limits = read_limits(limits_file, deployment, 0)
    signer = EntrySigner(open_private(key_file, passphrase_file).secret)
    with Journal.open(journal_there(journal_file), deployment, limits.digest) as journal:
        with journal.transaction():
            highest = journal.number_batch()
        written = []
        for number in range(1, highest + 1):
            path = out / batch_name(number)
            if not path.exists():
                write_whole(path, render_batch(journal, number, deployment, limits.digest, signer), secret=True)
                written.append(str(path))
                if not as_json:
                    echo(path)
    if as_json:
        echo_json(json.dumps({"deployment": deployment, "batches": highest, "written": written}))
    elif not written:
        echo(f"Nothing was written: {out} has all batches of it." if highest else "The journal holds no events.")


@command.command(name="import")
@click.argument("files", metavar="BATCH...", nargs=-1, required=True, type=FILE)
@_deployment
@limits_option
@_journal
@option("--signer", "The receiver's public key: NAME+ID+KEY, as `key` printed it.", required=True)
@_json
def import_(
    files: tuple[Path, ...], deployment: str, limits_file: Path, journal_file: Path, signer: str, as_json: bool
) -> int:
    """Take signed batches into a journal; twice or out of order changes nothing. Ends with 1 where one is missing.

    \b
    Example:
      countersign events import batches/* --deployment force-a/d-1 --limits limits.json --journal desk.journal \\
        --signer "$(cat van.pub)"
    """
    from countersign.events.door.journal import Journal
    from countersign.events.door.taking import BatchWrong, take_batch
    from countersign.record.tlog.encoding import VerifierKey

    limits = read_limits(limits_file, deployment, 2)
    public_key = VerifierKey.parse(signer).public_key
    taken = []
    with Journal.open(journal_file, deployment, limits.digest) as journal:
        for file in files:
            try:
                number, new = take_batch(read_input(file, LARGE_BYTES), journal, deployment, limits, public_key)
            except BatchWrong as error:
                raise BatchWrong(f"{file}: {error}") from None
            taken.append({"file": str(file), "batch": number, "new": new})
            if not as_json:
                echo(f"{file}: batch {number}, {new:,} events new")
        missing = journal.batches_missing()
    if as_json:
        echo_json(json.dumps({"deployment": deployment, "taken": taken, "missing": missing}))
    else:
        for number in missing:
            echo(f"batch {number} is missing")
    return EVIDENCE_WRONG if missing else DONE


@command.command()
@click.argument("journal_file", metavar="JOURNAL", type=PATH)
@folder_argument
@_deployment
@limits_option
@profile_option
@option("--role", "The role in which the key signs; without it, engineer before any other that it holds.")
@option("--json as_json", "Report in JSON, for a program.", is_flag=True)
@signing_options
def enter(
    journal_file: Path,
    log_folder: Path,
    deployment: str,
    limits_file: Path,
    profile: str,
    role: str | None,
    as_json: bool,
    signing: Signing,
) -> int:
    """Enter what a journal holds into the log, signed and in one batch; entered again, it changes nothing.

    Each hour with its counts in public and its alerts sealed; what the engine says of stops, changes and staffing that
    the log does not; how many events are missing, were refused, or contradict the declared limits; and, after the
    close, that the engine's ids are gone. Ends with 1 where something could not be entered, and says what.

    \b
    Example:
      countersign events enter force-a-d-1.journal force-a --deployment force-a/d-1 --limits limits.json \\
        --key engineer.key
    """
    from countersign.events.door.journal import Journal

    limits = read_limits(limits_file, deployment, 2)
    making = Making(signing, role, "engine", None, as_json, prefer=ROLES)
    with (
        Journal.open(journal_there(journal_file), deployment, limits.digest) as journal,
        working(log_folder, making) as work,
    ):
        entered = enter_events(work, deployment, journal, limits, profile)
        _report(entered, deployment, making)
    return EVIDENCE_WRONG if entered.left else DONE


def _report(entered: Entered, subject: str, making: Making) -> None:
    also = {"already": entered.already, "not_entered": [asdict(one) for one in entered.left]}
    if entered.made:
        report_all(entered.state, entered.made, entered.appended, making, also)
    elif making.as_json:
        deployment = entered.state.programme.deployment(subject)
        state = {"phase": str(deployment.phase), "stage": deployment.stage}
        origin = entered.state.open.origin
        echo_json(json.dumps({"log": origin, "subject": subject, "appended": [], **state, **also}))
    if making.as_json:
        return
    if not entered.made:
        echo("All of it is in the log already; nothing was appended.")
    elif entered.already:
        echo(f"{entered.already:,} were in the log already, and stay as they are.")
    for left_out in entered.left:
        echo(left_out.sentence)


def sentences(
    taken: Taken, sources: list[tuple[str, int, int | None]], found: list[Shown], refused: list[dict[str, Any]]
) -> Iterator[str]:
    """What became of the lines, and what the events show, for people."""
    lines = counted(taken.lines, "line")
    yield f"{lines}: {taken.new:,} events new, {taken.again:,} here already, {taken.refused:,} refused"
    for source, count, _ in sources:
        yield f"  {source}: {count:,} events in the journal"
    if refused:
        yield f"{len(refused):,} refused in all; the list beside the journal says where and why, without their content"
        reasons = Counter((one["field"], one["reason"]) for one in refused)
        for (field, reason), count in reasons.most_common(MOST_REASONS):
            first = next(one for one in refused if (one["field"], one["reason"]) == (field, reason))
            yield f"  {count:,}: {field}: {reason} (first: {first['file']}, line {first['line']})"
        if len(reasons) > MOST_REASONS:
            yield f"  and for {len(reasons) - MOST_REASONS:,} other reasons"
    if not taken.lines:
        yield "The file has no lines with anything in them."
    for finding in found:
        yield f"{finding.code}: {finding.sentence}"
    if not found:
        yield "Nothing in these events contradicts the declared limits. What did not reach the export is not seen here."


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """An export to read. Raises ``InputMissing`` or ``EventFileWrong``."""
    from countersign.events.door.lines import check_beginning

    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputMissing(f"{path}: {error.strerror or error}") from None
    with stream:
        check_beginning(stream.peek(BEGINNING), str(path))
        yield stream


def follow_on(file: Path, journal: Journal, limits: Limits, progress: Progress) -> Taken:
    """Take whole lines as they come, until the deployment is closed or the person interrupts. Raises ``InputMissing``
    where the file cannot be read any more.
    """
    from countersign.events.door.lines import Following
    from countersign.events.door.taking import Taken, take

    total = Taken(0, 0, 0, 0)
    following = None
    try:
        following = Following(file)
        while True:
            total += take(following.new_lines(), file.name, journal, limits, progress)
            if journal.of_type("close.cancellation"):
                return total
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        return total
    except OSError as error:
        raise InputMissing(f"{file}: {error.strerror or error}") from None
    finally:
        if following is not None:
            following.close()


def read_limits(path: Path, deployment: str, quickest: int) -> Limits:
    """The declared limits of a deployment, as events are held to them. Raises as ``read_limits_document``."""
    from countersign.events.door.line import Limits

    return Limits.of(read_limits_document(path, deployment), quickest)
