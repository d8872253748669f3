"""Signing at a terminal: passphrases, the options that say who signs, opening a log with them, and the report.

A passphrase comes from a file named by the person, or from the terminal; never from an argument, which would stand in
the process list and the shell's history for anyone on the machine to read.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from countersign.cli.terminal.options import (
    FILE,
    at_option,
    beside_option,
    moratorium_option,
    option,
    outside_option,
    read_policy,
    reader_option,
    together,
)
from countersign.cli.terminal.say import echo, echo_json, progress_shown
from countersign.deployments.outside.logs import OutsideLog
from countersign.deployments.outside.reader import NOBODY, read_reader
from countersign.errors import NotAllowed, NotReached
from countersign.output import write_whole
from countersign.record.entries.entry import EntrySigner
from countersign.record.entries.schema import SUPPLIERS
from countersign.record.keeping.keyfile import PrivateKey
from countersign.record.tlog.checkpoint import NoteSigner, SignedCheckpoint
from countersign.register import keys
from countersign.register.asking import Reader
from countersign.register.commands import Unsealed
from countersign.register.deployments import StateOfLog, Work, at_work
from countersign.register.opening import Appended, Doing, LogKey, OpenLog, opened
from countersign.words.hidden import on_one_line
from countersign.words.lists import counted
from countersign.words.names import class_name, stage_name

Command = TypeVar("Command", bound=Callable[..., Any])
LATE_REASONS = ("system-down", "urgent-authority", "paper-first", "omitted", "correction", "received-late")
_LONGEST = 65_536


def passphrase_of_key(meaning: str) -> Callable[[Command], Command]:
    """The option for the file with a signer's passphrase; ``meaning`` is its help."""
    return option("--passphrase-file", meaning, FILE, envvar="COUNTERSIGN_PASSPHRASE_FILE")


def passphrase_of_log(meaning: str) -> Callable[[Command], Command]:
    """The option for the file with the passphrase of a log's own key; ``meaning`` is its help."""
    return option("--log-passphrase-file", meaning, FILE, envvar="COUNTERSIGN_LOG_PASSPHRASE_FILE")


passphrase_option = passphrase_of_key(
    "Take the passphrase from the first line of this file (or /dev/fd/3) instead of asking for it."
)
log_passphrase_option = passphrase_of_log(
    "Publish at once, with the log's own key under this passphrase; else `record publish` does, later."
)


class PassphraseMissing(
    NotReached,
    next_step="Name a file with --passphrase-file (--log-passphrase-file for a log's own key), or run it at a "
    "terminal.",
):
    """No passphrase was given, and there is no terminal to ask at."""


class PassphraseExposed(
    NotAllowed,
    next_step="Take the rights from others (chmod 600 FILE), and consider whether the passphrase is still secret.",
):
    """Others on this machine have rights to the file of a passphrase."""


def ask_passphrase(file: Path | None, what: str, *, new: bool = False) -> bytes:
    """The passphrase for ``what``; asked for twice for a ``new`` key. Raises ``PassphraseMissing``, and
    ``PassphraseExposed`` for a file that group or others have rights to.
    """
    if file is not None:
        try:
            with file.open(encoding="utf-8") as stream:
                about = os.fstat(stream.fileno())
                if os.name != "nt" and stat.S_ISREG(about.st_mode) and about.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    mode = stat.filemode(about.st_mode)
                    raise PassphraseExposed(f"{file}: others on this machine have rights to this passphrase ({mode})")
                text = stream.readline(_LONGEST).removesuffix("\n")
        except PassphraseExposed:
            raise
        except (OSError, UnicodeDecodeError) as error:
            raise PassphraseMissing(f"{file}: the passphrase cannot be read: {error}") from None
    elif sys.stdin.isatty():
        text = click.prompt(f"Passphrase for {on_one_line(what)}", hide_input=True, confirmation_prompt=new, err=True)
    else:
        raise PassphraseMissing(f"there is no passphrase for {what}, and no terminal to ask at")
    if len(text) == _LONGEST:
        raise PassphraseMissing(f"{file}: the first line is too long to be a passphrase")
    if not text:
        raise PassphraseMissing(f"the passphrase for {what} is empty")
    return text.encode()


def open_private(path: Path, passphrase_file: Path | None) -> PrivateKey:
    """A private key of a log or a signer, opened. Raises ``PassphraseMissing`` and what ``keyfile`` raises."""
    return keys.open_private(path, lambda what: ask_passphrase(passphrase_file, what))


def log_key(passphrase_file: Path | None) -> LogKey:
    """What opens the log's own key, under this passphrase."""

    def open_key(origin: str, file: Path) -> NoteSigner:
        return NoteSigner(origin, open_private(file, passphrase_file).secret)

    return open_key


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, when, and whether to publish at once: the options that every appending command has."""

    key_file: Path
    passphrase_file: Path | None
    at: str | None
    log_passphrase_file: Path | None

    @property
    def publishing(self) -> bool:
        """Whether to publish at once."""
        return self.log_passphrase_file is not None

    @property
    def log_key(self) -> LogKey | None:
        """What opens the log's own key, if it is to publish at once."""
        return log_key(self.log_passphrase_file) if self.publishing else None

    def signer(self) -> EntrySigner:
        """The signer's key, opened."""
        return EntrySigner(open_private(self.key_file, self.passphrase_file).secret)

    def doing(self, role: str | None, supplied_by: str = "force") -> Doing:
        """How an entry is made, in this role."""
        return Doing(self.signer, self.at, role, supplied_by)


NOBODY_ASKED = Reader()


@dataclass(frozen=True, slots=True)
class Making:
    """How an entry on deployments is made, whose word counts from outside, and how to report it."""

    signing: Signing
    role: str | None
    supplied_by: str
    late: str | None
    as_json: bool
    asked: Reader = NOBODY_ASKED
    prefer: tuple[str, ...] = ()

    def doing(self) -> Doing:
        """The same for the register."""
        return Doing(self.signing.signer, self.signing.at, self.role, self.supplied_by, self.late, self.prefer)


def reader_options(command: Command) -> Command:
    """Adds ``--policy``, ``--moratorium``, ``--reader`` and ``--beside``, given on as ``asked``: whose word counts from
    outside the log. Raises what reading a policy or a reader's file raises, or a usage error."""

    def wrapped(
        *arguments: Any,
        policy_file: Path | None,
        moratorium_files: tuple[Path, ...],
        reader_file: Path | None,
        beside: tuple[Path, ...],
        **options: Any,
    ) -> Any:
        if moratorium_files and policy_file is None:
            raise click.UsageError(
                "--moratorium needs --policy: whose moratorium counts is for your trust policy to say."
            )
        if beside and reader_file is None:
            raise click.UsageError("--beside needs --reader: who is outside is for your reader's file to say.")
        policy = None if policy_file is None else read_policy(policy_file)
        who = NOBODY if reader_file is None else read_reader(reader_file)
        return command(*arguments, asked=Reader(policy, moratorium_files, progress_shown, who, beside), **options)

    options = together(outside_option, moratorium_option, reader_option, beside_option)
    return options(_standing_for(command, wrapped))


def say_outside(logs: Sequence[OutsideLog]) -> None:
    """Say of logs given as outside bodies' which count for nothing, and why."""
    for log in logs:
        if log.because:
            echo(f"{log.named.origin} does not count as outside: {log.because}.", err=True)


def signing_options(command: Command) -> Command:
    """Adds ``--key``, ``--passphrase-file``, ``--at`` and ``--log-passphrase-file``, given on as ``signing``."""

    def wrapped(
        *arguments: Any,
        key_file: Path,
        passphrase_file: Path | None,
        at: str | None,
        log_passphrase_file: Path | None,
        **options: Any,
    ) -> Any:
        signing = Signing(key_file, passphrase_file, at, log_passphrase_file)
        return command(*arguments, signing=signing, **options)

    key_passphrase = passphrase_of_key("Take the key's passphrase from the first line of this file (or /dev/fd/3).")
    key = option("--key key_file", "The private key file of the person who signs the entry.", FILE, required=True)
    return together(key, key_passphrase, at_option, log_passphrase_option)(_standing_for(command, wrapped))


def making_options(command: Command) -> Command:
    """Adds the signing options, and those on role, supplier, lateness, report and trust policy, as ``making``."""

    def wrapped(
        *arguments: Any,
        signing: Signing,
        role: str | None,
        supplied_by: str,
        late: str | None,
        as_json: bool,
        asked: Reader,
        **options: Any,
    ) -> Any:
        making = Making(signing, role, supplied_by, late, as_json, asked)
        return command(*arguments, making=making, **options)

    role = option("--role", "The role in which the key signs; not needed where it holds one that fits.")
    supplied_by = option("--supplied-by", "Who the evidence comes from.", click.Choice(SUPPLIERS), default="force")
    late = option("--late", "It is entered late, for this reason; shows so.", click.Choice(LATE_REASONS))
    as_json = option("--json as_json", "Report in JSON, for a program.", is_flag=True)
    options = together(role, supplied_by, late, as_json, reader_options)
    return options(signing_options(_standing_for(command, wrapped)))


def _standing_for(command: Command, wrapped: Any) -> Command:
    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__click_params__ = list(getattr(command, "__click_params__", ()))
    made: Command = wrapped
    return made


@contextmanager
def opened_log(path: Path, log_passphrase_file: Path | None = None, *, key: LogKey | None = None) -> Iterator[OpenLog]:
    """A log opened for work; what had to be finished first is said. With its passphrase or its key it can publish."""
    if log_passphrase_file is not None:
        key = log_key(log_passphrase_file)
    with opened(path, log_key=key) as log:
        _say_finished(log)
        yield log


@contextmanager
def working(path: Path, making: Making) -> Iterator[Work]:
    """A log opened for a signer's work on its deployments; what had to be finished first is said."""
    with at_work(path, making.doing(), making.asked, log_key=making.signing.log_key) as work:
        _say_finished(work.open)
        say_outside(work.state.outside)
        yield work


def _say_finished(log: OpenLog) -> None:
    if log.finished is not None:
        echo(f"An erasure that was cut short is finished: entry {log.finished.index}.", err=True)


def _warn_unruled(log: OpenLog, appended: Sequence[Appended]) -> None:
    """Say at once of what is sealed without a rule that it will never be due for erasure."""
    for name in log.without_rule(made.entry for made in appended):
        echo(
            f"Sealed without a retention rule: {class_name(name)} ({name}). Nothing says when it is to be erased; "
            f"`countersign record rule {log.folder.path} {name} HOURS --document FILE` does.",
            err=True,
        )


def report(log: OpenLog, appended: Appended, *, publishing: bool) -> None:
    """Say where an entry stands, and publish it if asked."""
    draft = appended.entry.draft
    title = log.log.schemas.get(draft.kind, draft.schema).title
    echo(f"entry {appended.index}: {title}; kept durably in {log.origin}")
    _warn_unruled(log, [appended])
    if publishing:
        say_published(log, log.publish())
    else:
        _say_unpublished(log)


def give_receipts(log: OpenLog, appended: Sequence[Appended], signed: Path) -> None:
    """Write the receipt of each entry, a C2SP tlog-proof with the entry inside, beside the file it was signed in; where
    no published head holds it yet, say how it comes."""
    # Imported here: it brings all that leaves a log.
    from countersign.register.handing import NotPublished, prove

    for each in appended:
        file = signed.with_name(f"{signed.stem}-{each.index}.tlog-proof")
        try:
            write_whole(file, prove(log, each.index).render())
        except NotPublished:
            echo(f"No receipt of entry {each.index} yet: once the log is published, append {signed} again.", err=True)
        else:
            echo(f"Receipt of entry {each.index}, for its signer to keep: {file}")


def append_one(path: Path, signing: Signing, act: Callable[[OpenLog], Appended]) -> None:
    """Open a log, append the one entry that ``act`` makes, and report it."""
    with opened_log(path, signing.log_passphrase_file) as log:
        report(log, act(log), publishing=signing.publishing)


def append_and_report(
    work: Work, made: Sequence[Unsealed], making: Making, also: Mapping[str, Any] | None = None
) -> None:
    """Append entries on a deployment, all or none, and report them. ``also``: what else the report in JSON says."""
    appended, state = work.append(*made)
    report_all(state, made, appended, making, also)


def report_all(
    state: StateOfLog,
    made: Sequence[Unsealed],
    appended: Sequence[Appended],
    making: Making,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Say where entries on a deployment stand and what stage it reached, and publish them if asked."""
    log, subject = state.open, made[0].act.subject
    deployment = state.programme.deployment(subject)
    lines = [
        {"entry": at.index, "kind": one.schema.kind, "title": one.schema.title, "sealed": sorted(one.contents)}
        for at, one in zip(appended, made, strict=True)
    ]
    if making.as_json:
        said = {"log": log.origin, "subject": subject, "appended": lines}
        echo_json(json.dumps({**said, "phase": str(deployment.phase), "stage": deployment.stage, **(also or {})}))
    else:
        for line in lines:
            echo(f"entry {line['entry']}: {line['title']}; kept durably in {log.origin}")
        if "/" in subject:
            echo(f"{subject} is {stage_name(deployment.stage)}.")
    _warn_unruled(log, appended)
    if not making.signing.publishing:
        _say_unpublished(log)
    else:
        head = log.publish()
        if not making.as_json:
            say_published(log, head)


def say_published(log: OpenLog, head: SignedCheckpoint | None) -> None:
    """Say up to where a log is published."""
    if head is None:
        echo("The log has no entries yet; there is nothing to publish.")
    else:
        size = counted(head.checkpoint.size, "entry")
        echo(f"published: {log.origin} at {size}, in {log.folder.tiles().path}")


def _say_unpublished(log: OpenLog) -> None:
    echo(f"Not published yet: run `countersign record publish {log.folder.path}`.", err=True)
