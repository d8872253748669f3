"""The points of a brief: what a record shows, each one message, made from the evidence of any force's record.

A point is a function of the evidence; it gives ``None`` where the record does not carry it. Every number it prints is a
``Number``: its text, what it counts, and where the evidence has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Row
from countersign.reviews.model import Totals
from countersign.reviews.published.brief.draft import Draft, Numbers, ranked, totals_line
from countersign.reviews.published.brief.rates import changed, wrong
from countersign.reviews.published.counts import period
from countersign.reviews.published.evidence import Evidence
from countersign.words.dates import day, span
from countersign.words.lists import be, capital, listing, noun
from countersign.words.names import token
from countersign.words.numbers import count, percent


def points(evidence: Evidence) -> list[Draft]:
    """The points that this record carries, strongest first."""
    return ranked([draft for point in POINTS if (draft := point(evidence)) is not None])


def published(evidence: Evidence) -> Draft:
    """How much was published: deployments, faces, alerts and arrests."""
    note, line = Numbers(), totals_line(evidence, "all", "all rows")
    totals, behind = line.totals, "totals-all"
    amounts = [
        f"{note(amount, f'{label}, all rows', behind, line.rows)} {noun(sum_of, label.removesuffix('s'))}"
        for label in ("alerts", "arrests")
        if (amount := amount_words(totals, label)) and (sum_of := getattr(totals, label) or 2)
        # None in some of the rows says nothing of all of them.
        if getattr(totals, label) or label in totals.ranges or totals.printed_by[label] == totals.rows
    ]
    deployments = totals.rows if totals.deployments is None else totals.deployments
    unit = "row" if totals.deployments is None else "deployment"
    what = f"{note(count(deployments), f'{unit}s, all rows', behind, line.rows)} {noun(deployments, unit)}"
    title = f"{what} {be(deployments, 'was', 'were')} published{f', with {listing(amounts)}' if amounts else ''}"
    first, last = period(evidence.record.rows)
    faces = amount_words(totals, "faces_seen")
    sentences = ["How many faces the cameras counted is not published."]
    if faces:
        number = note(faces, "faces seen (the force's estimate), all rows", behind, line.rows)
        sentences = [f"The force estimates that its cameras counted {number} faces."]
    counts = [name for name in ("alerts", "arrests") if amount_words(totals, name)]
    sentences += _silent_rows(
        note, {name: [row for row in evidence.record.rows if _silent(row, name)] for name in counts}
    )
    when = "No row prints a date."
    if first is not None and last is not None:
        when = f"All took place on {day(first)}." if first == last else f"Rows run from {day(first)} to {day(last)}."
    sentences.append(when)
    return Draft("point-published", title, " ".join(sentences), tuple(note.listed), 1.0, 1.0)


def _silent(row: Row, quantity: str) -> bool:
    """Whether a row prints neither a count nor a bound of it."""
    return getattr(row, quantity) is None and (quantity not in row.unsure or row.unsure[quantity].low is None)


def _silent_rows(note: Numbers, silent: Mapping[str, list[Row]]) -> list[str]:
    """How many rows leave counts out: in one clause where the same rows leave out all, else in one a count."""
    alike = len({row_ranges(rows) for rows in silent.values()}) == 1
    clauses = []
    for name, rows in list(silent.items())[: 1 if alike else None]:
        if rows:
            which = listing(list(silent), "or") if alike else name
            number = note(count(len(rows)), f"rows that print no count of {which}", "not-shown", row_ranges(rows))
            clauses.append(f"{number} {noun(len(rows), 'row')} {be(len(rows), 'lacks', 'lack')} a count of {which}")
    return [f"{listing(clauses)}."] if clauses else []


def amount_words(totals: Totals, quantity: str) -> str:
    """A sum as printed, "at least" where rows print bounds (both ends from 0); empty where it is not published."""
    if (found := totals.ranges.get(quantity)) is not None:
        return f"at least {count(found.low)}" if found.low or found.high is None else f"0 to {count(found.high)}"
    amount = getattr(totals, quantity)
    return "" if amount is None else count(amount)


def claims(evidence: Evidence) -> Draft | None:
    """How public claims stand against the rows."""
    if not evidence.claims:
        return None
    note, verdicts, whole = Numbers(), Counter(claim.verdict for claim in evidence.claims), len(evidence.claims)

    def number(verdict: str) -> str:
        return (
            note(count(verdicts[verdict]), f"public claims: {verdict}", "claims-table") if verdicts[verdict] else "none"
        )

    first = "does not hold" if verdicts["does not hold"] else "holds"
    holds = _VERDICTS[first][verdicts[first] != 1]
    of = note(count(whole), "public claims checked", "claims-table")
    title = f"Of {of} public {noun(whole, 'claim')} checked, {number(first)} {holds}"
    said = [first]
    if verdicts["cannot be checked"]:
        said.append("cannot be checked")
        title += f" and {number('cannot be checked')} cannot be checked"
    others = [
        f"{number(verdict)} {_VERDICTS[verdict][verdicts[verdict] > 1]}"
        for verdict in _VERDICTS
        if verdict not in said and verdicts[verdict]
    ]
    if first == "holds":
        others.append("none is contradicted")
    sentences = [f"{capital(listing(others))}."] if others else []
    if against := [claim for claim in evidence.claims if claim.verdict == "does not hold"]:
        sentences.append(f"The rows contradict “{against[0].statement}”.")
    elif mixed := [claim for claim in evidence.claims if any(kind == "regime" for kind, _ in claim.caveats)]:
        sentences.append(f"“{capital(mixed[0].statement)}” mixes periods with different settings.")
    size, stands = 1 - verdicts["holds"] / whole, verdicts["does not hold"] + verdicts["holds only as stated"]
    return Draft("point-claims", title, " ".join(sentences), tuple(note.listed), size, 1.0, bool(stands))


_VERDICTS: dict[str, tuple[str, str]] = {
    "does not hold": ("does not hold", "do not hold"),
    "holds only as stated": ("holds only as stated", "hold only as stated"),
    "neither shown nor refuted": ("is neither shown nor refuted", "are neither shown nor refuted"),
    "cannot be checked": ("cannot be checked", "cannot be checked"),
    "holds": ("holds in full", "hold in full"),
}
#: Faults that are contradictions, and what is said of several.
_CONTRADICTIONS: dict[str, tuple[str, str]] = {
    "impossible-value": ("{} row prints a value that cannot be.", "{} values cannot be what they are printed as."),
    "sum-mismatch": ("{} sum does not add up.", "{} sums do not add up."),
    "rate-truncated": ("{} printed error rate was rounded down.", "The force rounded its error rate down in {} rows."),
    "rate-wrong": ("{} printed rate does not fit its own row.", "{} printed rates do not fit their own rows."),
    "identical-columns": (
        "{} column repeats another, so both are not counts.",
        "{} columns repeat others in every row.",
    ),
    "date-out-of-order": (
        "{} date is out of order, a likely misprint.",
        "{} dates are out of order, likely misprints.",
    ),
    "duplicate-row": ("{} row is printed twice.", "{} rows are printed twice."),
    "pooled-count": ("{} rate fits two rows added up.", "{} rates fit two rows added up."),
    "revised-value": ("{} value was changed in a later release.", "{} values were changed in a later release."),
}


def contradictions(evidence: Evidence) -> Draft | None:
    """Where the record contradicts itself."""
    note = Numbers()
    kinds = Counter(fault.code for fault in evidence.faults if fault.code in _CONTRADICTIONS)
    whole = kinds.total()
    if not whole:
        return None
    number = note(count(whole), "contradictions in the data", "faults-kinds")
    title = f"The record contradicts itself in {number} {noun(whole, 'place')}"
    first = sorted(kinds, key=lambda code: (code != "impossible-value", -kinds[code]))
    first = first if len(first) < 4 else first[:2]
    sentences = [
        _CONTRADICTIONS[code][kinds[code] > 1].format(
            note(count(kinds[code]), f"faults of the kind {token(code)}", "faults-kinds")
        )
        for code in first
    ]
    favour = any("in the force" in fault.message and "favour" in fault.message for fault in evidence.faults)
    if favour and "rate-truncated" in first:
        place = first.index("rate-truncated")
        sentences[place] = f"{sentences[place].removesuffix('.')}, which makes it look lower."
    if others := whole - sum(kinds[code] for code in first):
        number = note(count(others), "contradictions of other kinds", "faults-kinds")
        sentences.append(f"{number} {be(others, 'is', 'are')} of other kinds.")
    size = min(1.0, whole / max(1, evidence.whole.rows))
    return Draft("point-contradictions", title, " ".join(sentences), tuple(note.listed), size, 1.0, contradicts=True)


def groups(evidence: Evidence) -> Draft | None:
    """What a count of false alerts by group shows, and what it does not show."""
    ours = [studied for studied in evidence.group_studies if studied.group.event_name == "false_alerts"]
    if not ours:
        return None
    studied, note = ours[0], Numbers()
    group, behind = studied.group, "group-1"
    events = note(group.events_in_words, f"false alerts recorded as {group.group}", behind)
    of = note(count(group.of), "false alerts with a group recorded", behind)
    dates = group.period_from, group.period_to
    when = "" if dates[0] is None or dates[1] is None else f", {span(*dates)},"
    alerts, was = noun(group.of, "false alert"), be(group.highest, "was of a person", "were of people")
    title = f"{events} of {of} {alerts}{when} {was} recorded as {group.group}, but that is not a rate"
    sentences = []
    if studied.share.low > 0:
        low = note(
            percent(studied.share.low, "down"),
            f"lowest share of passers-by at which equal rates are not rejected, {group.group}",
            behind,
        )
        sentences.append(
            f"Unless more than {low} of passers-by were {group.group}, chance alone is an unlikely explanation."
        )
    else:
        sentences.append("Chance alone could explain so small a count.")
    if group.faces is None:
        sentences.append("How many were has not been published.")
    sentences.append("The count does not say if the software, the watchlist or the place is the reason.")
    certainty = 0.95 if group.labels_stated else 0.85
    size = group.count / group.of
    return Draft("point-groups", title, " ".join(sentences), tuple(note.listed), size, certainty, contradicts=False)


#: Columns without which no error rate can be formed, and what each absence means.
_NEEDED: dict[str, str] = {
    "alerts": "no share of alerts can be formed",
    "false_alerts": "nothing can be said about how often an alert was false",
    "faces_seen": "no rate per face can be formed",
    "hours": "nobody can see if faces were counted alike throughout",
}


def unpublished(evidence: Evidence) -> Draft | None:
    """Counts that no row prints, and so what nobody outside can work out."""
    names = {"alerts": "alerts", "false_alerts": "false alerts", "faces_seen": "faces seen", "hours": "hours"}
    totals = evidence.whole
    missing = [name for name in _NEEDED if getattr(totals, name) is None and name not in totals.ranges]
    if not missing or not totals.rows:
        return None
    title = capital(f"{listing([names[name] for name in missing])} {be(len(missing) + 1)} not published")
    text = " ".join(f"Without {names[name]}, {_NEEDED[name]}." for name in missing[:3])
    return Draft("point-unpublished", title, text, (), len(missing) / len(_NEEDED), 1.0)


#: Every point there is; of equal marks the earlier here comes first.
POINTS: tuple[Callable[[Evidence], Draft | None], ...] = (
    changed, wrong, published, claims, contradictions, groups, unpublished,
)  # fmt: skip
