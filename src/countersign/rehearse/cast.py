"""Who takes part in a rehearsal: a key for each post of the force, and for each body outside it.

The posts are those of the College of Policing's practice (``facts/lifecycle.md`` section 2). Each has one key, so that
who may not do two things does not. The names of keys end in ``.invalid``, which can be nobody's (RFC 6761).

>>> sorted(OUTSIDE)
['auditor', 'ethics-body', 'observer', 'reviewer', 'tester']
"""

from __future__ import annotations

FORCE = (
    "custodian", "policy-owner", "senior-owner", "data-protection-officer", "legal-adviser", "engineer", "applicant",
    "assessor", "authorising-officer", "watchlist-builder", "commander", "operational-lead", "press-officer",
    "recorder", "complaints-handler",
)  # fmt: skip
#: Role: the body outside that holds it.
OUTSIDE = {
    "tester": "testing-laboratory", "ethics-body": "ethics-panel", "reviewer": "university", "auditor": "university",
    "observer": "observers",
}  # fmt: skip
