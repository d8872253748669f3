"""The section on accuracy: false alerts per face, alert and hour, and every other rate, by scope, split by regime."""

from __future__ import annotations

from countersign.document import Block, Chart, Heading, Paragraph, Section, Table
from countersign.grids import Grid, column, number
from countersign.reviews.model import By, RateLine, RegimeLine
from countersign.reviews.published.evidence import Evidence, stretches
from countersign.reviews.published.tables import interval_text, marks, rate_table, totals_table, widest

#: Dimensions shown with all their rates, in order: key, heading, what one scope of it is called.
SHOWN: tuple[tuple[By, str, str], ...] = (
    ("all", "All rows", "Rows"),
    ("year", "By year", "Year"),
    ("regime", "By regime", "Regime"),
    ("threshold", "By threshold", "Threshold"),
    ("document", "By document", "Document"),
    ("use_case", "By use case", "Use case as printed"),
    ("place", "By place", "Place as printed"),
)
#: What the report shows of a dimension that has few scopes; ``review.json`` has every rate of every scope.
MAIN: tuple[str, ...] = (
    "false_alerts_per_face",
    "false_alerts_at_most_per_face",
    "false_alerts_per_alert",
    "false_alerts_per_hour",
    "arrests_per_alert",
)
#: Dimensions shown with every rate.
IN_FULL: frozenset[By] = frozenset({"all", "regime"})
#: Of a dimension with more scopes than this only false alerts per alert are shown, where there are enough deployments.
MOST_SCOPES_WITH_RATES = 12
LEAST_DEPLOYMENTS = 3
#: More scopes than this are shown in part.
MOST_SCOPES = 200


def accuracy(evidence: Evidence) -> Section:
    """The section, with the chart of false alerts per face first and a table for each dimension."""
    blocks: list[Block] = [
        Paragraph(
            "A false alert is one the force recorded as false. Each rate has its count, its denominator and a 95% "
            "interval. The number of faces is the force's own estimate, so each rate per face stands beside the "
            "rates per alert and per hour. Alerts may come in clumps: the design effect says how much more false "
            "alerts vary between deployments than independent ones would, and from how few events that is known."
        )
    ]
    blocks += [
        _chart(evidence, measure, anchor, title) for measure, anchor, title in _CHARTS if _split(evidence, measure)
    ]
    for by, heading, first in SHOWN:
        if len(evidence.scopes[by]) > (1 if by == "regime" else 0):
            blocks += [Heading(heading, f"accuracy-{by.replace('_', '-')}")]
            blocks += [_regimes(evidence)] if by == "regime" else []
            blocks += _dimension(evidence, by, first)
    return Section("accuracy", "Accuracy", tuple(blocks))


_CHARTS = (
    ("false_alerts_per_face", "chart-false-per-face", "False alerts per face seen"),
    (
        "false_alerts_at_most_per_face",
        "chart-false-at-most-per-face",
        "False alerts per face seen, counting every unconfirmed alert as false",
    ),
    ("false_alerts_per_alert", "chart-false-per-alert", "False alerts per alert"),
)


_REGIMES = Grid[RegimeLine](
    column("id", "Name", lambda line: line.id),
    column("regime", "Regime", lambda line: line.label),
    column("threshold", "Threshold", lambda line: line.threshold, missing="not published"),
    column("from", "First row", lambda line: line.first, missing="no date"),
    column("to", "Last row", lambda line: line.last, missing="no date"),
    number("deployments", "Deployments", lambda line: line.deployments, rows=lambda line: line.rows),
    column("why", "Why it is kept apart", lambda line: line.why),
    column("faces", "Change in how faces are counted", lambda line: line.face_counts),
    column("errors", "Is its error rate one rate?", lambda line: line.error_rate),
)


def _regimes(evidence: Evidence) -> Table:
    caption = "Regimes: stretches without a known change of threshold or of how faces are counted"
    return _REGIMES.table("regimes", caption, evidence.regime_lines)


def _split(evidence: Evidence, measure: str) -> list[RateLine]:
    """A line for each stretch that may be set beside the others, as the record is read: none mixes two regimes."""
    lines = [evidence.rate(measure, stretch.by, stretch.scope) for stretch in stretches(evidence)]
    return [line for line in lines if line is not None]


def _chart(evidence: Evidence, measure: str, anchor: str, title: str) -> Chart:
    lines = _split(evidence, measure)
    table = rate_table(f"{anchor}-table", title, lines, evidence.labels, fold=True)
    in_words = ". ".join(
        f"{row[0].text}: {row[4].text}, {_interval(line)}" for row, line in zip(table.rows, lines, strict=True)
    )
    return Chart(
        anchor=anchor,
        kind="intervals",
        title=title,
        alternative=f"{title}, as 1 in N on a log axis, a line for each stretch, with 95% intervals. {in_words}.",
        table=table,
        x_label="1 in N (further right: rarer)",
        one_in=True,
        log=True,
        marks=marks(lines, evidence.labels),
    )


def _interval(line: RateLine) -> str:
    return interval_text(line, *widest(line))


def _dimension(evidence: Evidence, by: By, first: str) -> list[Block]:
    name = by.replace("_", "-")
    called = "of all rows" if by == "all" else f"by {first.removesuffix(' as printed').lower()}"
    totals = [line for line in evidence.totals_by if line.by == by]
    notes = []
    if len(totals) > MOST_SCOPES:
        totals = sorted(totals, key=lambda line: -line.totals.rows)[:MOST_SCOPES]
        notes.append(f"The {MOST_SCOPES} with most deployments are shown; review.json holds all.")
    table = totals_table(
        f"totals-{name}",
        f"Totals {called}",
        first,
        totals,
        evidence.labels,
        note=" ".join(notes),
        fold=len(totals) > MOST_SCOPES_WITH_RATES,
    )
    shown = {line.scope for line in totals}
    lines = [line for line in evidence.rates if line.by == by and line.scope in shown]
    if len(totals) > MOST_SCOPES_WITH_RATES:
        lines = [
            line for line in lines if line.measure == "false_alerts_per_alert" and line.deployments >= LEAST_DEPLOYMENTS
        ]
        notes.append(f"Only false alerts per alert, and only of {LEAST_DEPLOYMENTS} deployments or more.")
    elif by == "all":
        # Split by regime they are the next table but one.
        lines = list({line.measure: line for line in reversed(lines)}.values())[::-1]
    elif by not in IN_FULL:
        lines = [line for line in lines if line.measure in MAIN]
    rates = rate_table(
        f"rates-{name}",
        f"Rates {called}",
        lines,
        evidence.labels,
        fold=True,
        note=" ".join([*notes, "At most: every unconfirmed alert counted as false. All rates are in review.json."]),
    )
    return [table, rates] if lines else [table]
