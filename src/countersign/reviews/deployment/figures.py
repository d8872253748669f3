"""Figures of one deployment: funnel, rates, the tested engine's rate scaled to the list, the decision of people.

A rate is of one account's counts, named, with its exact interval. A test's false-positive rate at its own list size is
scaled to this list as 1 - (1 - p)^(N/n), which assumes that entries raise false alerts independently and that faces
here are like those of the test. The force's own ceiling is shown as the rule it is, and is no standard of this report.
Officers' judgements stand by the hour: what is open is held to its signatures, its chain, the counts stated and the
keys registered, and matched to the engine's alerts. Their order is proved; the times are the device's word.

>>> scaled(0.001, 1000, 2000)
0.001999
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from countersign.deployments import judgements
from countersign.deployments.view import Statement
from countersign.document import Block, Cell, Chart, Figure, FunnelStage, Paragraph, RowRange, Section, Table
from countersign.grids import Grid, GridColumn, column, number
from countersign.record.entries.entry import key_id
from countersign.record.entries.keyring import key_brought
from countersign.reviews.deployment.evidence import (
    QUANTITIES,
    Account,
    DeploymentEvidence,
    own_rows,
    rows,
    stated_number,
)
from countersign.reviews.model import By, OneIn, RateLine, Reading
from countersign.words.dates import local_words
from countersign.words.facts import from_to
from countersign.words.intervals import each, each_range, one_in, one_in_range, percent_range, rate_range, rate_words
from countersign.words.lists import capital, counted, listing, noun
from countersign.words.names import method_name, supplier, token
from countersign.words.numbers import count, percent

LEVEL = 0.95
_AT_MOST = "False alerts at most (unresolved counted false), per face"
#: Measure: events, trials, what it is called.
SHARES: tuple[tuple[str, str, str, str], ...] = (
    ("false_alerts_per_face", "false", "faces", "False alerts per face"),
    ("false_alerts_at_most_per_face", "false_at_most", "faces", _AT_MOST),
    ("false_alerts_per_alert", "false", "alerts", "False alerts per alert"),
    ("false_alerts_at_most_per_alert", "false_at_most", "alerts", "False alerts at most, per alert"),
    ("alerts_per_face", "alerts", "faces", "Alerts per face"),
    ("arrests_per_alert", "arrests", "alerts", "Arrests per alert"),
)


class Share(NamedTuple):
    """``events`` of ``trials`` with the ends of the exact interval."""

    events: int
    trials: int
    low: float
    high: float


def share(events: int, trials: int) -> Share:
    """A share with its Clopper-Pearson interval at 95%; ``trials`` above 0, ``events`` no more than that."""
    from countersign.inference.binomial import clopper_pearson

    low, high = clopper_pearson(events, trials, LEVEL)
    return Share(events, trials, float(low), float(high))


def scaled(rate: float, tested_with: int, size: int) -> float:
    """A false-positive rate per search at ``tested_with`` entries, carried to a list of ``size``."""
    return float(round(1 - (1 - rate) ** (size / tested_with), 12))


def rates(evidence: DeploymentEvidence) -> tuple[RateLine, ...]:
    """The rates of the accounts chosen, as ``review.json`` holds them, each source's alone; per hour where counted."""
    return tuple(line for part in (evidence, *evidence.beside) for line in _rates_of(part))


def _rates_of(evidence: DeploymentEvidence) -> list[RateLine]:
    lines = []
    for measure, of, per, _ in SHARES:
        account = evidence.having(*(("false", "unresolved") if of == "false_at_most" else (of,)), per)
        if account is None:
            continue
        events, trials = _events(account, of), account.counts[per]
        if 0 <= events <= trials and trials > 0:
            lines.append(_line(evidence, measure, share(events, trials), per, account))
    hours, false = evidence.deployment.hours, evidence.having("false")
    if hours and false is not None:
        from countersign.inference.poisson import garwood

        low, high = garwood(false.counts["false"], float(hours), LEVEL)
        per_hour = Share(false.counts["false"], hours, float(low), float(high))
        lines.append(_line(evidence, "false_alerts_per_hour", per_hour, "hours", false, "garwood"))
    return lines


def figures_section(evidence: DeploymentEvidence, lines: tuple[RateLine, ...]) -> Section:
    """The funnel, every account of the counts, the rates, and what stands beside them."""
    blocks: list[Block] = [funnel(evidence), accounts_table(evidence), *map(_figure, lines)]
    if not lines:
        blocks.append(Paragraph("No rate can be given: false alerts, alerts and faces are not on the record together."))
    blocks += [*_tested(evidence), *_ceilings(evidence)]
    return Section("figures", f"Counts and accuracy{_false(evidence)}", tuple(blocks))


def _false(evidence: DeploymentEvidence) -> str:
    """How many alerts were false, for the heading; of none it says nothing, for that needs its bound."""
    account = evidence.having("false", "alerts")
    false, alerts = (0, 0) if account is None else (account.counts["false"], account.counts["alerts"])
    if false > alerts:
        return ": the counts contradict each other"
    return f": {count(false)} of {counted(alerts, 'alert')} false" if false else ""


def funnel(evidence: DeploymentEvidence) -> Chart:
    """From faces to arrests, each stage from the first account that has it; a stage nobody stated is an empty box."""
    stages = [_stage(evidence, quantity) for quantity in ("faces", "alerts", "engagements", "arrests")]
    said = [
        f"{stage.label.lower()}: {stage.account if stage.number is None else count(stage.number)}" for stage in stages
    ]
    return Chart(
        anchor="funnel",
        kind="funnel",
        title=from_to([(stage.label, stage.number) for stage in stages]),
        alternative=f"A funnel drawn to scale. {'; '.join(said)}.",
        table=_STAGES.table("funnel-table", "From faces to arrests", stages),
        stages=tuple(FunnelStage(stage.label, stage.number, stage.account) for stage in stages),
    )


class _Stage(NamedTuple):
    """A stage of the funnel: its count and the account that gives it."""

    label: str
    number: int | None
    account: str
    rows: tuple[RowRange, ...]


def _stage(evidence: DeploymentEvidence, quantity: str) -> _Stage:
    account = evidence.having(quantity)
    if account is None:
        return _Stage(capital(quantity), None, "not on the record", ())
    return _Stage(capital(quantity), account.counts[quantity], account.title, rows(account.entries))


_STAGES = Grid[_Stage](
    column("stage", "Stage", lambda stage: stage.label),
    number("count", "Count", lambda stage: stage.number, missing="not on the record", rows=lambda stage: stage.rows),
    column("account", "From which account", lambda stage: stage.account),
)


def _quantity(quantity: str, label: str) -> GridColumn[Account]:
    return number(quantity, capital(label), lambda account: account.counts.get(quantity))


_ACCOUNTS = Grid[Account](
    column("account", "Who says so", lambda row: capital(row.title), rows=lambda row: rows(row.entries)),
    *(_quantity(quantity, label) for quantity, label in QUANTITIES.items()),
)


def accounts_table(evidence: DeploymentEvidence) -> Table:
    """Every account of the counts, side by side, not merged."""
    note = "Accounts are set side by side and never merged; a dash is a count the account does not give."
    return _ACCOUNTS.table("accounts", "The counts by each account", evidence.every_account, note=note)


def decision_section(evidence: DeploymentEvidence) -> Section:
    """What people decided after an alert: rejections, seconds, agreement of the two; and the question that leaves."""
    asked = Paragraph(
        "A score alone justifies nothing: two people decide, one after the other. Whether there is in practice a "
        "presumption to intervene is a question for a reviewer; these are the counts it is asked with."
    )
    none = "No decision is on the record: neither how many alerts were rejected, nor how long was taken."
    decided = _decided_from_alerts(evidence) or _decided_from_statistics(evidence) or [Paragraph(none, "warning")]
    said = ": none on the record"
    if isinstance(first := decided[0], Figure):
        said = f": {first.events} of {first.trials} decisions rejected the alert"
    return Section("decision", f"The human decision{said}", (asked, *decided, *_judged_blocks(evidence)))


_REJECTED, _ALIKE = "Decisions that rejected the alert", "Alerts on which both decided alike"


def _decided_from_alerts(evidence: DeploymentEvidence) -> list[Block]:
    by_alert = [alert["adjudications"] for alert in evidence.alerts if alert["adjudications"]]
    if not by_alert:
        return []
    every = [decision for decisions in by_alert for decision in decisions]
    both = [decisions for decisions in by_alert if len({decision["person"] for decision in decisions}) > 1]
    agreed = sum(len({decision["decision"] for decision in decisions}) == 1 for decisions in both)
    rejected = sum(decision["decision"] == "reject" for decision in every)
    seconds = statistics.median(int(decision["seconds"]) for decision in every)
    blind = sum(not decision["seen_other"] for decisions in both for decision in decisions[1:])
    stands_on = rows({alert.entry for alert in evidence.view.get("hour.sealed.alerts[]")})
    blocks: list[Block] = [_share_figure(_REJECTED, share(rejected, len(every)), stands_on)]
    if both:
        blocks.append(_share_figure(_ALIKE, share(agreed, len(both)), stands_on))
    sentence = (
        f"{counted(len(evidence.alerts), 'alert')} open to this reader, {counted(len(every), 'decision')}; half "
        f"of them {_took(seconds)}. In {count(blind)} of {counted(len(both), 'alert')} decided by two, the "
        "second person decided without having seen the first one's answer."
    )
    return [*blocks, Paragraph(sentence)]


def _decided_from_statistics(evidence: DeploymentEvidence) -> list[Block]:
    stated = evidence.last("statistics")
    if stated is None:
        return []
    blocks: list[Block] = []
    for label, events, trials in ((_REJECTED, "rejected", "adjudications"), (_ALIKE, "agreed", "both_decided")):
        some, of = int(stated.one(events)), int(stated.one(trials))
        if 0 <= some <= of and of > 0:
            blocks.append(_share_figure(label, share(some, of), own_rows(stated)))
    median = stated.one("median_seconds")
    if median is not None:
        by = supplier(stated.supplied_by)
        blocks.append(Paragraph(f"Half the decisions {_took(float(median))}, as stated by {by}."))
    return blocks


def _took(seconds: float) -> str:
    """The median of what decisions took, in seconds.

    >>> _took(0), _took(1), _took(6.5)
    ('took less than a second', 'took 1 second or less', 'took 6.5 seconds or less')
    """
    if seconds < 1:
        return "took less than a second"
    return f"took {seconds:g} {noun(seconds, 'second')} or less"


def _events(account: Account, of: str) -> int:
    if of == "false_at_most":
        return account.counts["false"] + account.counts["unresolved"]
    return account.counts[of]


def _line(
    evidence: DeploymentEvidence,
    measure: str,
    share: Share,
    per: str,
    account: Account,
    method: str = "clopper-pearson",
) -> RateLine:
    by: tuple[str, By, str, Reading] = (measure, "selection", f"{evidence.name}: {account.title}", "either")
    counts, stands_on = (share.events, float(share.trials), per, share.events / share.trials), rows(account.entries)
    exact = (share.low, share.high, LEVEL, method)
    return RateLine(*by, *counts, *exact, None, OneIn.of(*share), 1, stands_on, True, None, ())


def _figure(line: RateLine) -> Figure:
    label = {name: text for name, *_, text in SHARES}.get(line.measure, "False alerts per hour")
    if line.unit == "hours":
        value, interval = each(line.estimate, "hour"), each_range(line.low, line.high, "hour")
    else:
        value = rate_words(line.estimate) if line.events else "none seen"
        interval = rate_range(line.low, line.high, line.estimate)
    counts = (line.events, line.trials, line.low, line.high)
    said = f"Counts: {line.scope.partition(': ')[2]}"
    return Figure(label, value, interval, *counts, method_name(line.method), said, line.rows)


def _share_figure(label: str, share: Share, stands_on: tuple[RowRange, ...]) -> Figure:
    value, interval = percent(share.events / share.trials), percent_range(share.low, share.high)
    return Figure(label, value, interval, *share, method_name("clopper-pearson"), "", stands_on)


_SCALING = "1 - (1 - p)^(N/n), assumed, not measured"
_ASSUMES = "Assumes that entries raise false alerts independently and that faces here are like those of the test."


def _tested(evidence: DeploymentEvidence) -> Iterator[Block]:
    size, opened = evidence.deployment.listed, evidence.last("opened")
    for test in evidence.view.statements("test_report"):
        probes, false, tested_with = (int(test.one(name)) for name in ("probes", "false_positives", "list_size"))
        if not 0 <= false <= probes or probes == 0 or tested_with == 0:
            continue
        matches = share(false, probes)
        where = f"{test.one('engine_version')} at threshold {test.one('threshold')}, list of {count(tested_with)}"
        note = f"False matches in searches without a match to find, stated by {supplier(test.supplied_by)}"
        if opened is not None and opened.one("engine_version") != test.one("engine_version"):
            note += f"; another version than the one used ({opened.one('engine_version')})"
        value, interval = one_in(probes / false if false else None), one_in_range(matches.low, matches.high)
        method = method_name("clopper-pearson")
        yield Figure(f"Tested engine: {where}", value, interval, *matches, method, note, rows([test.entry]))
        if size is not None and size.size:
            low, high = (scaled(end, tested_with, size.size) for end in (matches.low, matches.high))
            middle = scaled(false / probes, tested_with, size.size)
            label = f"The same, scaled to this list of {count(size.size)}"
            value, interval = one_in(1 / middle if middle else None), one_in_range(low, high)
            stands_on = rows([test.entry, size.entry])
            yield Figure(label, value, interval, None, None, low, high, _SCALING, _ASSUMES, stands_on)


def _ceilings(evidence: DeploymentEvidence) -> Iterator[Block]:
    limits = evidence.last("limits")
    if limits is None:
        return
    entry, lines = limits.entry, {line.measure: line for line in _rates_of(evidence)}

    def beside(ceiling: Mapping[str, Any]) -> str:
        line = lines.get(str(ceiling["measure"]).replace("-", "_"))
        return _against_ceiling(line, float(ceiling["at_most"]))

    def most(ceiling: Mapping[str, Any]) -> Cell:
        return Cell(str(ceiling["at_most"]), float(ceiling["at_most"]), rows([entry]))

    grid = Grid[Mapping[str, Any]](
        column("measure", "Measure", lambda ceiling: capital(token(str(ceiling["measure"])))),
        number("at_most", "At most", most),
        column("clause", "Clause of the force's policy", lambda ceiling: str(ceiling["clause"])),
        column("beside", "The counts beside it", beside),
    )
    ceilings = [ceiling.value for ceiling in limits.get("ceilings[]")]
    if ceilings:
        note = "A ceiling is the force's rule for itself. It is shown as that, and measures nothing else."
        yield grid.table("ceilings", "The force's own ceilings, declared beforehand", ceilings, note=note)


def _against_ceiling(line: RateLine | None, at_most: float) -> str:
    """Where the interval of a rate lies against a ceiling."""
    if line is None:
        return "the counts for it are not on the record"
    if line.high <= at_most:
        return "the whole interval lies at or below it"
    if line.low > at_most:
        return "the whole interval lies above it"
    return "the interval reaches to both sides of it: not shown either way"


#: More left over than this is counted and not listed.
_LISTED = 20


_JUDGED = Grid[Statement](
    column("hour", "Hour", lambda hour: local_words(str(hour.one("hour"))), rows=own_rows),
    stated_number("numbered", "Alerts numbered"),
    stated_number("judged_by_two", "Judged by two"),
    stated_number("engagements", "Engaged on"),
    stated_number("engaged_without_two", "Engaged without two"),
)
_JUDGED_NOTE = (
    "Judged by two: before anyone was approached. A line names the digest of the one before it, so the order is "
    "proved; times are the word of the unit's device, before the first cosigned head of the log with the hour."
)


def _judged_blocks(evidence: DeploymentEvidence) -> Iterator[Block]:
    """The hours of judgements, and what is to be said of them; nothing where none is on the record."""
    hours = evidence.view.statements("judgements")
    if not hours:
        return
    yield _JUDGED.table("judgements", "Officers' judgements on alerts, by the hour", hours, note=_JUDGED_NOTE)
    yield from _unsound(evidence, hours)
    lines, closed = judgements.open_in(evidence.view)
    if lines:
        yield from _matched(evidence, lines)
    if closed:
        yield Paragraph(
            f"The judgements of {counted(closed, 'hour')} are not open to this reader: only the counts are."
        )
        fixed = {(name, found) for hour in hours for (_, name), found in hour.as_found.items()}
        said = [f"{name} {token(found.result)} (entry {found.entry})" for name, found in sorted(fixed)]
        if said:
            yield Paragraph(f"As found before erasure: {listing(said)}.")


def _unsound(evidence: DeploymentEvidence, hours: Sequence[Statement]) -> Iterator[Block]:
    """Hours that are not as officers signed them, and keys that the log does not know."""
    brought = (key_brought(entry) for _, entry in evidence.record.entries)
    known = {key_id(public_key) for public_key in brought if public_key is not None}
    for hour in hours:
        if (why := judgements.fault_in(hour)) is not None:
            yield Paragraph(f"Entry {hour.entry} is not as its officers signed it: {why}.", "warning")
        elif strange := sorted(key for key in judgements.keys_in(judgements.open_lines(hour)) if key not in known):
            keys = listing([f"{key[:16]}…" for key in strange])
            yield Paragraph(
                f"Entry {hour.entry} has judgements by keys that the log never registered: {keys}.", "warning"
            )

    if (left := judgements.left_out_of(hours)) is not None:
        yield Paragraph(f"The judgements of all hours are not one chain: {left}.", "warning")


def _matched(evidence: DeploymentEvidence, lines: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    found = judgements.matched(judgements.numbered(lines), evidence.alerts)
    pairs = counted(len(found.pairs), "numbered alert is", "numbered alerts are")
    within = f"{judgements.SAME_ALERT.seconds // 60} minutes"
    left = f"{counted(len(found.numbers), 'number')} without an alert of the engine"
    alone = f"{counted(len(found.alerts), 'alert')} without a judgement"
    sentence = f"{capital(pairs)} among the engine's by camera and time (within {within}), as far as both are open here"
    yield Paragraph(f"{sentence}; {left}, {alone}.", "warning" if found.numbers or found.alerts else "plain")
    leftovers = [*found.numbers_in_words(), *found.alerts_in_words()]
    if leftovers and len(leftovers) <= _LISTED:
        yield Paragraph(f"Left over: {'; '.join(leftovers)}.")
