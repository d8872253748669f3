"""The sections on groups and claims: blocks that ``published`` makes, with a word where none was given."""

from __future__ import annotations

from countersign.document import Paragraph, Section
from countersign.reviews.published.evidence import Evidence


def groups_section(evidence: Evidence) -> Section:
    """Counts by group, if any were given."""
    if evidence.group_blocks:
        return Section("groups", "Groups", evidence.group_blocks)
    said = (
        "No counts by group were given (option --groups). The rows themselves say nothing about who was seen, alerted "
        "on, stopped or arrested."
    )
    return Section("groups", "Groups", (Paragraph(said),))


def claims_section(evidence: Evidence) -> Section:
    """Public claims, if any were given."""
    if evidence.claim_blocks:
        return Section("claims", "Claims", evidence.claim_blocks)
    return Section("claims", "Claims", (Paragraph("No public claims were given to check (option --claims)."),))
