"""The five sentences that matter, made from the figures of whatever record is reviewed.

They say, in this order: what was published; false alerts in the latest year, with the unconfirmed alerts both ways;
how the counting of faces changed; where the data contradict themselves and how claims stand; what is not shown. Each
says in plain English what was counted.
"""

from __future__ import annotations

from collections import Counter

from countersign.reviews.model import By, NotShown, RateLine, Totals
from countersign.reviews.published.counts import period
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.tables import interval_text, range_text, widest
from countersign.words.dates import day, day_of_year
from countersign.words.intervals import each, rate_words
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import named
from countersign.words.numbers import count, fold, significant, small

#: A last row from this month and day on is taken as that of a whole year.
YEAR_OVER = (12, 15)
#: If the latest year has fewer deployments, the sentence is about the whole record.
LEAST_DEPLOYMENTS = 5


def five_sentences(evidence: Evidence, missing: tuple[NotShown, ...]) -> tuple[str, ...]:
    """The sentences, in order."""
    told = (_published(evidence), _false_alerts(evidence), _counting(evidence), _faults_and_claims(evidence))
    return (*told, _not_shown(evidence, missing))


def _published(evidence: Evidence) -> str:
    totals = evidence.whole
    first, last = period(evidence.record.rows)
    when = ""
    if first is not None and last is not None:
        when = f" on {day(first)}" if first == last else f" between {day(first)} and {day(last)}"
    by = f" by {named(evidence.publisher)}" if evidence.publisher else ""
    shown = [line for line in _AMOUNTS if getattr(totals, line[0]) is not None or line[0] in totals.ranges]
    silent = {totals.rows - totals.printed_by[quantity] for quantity, _, _ in shown}
    alike = len(silent) == 1 and not totals.ranges
    amounts = [
        f"{counted(getattr(totals, quantity), noun, nouns) if alike else _amount(totals, quantity, noun, nouns)}"
        f"{_printed(evidence, 'all', 'all rows', quantity)}"
        for quantity, noun, nouns in shown
    ]
    said = f", with {listing(amounts)}" if amounts else ""
    if alike and (missing := silent.pop()):
        said += f" ({counted(missing, 'row')} {be(missing, 'prints', 'print')} none of these counts)"
    rows = counted(totals.rows, "row")
    periods = any(row.period for row in evidence.record.rows)
    what = rows if totals.deployments is None else counted(totals.deployments, "deployment")
    if totals.deployments is None:
        what += " that do not all say how many deployments they cover"
    elif periods:
        what += f" in {rows} by period"
    verb = be(totals.rows if totals.deployments is None else totals.deployments, "was", "were")
    refused = len(evidence.record.refused)
    left = f"; {counted(refused, 'row or cell', 'rows or cells')} could not be read and {be(refused)} in no figure"
    return f"{what}{when} {verb} published{by}{said}{left if refused else ''}{_aside(evidence)}."


def _amount(totals: Totals, quantity: str, one: str, many: str) -> str:
    """A sum with, where not every row prints it, over how many rows it runs, and its range where some print bounds."""
    found, amount = totals.ranges.get(quantity), getattr(totals, quantity)
    if found is not None:
        most = "or more" if found.high is None else f"to {count(found.high)}"
        shown = f"{count(found.low)} {most} {many}"
        shown += f" ({counted(found.rows, 'row')} of {count(totals.rows)} {be(found.rows, 'prints', 'print')} a bound"
        missing = totals.rows - totals.printed_by[quantity] - found.rows
        return f"{shown}, {counted(missing, 'row')} nothing)" if missing else f"{shown})"
    printed = totals.printed_by[quantity]
    part = "" if printed == totals.rows else f" (over the {_of_rows(printed, totals.rows)})"
    return f"{counted(amount, one, many)}{part}"


def _of_rows(printed: int, rows: int) -> str:
    return f"{counted(printed, 'row')} of {count(rows)} that {be(printed, 'prints', 'print')} a count"


def _aside(evidence: Evidence) -> str:
    reasons = Counter(row.reason for row in evidence.record.set_aside)
    if not reasons:
        return ""
    said = [f"{counted(times, 'row')} ({reason})" for reason, times in reasons.most_common()]
    return f"; set aside: {listing(said)}"


#: What the first sentence sums: the quantity, and its name for one and for several.
_AMOUNTS = (
    ("faces_seen", "face seen (an estimate)", "faces seen (an estimate)"),
    ("alerts", "alert", "alerts"),
    ("arrests", "arrest", "arrests"),
)


def _printed(evidence: Evidence, by: By, scope: str, quantity: str) -> str:
    read, printed = evidence.totals(by, scope), evidence.totals(by, scope, "as printed")
    if read is None or printed is None or getattr(read, quantity) == getattr(printed, quantity):
        return ""
    return f" ({count(getattr(printed, quantity))} as printed)"


def _false_alerts(evidence: Evidence) -> str:
    years = [year for year in evidence.years if evidence.rate("false_alerts_per_alert", "year", year)]
    latest = evidence.totals("year", years[-1]) if years else None
    few = latest is None or latest.rows < LEAST_DEPLOYMENTS
    by: By = "all" if few else "year"
    scope = "all rows" if few else years[-1]
    totals = evidence.totals(by, scope)
    if totals is not None and totals.false_alerts is None and "false_alerts" in totals.ranges:
        shown = _amount(totals, "false_alerts", "alert", "alerts")
        return f"In {scope if by == 'all' else until(evidence, scope)}, {shown} were recorded as false."
    if totals is None or totals.false_alerts is None:
        return "No count of false alerts is published, so nothing can be said about how often an alert was false."
    measures = ("false_alerts_per_face", "false_alerts_per_alert")
    denominators = [line for measure in measures if (line := evidence.rate(measure, by, scope))]
    rates = "; ".join(_rate_words(line) for line in denominators)
    when = f"In {until(evidence, scope)}" if by == "year" else "In all rows"
    known = f"{when}, {_false_count(totals)} recorded as false{_printed(evidence, by, scope, 'false_alerts')}"
    known += f" ({rates})" if rates else ""
    if not denominators and evidence.lines(by, scope, "false_alerts_per_alert"):
        known += " (each system's rates are given apart under Accuracy; none is made over both)"
    crossed = any(line.crosses for line in denominators)
    across = "; the settings or the counting changed during this period, so see the separate figures" if crossed else ""
    if totals.unconfirmed_alerts is None or totals.false_alerts_at_most is None:
        return f"{known}; how many alerts nobody confirmed is not published{across}."
    if totals.unconfirmed_alerts == 0:
        return f"{known}, and none was left unconfirmed{across}."
    at_most = evidence.rate("false_alerts_at_most_per_face", by, scope)
    said = totals.printed_by["false_alerts_at_most"]
    if said < totals.printed_by["false_alerts"]:
        says = (
            f"{counted(said, 'row')} of {count(totals.rows)} {be(said, 'says', 'say')} how many alerts nobody confirmed"
        )
        return f"{known}; {says}, and there up to {count(totals.false_alerts_at_most)} may have been false{across}."
    wide = f" ({_rate_words(at_most)})" if at_most else ""
    left = totals.unconfirmed_alerts
    which = "the one" if left == 1 else f"every one of the {count(left)}"
    turned = count(totals.false_alerts_at_most)
    return f"{known}, and {turned} if {which} that nobody confirmed was false too{wide}{across}."


def _false_count(totals: Totals) -> str:
    found, amount = totals.ranges.get("false_alerts"), totals.false_alerts
    assert amount is not None
    if found is not None:
        return f"{_amount(totals, 'false_alerts', 'alert', 'alerts')} were"
    printed = totals.printed_by["false_alerts"]
    part = "" if printed == totals.rows else f", over the {_of_rows(printed, totals.rows)},"
    if part:
        return f"{counted(amount, 'alert')}{part} {be(amount, 'was', 'were')}"
    return f"{small(amount)} {be(amount, 'alert was', 'alerts were')}"


def _rate_words(line: RateLine) -> str:
    unit = {"faces_seen": "face", "alerts": "alert"}[line.unit]
    interval = interval_text(line, *widest(line))
    whole = line.of_rows in (None, line.deployments)
    part = "" if whole else f" over the {_of_rows(line.deployments, line.of_rows or 0)}"
    if line.events == 0:
        said = f"in {counted(int(line.trials), unit)}{part}, so {interval}"
    else:
        rate = rate_words(line.estimate)
        said = f"{rate}{' of' if rate.endswith('%') else ''} {unit}s{part}, 95% interval {interval}"
    return said if line.range is None else f"{said}, and {range_text(line.range)}"


def until(evidence: Evidence, year: str) -> str:
    """A year in a sentence: "2025 to 11 July" where it is the record's last and was not over."""
    dates = [row.date for row in evidence.record.rows if row.date is not None and str(row.date.year) == year]
    last = max(dates)
    if year != evidence.years[-1] or (last.month, last.day) >= YEAR_OVER:
        return year
    return f"{year} to {day_of_year(last)}"


def _counting(evidence: Evidence) -> str:
    standing = [step for step in evidence.breaks if step.stands]
    if standing:
        steepest = max(standing, key=lambda step: abs(step.fold - 1))
        sizes = [fold(steepest.fold)]
        if steepest.fold_by_words is not None:
            sizes.append(fold(steepest.fold_by_words))
        direction = "rose" if steepest.fold > 1 else "fell"
        alerts = ""
        if steepest.alerts_per_hour is not None:
            before, after = (each(significant(rate, 2), "hour") for rate in steepest.alerts_per_hour)
            went = f"stayed at {after}" if before == after else f"went from {before} to {after}"
            alerts = f", while alerts {went}"
        doubt = "" if steepest.named else " (a season could explain it)"
        others = len(standing) - 1
        more = f" ({small(others)} smaller {be(others, 'step was', 'steps were')} found too)" if others else ""
        return (
            f"Between {day(steepest.last_before)} and {day(steepest.first_after)} the number of faces counted per hour "
            f"at the same places {direction} {listing(sorted(set(sizes)), 'to')}{doubt}{alerts}{more}. Figures per "
            "face from before and after cannot be compared."
        )
    if evidence.whole.hours is None or evidence.whole.faces_seen is None:
        return f"{unpublished(evidence)}, so it cannot be seen whether the way faces are counted stayed the same."
    return (
        f"No change in how faces are counted was found in {counted(evidence.whole.rows, 'row')}, which is no "
        "evidence that the counts are right."
    )


def unpublished(evidence: Evidence) -> str:
    """Which of faces seen and hours is published in no row: the start of a sentence that says so."""
    names = (("faces_seen", "faces seen"), ("hours", "hours"))
    missing = [name for quantity, name in names if getattr(evidence.whole, quantity) is None]
    return f"{capital(listing(missing))} are not published"


def _faults_and_claims(evidence: Evidence) -> str:
    from countersign.published.faults.codes import CODES

    codes = Counter(fault.code for fault in evidence.faults)
    text = "No contradiction was found in the data"
    if codes:
        ((code, times),) = codes.most_common(1)
        often = f"most often because {CODES.get(code, code)} ({counted(times, 'time')})"
        if len(codes) > 1 and times == codes.most_common(2)[1][1]:
            often = f"for {counted(len(codes), 'kind')} of reason, among them that {CODES.get(code, code)}"
        text = (
            f"The data contradict themselves, or leave something out, in {counted(len(evidence.faults), 'place')}, "
            f"{often if len(evidence.faults) > 1 else f'because {CODES.get(code, code)}'}"
        )
    if not evidence.claims:
        return f"{text}; no public claims were given to set beside them."
    verdicts = Counter(claim.verdict for claim in evidence.claims)
    said = [f"{small(verdicts[name])} {verbs[verdicts[name] > 1]}" for name, verbs in _SAID.items() if verdicts[name]]
    return f"{text}; of {counted(len(evidence.claims), 'public claim')} set beside the rows {listing(said)}."


#: A verdict as a verb, for one claim and for several, in the order of the sentence.
_SAID: dict[str, tuple[str, str]] = {
    "holds": ("holds", "hold"),
    "holds only as stated": ("holds only as stated", "hold only as stated"),
    "does not hold": ("does not hold", "do not hold"),
    "neither shown nor refuted": ("is neither shown nor refuted", "are neither shown nor refuted"),
    "cannot be checked": ("cannot be checked", "cannot be checked"),
}


def _not_shown(evidence: Evidence, missing: tuple[NotShown, ...]) -> str:
    totals = evidence.whole
    parts = []
    if totals.engagements is None:
        parts.append("how many people were stopped after an alert")
    elif missed := max(0, totals.rows - totals.printed_by["engagements"]):
        parts.append(f"how many people were stopped after an alert in {count(missed)} of the deployments")
    parts += ["who passed the camera or was on the watchlist", "how many people on the list passed without an alert"]
    return f"Not shown: {'; '.join(parts)} ({counted(len(missing), 'thing')} in all)."
