"""What was planned: where and how large, how much of the list is for serious offences, the crime series relied on.

A place that is sealed and not open to this reader reads as sealed. The list is counted whole, so its shares have no
interval; bands of seriousness are the force's own. A series of crime figures is named by digest: what it is of, where,
when, whose, and what it is compared with stand beside whether a reviewer has judged that digest.

>>> is_serious("serious-violent"), is_serious("other")
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from countersign.deployments.place import area_words
from countersign.deployments.view import Statement
from countersign.document import Block, Paragraph, Section
from countersign.grids import Grid, column, number
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.words.dates import dated, local_window
from countersign.words.lists import capital, counted, listing
from countersign.words.names import short, token
from countersign.words.numbers import count, percent_of

SEALED = "sealed"
NOT_STATED = "not stated"
SERIOUS = "serious"


def is_serious(band: str) -> bool:
    """Whether the force's own name of a band says that it is for serious offences."""
    return band == SERIOUS or band.startswith(f"{SERIOUS}-")


def planned_section(evidence: DeploymentEvidence) -> Section | None:
    """Place and zone, the list by seriousness, and the crime series; nothing where none is on the record."""
    blocks = (*_places(evidence), *_seriousness(evidence), *_series(evidence))
    return Section("planned", "What was planned", blocks) if blocks else None


class _Place(NamedTuple):
    statement: Statement
    what: str
    place: Mapping[str, Any] | None


_PLACES = Grid[_Place](
    column("in", "In", lambda row: row.what, rows=lambda row: rows([row.statement.entry])),
    column("place", "Place", lambda row: SEALED if row.place is None else str(row.place["name"])),
    column("when", "When", lambda row: SEALED if row.place is None else _windows(row.place)),
    column("zone", "Zone of recognition", lambda row: SEALED if row.place is None else area_words(row.place["zone"])),
    number("cameras", "Cameras", lambda row: SEALED if row.place is None else len(row.place["cameras"])),
)


def _windows(place: Mapping[str, Any]) -> str:
    return listing([local_window(window["start"], window["end"]) for window in place["windows"]])


def _places(evidence: DeploymentEvidence) -> Iterator[Block]:
    planned = [
        _Place(statement, what, statement.one("sealed.place"))
        for noun, what in (("proposal", "Proposal"), ("authority", "Authority"))
        for statement in evidence.view.statements(noun)
        if "place" in statement.sealed
    ]
    planned += [
        _Place(notice, "Notice", {name: notice.one("place" if name == "name" else name) for name in _PARTS})
        for notice in evidence.view.statements("notice")
    ]
    if planned:
        note = "The area is worked out from the zone's corners. What is sealed is committed to, and not open here."
        yield _PLACES.table("planned-place", "Place, time and zone, from proposal to notice", planned, note=note)


_PARTS = ("name", "windows", "zone", "cameras")


class _Band(NamedTuple):
    band: str
    entries: int
    size: int
    manifest: int


_BANDS = Grid[_Band](
    column(
        "band", "Band, as the force calls it", lambda row: capital(token(row.band)), rows=lambda r: rows([r.manifest])
    ),
    number("entries", "Entries", lambda row: row.entries),
    number("share", "Share of the list", lambda row: percent_of(row.entries, row.size)),
)


def serious_share(manifest: Statement) -> tuple[int, int] | None:
    """How many entries of a list are for serious offences, and of how many; ``None`` where no band is called so."""
    bands, size = manifest.one("by_seriousness") or (), manifest.one("size")
    serious = [part["count"] for part in bands if is_serious(part["band"])]
    return (sum(serious), size) if serious and size else None


def _seriousness(evidence: DeploymentEvidence) -> Iterator[Block]:
    manifest = evidence.view.last("manifest")
    if manifest is None:
        return
    size, bands = manifest.one("size"), manifest.one("by_seriousness") or ()
    share = serious_share(manifest)
    if share is None:
        yield Paragraph(
            "The share of the watchlist that is for serious offences is not shown: no band is called serious."
        )
    else:
        serious, whole = share
        yield Paragraph(
            f"Of the {counted(whole, 'entry', 'entries')} on the watchlist {count(serious)} "
            f"({percent_of(serious, whole)}) are in a band that the force calls serious."
        )
    if bands and size:
        lines = [_Band(part["band"], part["count"], size, manifest.entry) for part in bands]
        note = "Counted by the force. Which offences fall in a band is for its policy to say."
        yield _BANDS.table("seriousness", "The watchlist by seriousness", lines, note=note)


class _SeriesLine(NamedTuple):
    proposal: Statement
    series: Mapping[str, Any]
    area: str
    judged: str


_SERIES = Grid[_SeriesLine](
    column(
        "series", "Series", lambda row: capital(token(row.series["series"])), rows=lambda r: rows([r.proposal.entry])
    ),
    column("area", "Area", lambda row: row.area),
    column("period", "Period", lambda row: f"{dated(row.series['period_start'])} to {dated(row.series['period_end'])}"),
    column("source", "Source", lambda row: token(row.series["source"])),
    column("against", "Compared with", lambda row: token(row.series["counterfactual"])),
    column("digest", "Digest", lambda row: short(row.series["digest"])),
    column("judged", "Judged", lambda row: row.judged),
)


def _series(evidence: DeploymentEvidence) -> Iterator[Block]:
    lines = []
    for proposal in evidence.view.statements("proposal"):
        under = proposal.one("sealed.case.aim_evidence")
        areas = {part["series"]: part["area"] for part in under or ()}
        closed = "case" in proposal.sealed and proposal.one("sealed.case.objective") is None
        for series in proposal.one("aim_evidence") or ():
            area = areas.get(series["series"], SEALED if closed else NOT_STATED)
            lines.append(_SeriesLine(proposal, series, area, _judged(evidence, series["digest"])))
    if lines:
        note = (
            "Each series is a document named by its digest; anyone who is given it can check that it is the one named."
        )
        yield _SERIES.table("crime-series", "Crime series that the proposal relies on", lines, note=note)


def _judged(evidence: DeploymentEvidence, digest: str) -> str:
    results = [
        f"{token(judgement.one('result'))} ({judgement.place if judgement.origin else f'entry {judgement.entry}'})"
        for judgement in evidence.view.statements("judgement")
        if digest in judgement.one("documents")
    ]
    return listing(results) or "by no reviewer"
