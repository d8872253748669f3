"""The funnel: from faces seen to alerts, engagements and arrests, drawn to scale.

A stage that the force did not publish for every deployment is an empty box that says so: its count would be of fewer
deployments than the stages beside it, and a bar would hide that. What was published of it is told by document, below.
"""

from __future__ import annotations

from countersign.document import Cell, Chart, Column, FunnelStage, Table
from countersign.published.table.measures import QUANTITIES
from countersign.reviews.model import Totals
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.tables import amount_cell
from countersign.words.phrases import counted
from countersign.words.wording import be, count

STAGES: tuple[tuple[str, str], ...] = (
    ("faces_seen", "Faces seen"),
    ("alerts", "Alerts"),
    ("engagements", "Engagements"),
    ("arrests", "Arrests"),
)


def funnel(evidence: Evidence) -> Chart:
    """The funnel of all rows, with its table by document."""
    stages = tuple(_both(evidence, _stage(evidence.whole, quantity, label), quantity) for quantity, label in STAGES)
    told = "; ".join(
        f"{stage.label.lower()}: {count(stage.count) if stage.count is not None else stage.note}" for stage in stages
    )
    columns = (Column("scope", "Document"), *(Column(quantity, label, "end") for quantity, label in STAGES))
    by_document = [line for line in evidence.totals_by if line.by == "document"]
    rows = [
        (Cell(_title(evidence, line.scope), rows=line.rows), *(amount_cell(line.totals, key) for key, _ in STAGES))
        for line in by_document
    ]
    rows.append((Cell("All"), *(amount_cell(evidence.whole, key) for key, _ in STAGES)))
    return Chart(
        anchor="funnel",
        kind="funnel",
        title="From faces seen to arrests",
        alternative=f"A funnel drawn to scale, of all {counted(evidence.whole.deployments, 'deployment')}: {told}.",
        table=Table("funnel-table", "The stages by document", columns, tuple(rows)),
        stages=stages,
    )


def _both(evidence: Evidence, stage: FunnelStage, quantity: str) -> FunnelStage:
    """The stage with the count as printed in its note, where a correction makes the two differ."""
    printed = evidence.totals("all", "all rows", "as printed")
    if printed is None or getattr(printed, quantity) == getattr(evidence.whole, quantity):
        return stage
    said = f"as printed {count(getattr(printed, quantity))}"
    return FunnelStage(stage.label, stage.count, f"{stage.note}; {said}" if stage.note else said)


def _stage(totals: Totals, quantity: str, label: str) -> FunnelStage:
    amount, printed = getattr(totals, quantity), totals.printed_by[quantity]
    missing = totals.deployments - printed
    if printed == 0:
        return FunnelStage(label, None, "not published")
    # A stage printed for nearly all rows is drawn, with what is left out; one printed for few is not a stage of all.
    if missing * 20 > totals.deployments:
        return FunnelStage(
            label, None, f"published for {count(printed)} of {counted(totals.deployments, 'deployment')} only: "
            f"{count(amount)} {QUANTITIES[quantity]}",
        )  # fmt: skip
    note = f"{counted(missing, 'deployment')} {be(missing)} left out: not printed" if missing else ""
    return FunnelStage(label, int(amount), note)


def _title(evidence: Evidence, document: str) -> str:
    return evidence.record.document(document).title
