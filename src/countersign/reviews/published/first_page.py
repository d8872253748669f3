"""The first page: what was reviewed, five sentences, corrections, the funnel, both bounds, what is not shown.

The funnel runs from faces seen to arrests, drawn to scale. A stage that the force did not publish for every deployment
is an empty box that says so: its count would be of fewer deployments than the stages beside it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import NamedTuple

from countersign.document import (
    Block,
    Cell,
    Chart,
    Figure,
    Finding,
    FunnelStage,
    Heading,
    Items,
    Paragraph,
    RowRange,
    Section,
)
from countersign.grids import Grid, GridColumn, column, number
from countersign.published.table.measures import MEASURES, QUANTITIES, amount_of
from countersign.reviews.model import NotShown, RateLine, Totals, TotalsOf
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.sentences import until
from countersign.reviews.published.tables import (
    amount_cell,
    interval_text,
    part_text,
    range_text,
    rate_text,
    totals_table,
    widest,
)
from countersign.words.dates import dated, day
from countersign.words.facts import from_to
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import named
from countersign.words.numbers import count, plain, significant

STAGES: tuple[tuple[str, str], ...] = (
    ("faces_seen", "Faces seen"),
    ("alerts", "Alerts"),
    ("engagements", "Engagements"),
    ("arrests", "Arrests"),
)


class _Totals(NamedTuple):
    name: str
    totals: Totals
    rows: tuple[RowRange, ...]


def _stage_column(quantity: str, label: str) -> GridColumn[_Totals]:
    return number(quantity, label, lambda row: amount_cell(row.totals, quantity))


_FUNNEL = Grid[_Totals](
    column("scope", "Document", lambda row: row.name, rows=lambda row: row.rows),
    *(_stage_column(quantity, label) for quantity, label in STAGES),
)


def funnel(evidence: Evidence) -> Chart:
    """The funnel of all rows, with its table by document."""
    stages = tuple(_both(evidence, _stage(evidence.whole, quantity, label), quantity) for quantity, label in STAGES)
    counts = ((stage.label.lower(), stage.note if stage.count is None else count(stage.count)) for stage in stages)
    of_stages = "; ".join(f"{label}: {said}" for label, said in counts)
    by_document = [line for line in evidence.totals_by if line.by == "document"]
    shown = [_Totals(evidence.record.document(line.scope).title, line.totals, line.rows) for line in by_document]
    shown.append(_Totals("All", evidence.whole, ()))
    table = _FUNNEL.table("funnel-table", "The stages by document", shown)
    rows, deployments = evidence.whole.rows, evidence.whole.deployments
    whole = counted(rows, "row") if deployments is None else counted(deployments, "deployment")
    in_words = f"A funnel drawn to scale, of {'the' if whole.startswith('1 ') else 'all'} {whole}: {of_stages}."
    return Chart(
        "funnel", "funnel", from_to([(stage.label, stage.count) for stage in stages]), in_words, table, stages=stages
    )


def _both(evidence: Evidence, stage: FunnelStage, quantity: str) -> FunnelStage:
    printed = evidence.totals("all", "all rows", "as printed")
    if printed is None or getattr(printed, quantity) == getattr(evidence.whole, quantity):
        return stage
    said = f"as printed {count(getattr(printed, quantity))}"
    return FunnelStage(stage.label, stage.count, f"{stage.note}; {said}" if stage.note else said)


def _stage(totals: Totals, quantity: str, label: str) -> FunnelStage:
    amount, printed = getattr(totals, quantity), totals.printed_by[quantity]
    missing = totals.rows - printed
    if printed == 0:
        return FunnelStage(label, None, "not published")
    # A stage printed for nearly all rows is drawn, with what is left out; one printed for few is not a stage of all.
    if missing * 20 > totals.rows:
        of = f"{count(printed)} of {counted(totals.rows, 'deployment')}"
        return FunnelStage(label, None, f"published for {of} only: {amount_of(amount, QUANTITIES[quantity])}")
    note = f"{counted(missing, 'deployment')} {be(missing)} left out: not printed" if missing else ""
    return FunnelStage(label, int(amount), note)


def first_page(evidence: Evidence, sentences: tuple[str, ...], missing: tuple[NotShown, ...]) -> Section:
    """The section every reader sees first."""
    blocks: list[Block] = [
        Paragraph(_reviewed(evidence), "lead"),
        Heading("Five sentences", "first-sentences"),
        Items(sentences, numbered=True),
        *_corrections(evidence),
        funnel(evidence),
        *_bounds(evidence),
        *_touched(evidence),
        Heading(f"Not shown: {counted(len(missing), 'thing')}", "first-not-shown"),
        _MISSING.table("not-shown", "What the sources do not show", missing),
    ]
    whole = ((evidence.whole.deployments, "deployment"), (evidence.whole.alerts, "alert"))
    said = listing([counted(amount, what) for amount, what in whole if amount is not None])
    return Section("first-page", f"What was published{': ' if said else ''}{said}", tuple(blocks))


def _reviewed(evidence: Evidence) -> str:
    documents = evidence.documents
    by = f" by {named(evidence.publisher)}" if evidence.publisher else ""
    titles = listing([f"“{document.title}”" for document in documents])
    refused = counted(len(evidence.record.refused), "row or cell", "rows or cells")
    left = f" {refused} could not be read, listed in Sources." if evidence.record.refused else ""
    as_of = f" As of {day(datetime.date.fromisoformat(evidence.as_of))}." if evidence.as_of else ""
    readings = "nothing guessed and nothing corrected"
    if evidence.corrections:
        readings = f"nothing guessed; {counted(len(evidence.corrections), 'correction')} given and shown both ways"
    rows = f"{counted(len(evidence.record.rows), 'row')} of {counted(len(documents), 'document')}"
    return f"Reviewed: {rows}{by}: {titles}. Read as printed, {readings}.{left}{as_of}"


def _bounds(evidence: Evidence) -> list[Block]:
    years = [year for year in evidence.years if evidence.totals("year", year)]
    blocks: list[Block] = []
    if not years:
        return blocks
    blocks.append(Heading("False alerts, with unconfirmed alerts both ways", "first-both-ways"))
    latest = years[-1]
    for measure in ("false_alerts_per_face", "false_alerts_at_most_per_face"):
        line = evidence.rate(measure, "year", latest)
        if line is not None:
            blocks.append(figure(line, until(evidence, latest), evidence.labels))
    lines = [line for year in years for line in evidence.totals_by if line.by == "year" and line.scope == year]
    note = (
        "A rate that lies across regimes is marked; Accuracy gives it split, with its intervals. Where a document does "
        "not say how many alerts were left unconfirmed there is no second count."
    )
    caption = "False alerts by year, with the unconfirmed alerts both ways"
    return [*blocks, _both_ways(evidence).table("first-both-ways-table", caption, lines, note=note)]


def _both_ways(evidence: Evidence) -> Grid[TotalsOf]:
    def name(line: TotalsOf) -> str:
        return until(evidence, line.scope) + ("" if line.reading == "either" else f", {line.reading}")

    def at_most(line: TotalsOf) -> int | str | None:
        return "unconfirmed alerts not published" if _unknown(line) else line.totals.false_alerts_at_most

    return Grid[TotalsOf](
        column("year", "Year", name, rows=lambda line: line.rows),
        number("false", "False alerts", lambda line: line.totals.false_alerts, missing="not published"),
        number("at_most", "With every unconfirmed alert counted as false", at_most, missing="not published"),
        *(_rate_column(evidence, *declared) for declared in _BOTH_WAYS),
    )


#: Column, heading, measure.
_BOTH_WAYS: tuple[tuple[str, str, str], ...] = (
    ("per_face", "Per face", "false_alerts_per_face"),
    ("at_most_per_face", "Per face, with the unconfirmed", "false_alerts_at_most_per_face"),
    ("per_alert", "Per alert", "false_alerts_per_alert"),
    ("per_hour", "Per hour", "false_alerts_per_hour"),
)


def _rate_column(evidence: Evidence, key: str, label: str, measure: str) -> GridColumn[TotalsOf]:
    def rate(line: TotalsOf) -> Cell:
        if _unknown(line) and "at_most" in measure:
            return Cell("not known")
        found = evidence.rate(measure, "year", line.scope, reading=line.reading)
        return Cell("not published") if found is None else _short(found)

    return number(key, label, rate)


def _unknown(line: TotalsOf) -> bool:
    return not line.totals.printed_by["unconfirmed_alerts"]


def _short(line: RateLine) -> Cell:
    low, high = widest(line)
    text = rate_text(line) if line.events else interval_text(line, low, high)
    return Cell(f"{text} (across regimes)" if line.crosses else text, line.estimate)


def figure(line: RateLine, scope: str, labels: Mapping[str, str]) -> Figure:
    """A rate as a figure block (``labels`` name the regimes): value, widest interval, counts, method and rows."""
    low, high = widest(line)
    notes = []
    if line.crosses:
        notes.append(
            "the settings or the counting changed during this period "
            f"({listing([labels[name] for name in line.crosses])}); see the separate figures under Accuracy"
        )
    if part := part_text(line):
        notes.append(part)
    if line.range is not None:
        notes.append(range_text(line.range))
    method = "Clopper-Pearson, exact" if line.method == "clopper-pearson" else "Garwood, exact"
    if line.clustered is not None:
        notes.append(f"taken as independent: {interval_text(line, line.low, line.high)} ({method})")
        method = (
            f"allowing for clumps: design effect {plain(significant(line.clustered.design_effect))} from "
            f"{counted(line.events, 'event')} in {counted(line.clustered.clusters, 'deployment')}"
        )
    label, interval = capital(f"{MEASURES[line.measure].label}, {scope}"), interval_text(line, low, high)
    value, counts = rate_text(line) if line.events else interval, (line.events, line.trials)
    return Figure(label, value, interval, *counts, low, high, f"95%, {method}", note="; ".join(notes), rows=line.rows)


def _corrections(evidence: Evidence) -> list[Block]:
    applied = count(len(evidence.corrections)) if evidence.corrections else "none"
    blocks: list[Block] = [Heading(f"Corrections applied: {applied}", "first-corrections")]
    if not evidence.corrections:
        blocks.append(Paragraph("None: every value is read as it was printed."))
        return blocks
    titles = {document.id: document.title for document in evidence.documents}
    blocks += [
        Finding(
            f"correction-{number}",
            "read otherwise than printed",
            f"{titles[correction.document]}, row {correction.row}, {correction.column.replace('_', ' ')}",
            f"Printed {correction.printed}, read as {dated(correction.read_as)}.",
            (("Reason", correction.reason), ("Who says so", correction.who)),
            (RowRange(correction.document, correction.row, correction.row),),
        )
        for number, correction in enumerate(evidence.corrections, 1)
    ]
    return blocks


def _touched(evidence: Evidence) -> list[Block]:
    touched = [line for line in evidence.totals_by if line.reading != "either" and line.by in ("all", "year")]
    if not touched:
        return []
    note = "Every other figure a correction touches stands in two lines too, wherever it is shown."
    name = "first-corrections-both", "What the corrections touch, both ways", "Scope"
    return [totals_table(*name, touched, evidence.labels, note=note, fold=True)]


_MISSING = Grid[NotShown](
    column("what", "What", lambda line: line.what),
    column("where", "Where", lambda line: line.where),
    column("because", "What that means", lambda line: line.because),
)
