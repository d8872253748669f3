"""How watching looks: plain lines for logs, a table for a terminal, and data for programs, of the same statements."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from countersign.deployments.kinds import COMPILER, SCHEMAS
from countersign.events.watch.stop_rule import ACTS, RuleState
from countersign.events.watch.watching import Watch

if TYPE_CHECKING:
    from rich.console import RenderableType


def who_may(rule: RuleState) -> str:
    """Whom a firing is for: the roles that may do what the rule promises."""
    kind = ACTS[rule.rule.action]
    roles = [role.replace("-", " ") for role in sorted(SCHEMAS.latest(kind).roles - {COMPILER})]
    who = " or ".join([", ".join(roles[:-1]), roles[-1]])
    return f"Countersign stops nothing. To {rule.rule.action} is for {who}, who then signs {kind}."


def head(state: Watch) -> str:
    """What was counted so far, in a line."""
    false, most = sum(hour.false for hour in state.hours), sum(hour.most for hour in state.hours)
    alerts = sum(hour.all_alerts for hour in state.hours)
    noun = "hour" if len(state.hours) == 1 else "hours"
    up_to = f" up to the end of {state.hours[-1].hour}" if state.hours else ""
    return (
        f"{state.deployment}: {state.faces:,} faces and {alerts:,} alerts in {len(state.hours)} {noun}{up_to}; "
        f"{false:,} false" + (f", {most - false:,} unresolved or missing" if most > false else "")
        + ("; closed" if state.closed else "")
    )  # fmt: skip


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
    from rich.text import Text

    table = Table(show_lines=True, expand=True, title=head(state), title_justify="left", title_style="bold")
    for name, ratio in (("watched", 3), ("count and interval", 4), ("what is shown", 4)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for line in state.lines:
        loud = "bold red" if line.shown else "yellow" if line.shown_if_worse else ""
        counted = line.count + (f"\n{line.interval}" if line.interval else "")
        table.add_row(Text(f"{line.name}\n{line.against}"), Text(counted), Text(line.sentence, style=loud))
    for rule in state.rules:
        if rule.fired is None:
            loud = "yellow" if rule.worse else ""
            table.add_row(Text("stop rule"), Text(rule.rule.named), Text(rule.sentence, style=loud))
    fired = [
        Panel(Text(f"{rule.rule.named}\n{rule.sentence}\n{who_may(rule)}"), title="STOP RULE FIRED", style="bold red")
        for rule in state.rules
        if rule.fired
    ]
    return Group(table, *(Text(f"note: {note}") for note in state.notes), *fired)


def as_data(state: Watch) -> dict[str, Any]:
    """The same for programs; an infinite end is null."""
    return {
        "deployment": state.deployment,
        "events": state.events,
        "closed": state.closed,
        "made_up": state.made_up,
        "hours": [
            hour._asdict() | {"missing": hour.missing, "fewest": hour.fewest, "most": hour.most}
            for hour in state.hours
        ],
        "lines": [
            {
                "name": line.name, "against": line.against, "count": line.count, "interval": line.interval,
                "sentence": line.sentence, "shown": line.shown, "shown_if_worse": line.shown_if_worse,
                "evidence": _finite(line.evidence),
                "fold": None if line.fold is None else {
                    "low": line.fold.low, "high": _finite(line.fold.high), "level": line.fold.level,
                    "method": line.fold.method,
                },
            }
            for line in state.lines
        ],
        "stop_rule": [
            {
                "when": rule.rule.when, "action": rule.rule.action,
                "value": None if rule.rule.value is None else str(rule.rule.value),
                "fired": None if rule.fired is None else rule.fired.hour,
                "fired_if_worse": None if rule.worse is None else rule.worse.hour,
                "chance_of_a_false_stop": rule.chance, "sentence": rule.sentence,
            }
            for rule in state.rules
        ],
        "notes": list(state.notes),
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
