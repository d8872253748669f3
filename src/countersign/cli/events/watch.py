"""``countersign events watch``: what a deployment's counts show while they come, on a terminal or in plain lines.

It reads the receiver's journal and writes nothing to it. The stop rule that fires is said, and can be written out as a
paper or entered in the log; stopping is for people.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countersign.cli.terminal.options import FILE, FOLDER, clump_option, faces_off_option, limits_option, option
from countersign.cli.terminal.say import echo, echo_json, picked
from countersign.cli.terminal.signing import Making, Signing, append_and_report, passphrase_option, working
from countersign.deployments.kinds import COMPILER, SCHEMAS
from countersign.errors import DONE, EVIDENCE_WRONG
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.entries.forms import fits
from countersign.register.entering import FIRED, enter_firing, journal_there
from countersign.register.papers.reading import read_limits_document, refuse_made_up
from countersign.surroundings import ASSUMED, current
from countersign.words.hidden import on_one_line
from countersign.words.lists import counted
from countersign.words.names import role_name

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from countersign.events.watch.promised import Promised
    from countersign.events.watch.stop_rule import RuleState
    from countersign.events.watch.watched import Follower
    from countersign.events.watch.watching import How, Watch

#: How often a followed journal is looked at again, in seconds.
PAUSE = 1.0
_COUNTS = re.compile(r"([0-9]{1,12})/([0-9]{1,12})\Z")
_SIZE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)=([0-9]{1,7})\Z")


@dataclass(slots=True)
class Entering:
    """Where a rule that fires goes, as soon as it does: a paper, for the first of them, and the log under a key."""

    promised: Promised
    paper: Path | None
    log: Path | None
    key: Path | None
    passphrase: Path | None
    role: str | None
    done: list[RuleState] = field(default_factory=list)

    def enter_new(self, state: Watch) -> None:
        """Write out and enter the rules that fired since the last time."""
        known = {one.rule for one in self.done}
        for rule in state.rules:
            if rule.fired is None or rule.rule in known:
                continue
            if self.paper is not None and not self.done:
                _write_paper(self.paper, rule, self.promised, made_up=bool(state.made_up))
            if self.log is not None and self.key is not None:
                _append(self, self.log, self.key, rule, made_up=state.made_up)
            self.done.append(rule)


@click.command()
@click.argument("journal_file", metavar="JOURNAL", type=FILE)
@option("--deployment", "Whose journal it is: force/deployment.", required=True)
@limits_option
@option(
    "--tested",
    "The tested engine's rate: a trial's report, or a rate on a list of a size, such as 1/6000@10000@0.60.",
    metavar="TRIAL.json|RATE@SIZE[@THRESHOLD]",
)
@faces_off_option("By how much the engine's count of faces may be off, either way; both ends are watched.")
@clump_option("How many alerts at most come of one person's moment, beyond those that the events show to repeat.")
@option(
    "--fold",
    "While nothing is shown, say after how many faces an excess of so many times would be.",
    click.FloatRange(1.01, 1000),
    default=3,
)
@option("--list-size sizes", "From TIME on the list has SIZE entries.", multiple=True, metavar="TIME=SIZE")
@option("--earlier", "Counts of earlier deployments under the same settings.", metavar="ALERTS/FACES")
@option("--follow", "Go on as the journal grows, until the deployment is closed or you interrupt.", is_flag=True)
@option("--plain", "Plain lines, one a statement, as where the output is no terminal.", is_flag=True)
@option("--json as_json", "In JSON, for a program; with --follow one object a line.", is_flag=True)
@option("--firing", "Where a stop rule fires, write the paper of the entry here, unsigned.", FILE, metavar="OUT.toml")
@option("--log log_folder", "Where a stop rule fires, enter it in this log; with --key.", FOLDER)
@option("--key key_file", "The key that signs that entry.", FILE)
@option("--role", "The role in which it signs; not needed where it holds one that fits.")
@passphrase_option
def watch(
    journal_file: Path,
    deployment: str,
    limits_file: Path,
    tested: str | None,
    faces_off: float,
    clump: float,
    fold: float,
    sizes: tuple[str, ...],
    earlier: str | None,
    follow: bool,
    plain: bool,
    as_json: bool,
    firing: Path | None,
    log_folder: Path | None,
    key_file: Path | None,
    role: str | None,
    passphrase_file: Path | None,
) -> int:
    """Watch false alerts against the tested rate, the force's own ceilings and its stop rule. It stops nothing.

    JOURNAL is what `events take` keeps. Every line stays true however often one looks. Ends with 1 where an excess, a
    change or a stop rule that is met is shown.

    \b
    Example:
      countersign events watch force-a-d-1.journal --deployment force-a/d-1 --limits limits.json \\
        --tested 1/6000@10000@0.60 --follow --firing fired.toml
    """
    from countersign.events.door.journal import Journal
    from countersign.events.watch.promised import Promised
    from countersign.events.watch.watched import Follower
    from countersign.events.watch.watching import How

    if (log_folder is None) != (key_file is None):
        raise click.UsageError("--log and --key go together: an entry is signed.")
    promised = Promised.of(read_limits_document(limits_file, deployment))
    how = How(
        None if tested is None else _tested(tested, promised),
        faces_off / 100,
        fold,
        _sizes(sizes),
        _earlier(earlier),
        clump,
    )
    entering = Entering(promised, firing, log_folder, key_file, passphrase_file, role)
    with (
        Journal.open(journal_there(journal_file), deployment, promised.digest) as journal,
        _shown(as_json, plain, follow) as show,
    ):

        def say(state: Watch) -> None:
            show(state)
            entering.enter_new(state)

        last = _run(Follower(journal), promised, how, follow, say)
    return EVIDENCE_WRONG if last.something_shown else DONE


def _run(follower: Follower, promised: Promised, how: How, follow: bool, say: Callable[[Watch], None]) -> Watch:
    """Say what stands, again whenever something came, until the close or an interruption; the last is returned."""
    from countersign.events.watch.watching import watch as watch_now

    last: Watch | None = None
    try:
        while True:
            if follower.catch_up():
                last = watch_now(promised, follower.seen, how)
                say(last)
            if last is not None and (last.closed or not follow):
                return last
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        if last is None:
            raise
        return last


@contextmanager
def _shown(as_json: bool, plain: bool, follow: bool) -> Iterator[Callable[[Watch], None]]:
    """How a state is shown: JSON, plain lines, or a view on the terminal that is drawn anew."""
    if as_json:
        yield lambda state: echo_json(json.dumps(as_data(state)))
        return
    if plain or not sys.stdout.isatty():
        before: set[str] = set()

        def lines(state: Watch) -> None:
            stamp = f"{current().time_text()} " if follow else ""
            for line in plain_lines(state):
                if line not in before:
                    echo(stamp + line)
            before.update(plain_lines(state))

        yield lines
        return
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if not follow:
        yield lambda state: console.print(view(state))
        return
    # On a low terminal the end is what is seen: a rule that fired stands there.
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        yield lambda state: live.update(view(state), refresh=True)


def _write_paper(path: Path, state: RuleState, promised: Promised, *, made_up: bool) -> None:
    """The paper of a firing: the facts of the entry, unsigned, with how to enter it."""
    from countersign.events.watch.stop_rule import ACTS, facts, sealed

    name = promised.deployment.partition("/")[2]
    head = (
        f"# {FIRED}: the stop rule of {promised.deployment} has fired. Not signed. To enter it:\n"
        f"# countersign deployment enter LOG {FIRED} {path.name} --deployment {name} --key KEY\n"
        f"# What people then did is an entry of its own ({ACTS[state.rule.action]}), signed by the person who did it.\n"
    )
    if made_up:
        head += f"# {ASSUMED}: it rests on made-up events, and no log takes it.\n"
    body = "".join(f"{key} = {json.dumps(value)}\n" for key, value in facts(state, promised).items())
    body += "\n# Under seal: with few alerts these would tell the outcome of one.\n[sealed.firing]\n"
    body += "".join(f"{key} = {json.dumps(value)}\n" for key, value in sealed(state)["firing"].items())
    echo(f"written, not signed: {write_whole(path, (head + body).encode(), secret=True)}", err=True)


def _append(entering: Entering, log: Path, key: Path, state: RuleState, *, made_up: int) -> None:
    """Enter a firing, unless one of the same rule under the same limits stands in the log. Raises ``MadeUp``."""
    from countersign.events.watch.stop_rule import facts, sealed

    subject = entering.promised.deployment
    making = Making(Signing(key, entering.passphrase, None, None), entering.role, "force", None, as_json=False)
    with working(log, making) as work:
        made = enter_firing(work, subject, facts(state, entering.promised), sealed(state), made_up)
        if made is None:
            echo(f"{FIRED}: stands in the log already", err=True)
        else:
            append_and_report(work, [made], making)


def _tested(text: str, promised: Promised) -> Any:
    """The tested rate: a file if there is one of this name, else a rate as typed. Raises ``EngineRateWrong`` or
    ``MadeUp``.
    """
    from countersign.events.watch.promised import of_trial, parse

    path = Path(text)
    if path.suffix == ".json" or path.is_file():
        data = read_input(path)
        refuse_made_up(data, text)
        return of_trial(data, text, promised.threshold, promised.list_size)
    return parse(text)


def _sizes(given: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    sizes = []
    for text in given:
        matched = _SIZE.match(text)
        if matched is None:
            raise click.BadParameter(f"{text!r} is not like 2026-03-07T12:00:00Z=9000", param_hint="--list-size")
        if not fits("time", matched[1]):
            raise click.BadParameter(f"{matched[1]!r} is not a time in UTC", param_hint="--list-size")
        sizes.append((matched[1], int(matched[2])))
    return tuple(sorted(sizes))


def _earlier(given: str | None) -> tuple[int, int]:
    if given is None:
        return 0, 0
    matched = _COUNTS.match(given)
    if matched is None or not int(matched[1]) <= int(matched[2]) or not int(matched[2]):
        raise click.BadParameter(f"{given!r} is not ALERTS/FACES, such as 120/450000", param_hint="--earlier")
    return int(matched[1]), int(matched[2])


def who_may(rule: RuleState) -> str:
    """Whom a firing is for: the roles that may do what the rule promises."""
    from countersign.events.watch.stop_rule import ACTS

    kind = ACTS[rule.rule.action]
    roles = [role_name(role) for role in sorted(SCHEMAS.latest(kind).roles - {COMPILER})]
    who = " or ".join([", ".join(roles[:-1]), roles[-1]])
    return f"Countersign stops nothing. To {rule.rule.action} is for {who}, who then signs {kind}."


def head(state: Watch) -> str:
    """What was counted so far, in a line."""
    false, most = sum(hour.false for hour in state.hours), sum(hour.most for hour in state.hours)
    alerts = sum(hour.all_alerts for hour in state.hours)
    up_to = f" up to the end of {state.hours[-1].hour}" if state.hours else ""
    return (
        f"{state.deployment}: {state.faces:,} faces and {alerts:,} alerts in "
        f"{counted(len(state.hours), 'hour')}{up_to}; "
        f"{false:,} false"
        + (f", {most - false:,} unresolved or missing" if most > false else "")
        + ("; closed" if state.closed else "")
    )


def plain_lines(state: Watch) -> Iterator[str]:
    """One line a statement: name, against what, count, interval, sentence."""
    yield head(state)
    for line in state.lines:
        interval = f"; {line.interval}" if line.interval else ""
        yield f"{line.name} [{line.against}]: {line.count}{interval}; {line.sentence}"
    for rule in state.rules:
        fired = "STOP RULE FIRED " if rule.fired else "stop rule "
        yield f"{fired}[{rule.rule.named}]: {rule.sentence}"
        if rule.fired:
            yield who_may(rule)
    for note in state.notes:
        yield f"note: {note}"


def view(state: Watch) -> RenderableType:
    """A table for a terminal of any width, what is shown in bold, a rule that fired in a frame below."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table

    table = Table(show_lines=True, expand=True, title=_cell(head(state)), title_justify="left", title_style="bold")
    for name, ratio in (("watched", 3), ("count and interval", 4), ("what is shown", 4)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for line in state.lines:
        loud = "bold red" if line.shown else "yellow" if line.shown_if_worse else ""
        counted = (line.interval,) if line.interval else ()
        table.add_row(_cell(line.name, line.against), _cell(line.count, *counted), _cell(line.sentence, style=loud))
    for rule in state.rules:
        if rule.fired is None:
            loud = "yellow" if rule.worse else ""
            table.add_row("stop rule", _cell(rule.rule.named), _cell(rule.sentence, style=loud))
    fired = [
        Panel(_cell(rule.rule.named, rule.sentence, who_may(rule)), title="STOP RULE FIRED", style="bold red")
        for rule in state.rules
        if rule.fired
    ]
    return Group(table, *(_cell(f"note: {note}") for note in state.notes), *fired)


def _cell(*lines: str, style: str = "") -> Text:
    from rich.text import Text

    return Text("\n".join(map(on_one_line, lines)), style=style)


def as_data(state: Watch) -> dict[str, Any]:
    """The same for programs; an infinite end is null."""
    lines = [
        picked(line, "name", "against", "count", "interval", "sentence", "shown", "shown_if_worse", "evidence")
        | {"fold": None if line.fold is None else picked(line.fold, "low", "high", "level", "method")}
        for line in state.lines
    ]
    rules = [
        {
            **picked(rule.rule, "when", "action"),
            "value": None if rule.rule.value is None else str(rule.rule.value),
            "fired": None if rule.fired is None else rule.fired.hour,
            "fired_if_worse": None if rule.worse is None else rule.worse.hour,
            "chance_of_a_false_stop": rule.chance,
            "sentence": rule.sentence,
        }
        for rule in state.rules
    ]
    hours = [hour._asdict() | picked(hour, "missing", "fewest", "most") for hour in state.hours]
    return {
        **picked(state, "deployment", "events", "closed", "made_up"),
        "hours": hours,
        "lines": lines,
        "stop_rule": rules,
        "notes": list(state.notes),
    }
