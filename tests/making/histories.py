"""Histories for tests: a force's policy, the papers of a deployment, and a driver that runs commands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.making.logs import private

from countersign.deployments import limits
from countersign.deployments.clock import hours_later
from countersign.deployments.fold import advance
from countersign.deployments.rules import Act
from countersign.deployments.state import Deployment, Programme
from countersign.record.entries import canonical
from countersign.record.entries.commitment import SealedSet, commit
from countersign.record.entries.entry import Commitment, Entry, EntrySigner, sign_entry
from countersign.register.commands import Contents, Known, Unsealed, approve, enter

FORCE = "force-a"
SUBJECT = "force-a/d-1"
ORIGIN = "log.example/force-a"
START = "2026-03-02T12:00:00Z"
END = "2026-03-02T18:00:00Z"
LATER = "2030-01-01T00:00:00Z"
KEYS = {
    role: EntrySigner(private(role))
    for role in (
        "senior-owner", "applicant", "assessor", "authorising-officer", "watchlist-builder", "press-officer",
        "commander", "operator", "engineer", "recorder", "custodian", "operational-lead", "reviewer",
        "moratorium-authority", "observer", "data-protection-officer", "compiler",
    )
}  # fmt: skip


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def policy(**changes: Any) -> dict[str, Any]:
    numbers = {
        "list-age-hours": "24", "list-maximum": "1000", "list-delete-hours": "24", "media-delete-hours": "24",
        "alert-hours": "24", "cctv-days": "31", "publish-days": "5", "review-days": "31", "zone-area-maximum": "2000",
        "window-maximum-hours": "8", "false-alert-ceiling": "0.001", "urgent-review-hours": "24",
        "written-after-hours": "12", "override-hours-maximum": "48",
    }  # fmt: skip
    facts: dict[str, Any] = {
        "title": "Policy on live facial recognition", "version": "3.1", "digest": digest("policy 3.1"),
        "published_at": "2026-01-05T09:00:00Z", "published_url": "https://force-a.example/lfr/policy",
        "watchlist_categories": [
            {"id": one, "clause": "4.2", "definition": digest(one), "subject_type": kind}
            for one, kind in (("wanted-by-court", "wanted"), ("missing-at-risk", "missing"), ("bail", "suspect"))
        ],
        "location_criteria": [{"id": "hotspot", "clause": "5.1", "test": digest("hotspot"), "evidence_required": []}],
        "use_cases": [
            {"id": "crime-hotspot", "clause": "3.1", "categories": ["wanted-by-court", "bail"], "criteria": ["hotspot"]}
        ],
        "authorisation": {
            "clause": "6.1", "minimum_rank": "superintendent", "urgent_minimum_rank": "inspector",
            "eligible_ranks": ["superintendent"], "criteria": [], "urgent_reasons": ["threat-to-life"],
            "urgent_route": True,
        },
        "thresholds": [{"engine_version": "engine/4.0", "minimum": "0.60", "clause": "7.1"}],
        "retention_schedule": [],
        "parameters": [
            {"name": name, "value": value, "clause": f"8.{number}", "source": "own-policy"}
            for number, (name, value) in enumerate(numbers.items(), 1)
        ],
    }  # fmt: skip
    return facts | changes


def place(
    name: str = "High Street, north end", start: str = START, end: str = END, unit: str = "van-1"
) -> dict[str, Any]:
    return {
        "name": name, "area": "E05000001", "windows": [{"start": start, "end": end}],
        "zone": {
            "unit": "metre", "grid": digest("grid"),
            "points": [{"x": 0, "y": 0}, {"x": 20, "y": 0}, {"x": 20, "y": 10}, {"x": 0, "y": 10}],
        },
        "cameras": [{"id": "c1", "x": -5, "y": 5}], "unit": unit,
    }  # fmt: skip


def public_place(where: Mapping[str, Any]) -> dict[str, Any]:
    return {"place": where["name"], **{name: value for name, value in where.items() if name != "name"}}


def texts(*names: str) -> dict[str, str]:
    return {name: f"What was weighed on {name.replace('_', ' ')}, in words." for name in names}


REASONS = texts("necessity", "proportionality", "watchlist", "location", "privacy", "equality")
LIST_DIGEST = digest("list one")


def proposal() -> dict[str, Any]:
    return {
        "reference": "LFR/2026/014", "submitted_at": "2026-02-20T09:00:00Z", "applicant_rank": "inspector",
        "policy": digest("policy 3.1"), "use_case": "crime-hotspot",
        "legitimate_aim": "prevention-of-disorder-or-crime", "objective": "arrest-wanted", "overt": True,
        "covert_authority": False, "units": 1, "alternatives": ["patrol", "arrest-enquiry"],
        "intelligence_case": {"digest": digest("intelligence"), "date": "2026-02-18", "grading": "b2"},
    }  # fmt: skip


def assessment() -> dict[str, Any]:
    return {
        "reference": "NP/2026/014", "made_at": "2026-02-21T09:00:00Z", "expected_faces": 9000,
        "rights": ["article-8", "article-10", "article-11", "article-14"],
        "alternatives": [{"method": "patrol", "why_insufficient": digest("patrol")}], "safeguards": ["blurring"],
        "effectiveness_evidence": [digest("evidence")],
    }  # fmt: skip


def authority(**changes: Any) -> dict[str, Any]:
    return {
        "reference": "WAD/2026/014", "application": "LFR/2026/014", "decision": "granted",
        "officer_rank": "superintendent", "signed_at": "2026-02-23T09:00:00Z", "form": "written",
        "documents": [{"type": "policy", "version": "3.1", "digest": digest("policy 3.1")}],
        "categories": ["wanted-by-court", "bail"], "list_maximum": 500, "threshold_minimum": "0.62", "conditions": [],
        "deviations": [],
    } | changes  # fmt: skip


def manifest(**changes: Any) -> dict[str, Any]:
    count = 3
    return {
        "list": "list-d-1", "digest": LIST_DIGEST, "built_at": "2026-03-02T08:00:00Z",
        "expires_at": "2026-03-02T20:00:00Z", "query": digest("query"), "size": count,
        "by_category": [{"category": "wanted-by-court", "subject_type": "wanted", "count": count}],
        "by_seriousness": [{"band": "high", "count": count}], "by_source": [{"source": "custody", "count": count}],
        "by_image_age": [{"band": "under-1-year", "count": count}],
        "by_response": [{"response": "arrest", "count": count}],
        "by_age_band": [{"band": "18-and-over", "count": count}], "by_check": [{"check": "status", "done": count}],
        "children": 0, "vulnerable": 0,
        "images": {
            "with_legal_basis": count, "not_police": 0, "not_police_approved": 0, "unconvicted_reviewed": 0,
            "unconvicted": 0,
        },
    } | changes  # fmt: skip


def listed_entries(count: int = 3) -> list[dict[str, Any]]:
    return [
        {
            "category": "wanted-by-court", "subject_type": "wanted", "seriousness": "high", "source": "custody",
            "image_age": "under-1-year", "checks": [{"check": "status", "at": "2026-03-02T07:00:00Z"}],
            "age_band": "18-and-over", "child": False, "vulnerable": False, "response": "arrest",
        }
        for _ in range(count)
    ]  # fmt: skip


def terms(**changes: Any) -> dict[str, Any]:
    return {
        "list": "list-d-1", "list_digest": LIST_DIGEST, "list_size": 3, "engine": "engine",
        "engine_version": "engine/4.0", "threshold_minimum": "0.62",
        "ceilings": [{"measure": "false-alerts-per-face", "at_most": "0.001", "clause": "8.11"}],
        "stop_rule": [{"when": "ceiling-exceeded", "action": "suspend"}],
    } | changes  # fmt: skip


def opened(document: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "opened_at": START, "limits": limits.digest_of(dict(document)), "list_digest": LIST_DIGEST, "engine": "engine",
        "engine_version": "engine/4.0", "threshold": "0.64", "cameras": 1,
    } | changes  # fmt: skip


def alert(ordinal: int, at: str, outcome: str = "true", camera: str = "c1", group: str = "a") -> dict[str, Any]:
    return {
        "ordinal": ordinal, "at": at, "camera": camera, "score": "0.71", "threshold": "0.64", "entry": 0,
        "outcome": outcome,
        "adjudications": [
            {
                "person": person, "role": role, "decided_at": at, "decision": "engage", "seconds": 8,
                "subject_factors": [], "system_factors": [], "environment_factors": [],
                "seen_other": role != "operator",
            }
            for person, role in (("p1", "operator"), ("p2", "engagement-officer"))
        ],
        "demographics": {"ethnicity": group, "sex": "f", "age_band": "25-34", "source": "perceived"},
    }  # fmt: skip


def deletion(name: str, at: str = "2026-03-02T20:00:00Z", remaining: int = 0) -> dict[str, Any]:
    return {
        "class": name, "count": 3, "deleted_at": at, "method": "secure-delete", "witnessed": False,
        "remaining": remaining,
    }  # fmt: skip


def results(**changes: Any) -> dict[str, Any]:
    return {
        "url": "https://force-a.example/lfr/results", "published_at": "2026-03-05T09:00:00Z",
        "digest": digest("results"), "date": "2026-03-02", "place": "High Street", "purpose": "arrest-wanted",
        "list_size": 3, "categories": ["wanted-by-court"], "threshold": "0.64", "faces": 5000, "alerts": 3, "true": 0,
        "confirmed_true": 2, "false": 0, "confirmed_false": 1, "unresolved": 0, "engagements": 3, "arrests": 1,
    } | changes  # fmt: skip


DOCUMENT = limits.limits_document(SUBJECT, bytes(range(32)), place(), terms())


@dataclass
class History:
    """A log as it grows: the state, its entries with their places, and what was sealed, by entry and label."""

    state: Programme = field(default_factory=lambda: Programme(FORCE))
    entries: list[tuple[int, Entry]] = field(default_factory=list)
    opened: dict[tuple[int, str], dict[int, Any]] = field(default_factory=dict)
    subject: str = SUBJECT

    @property
    def deployment(self) -> Deployment:
        return self.state.deployment(self.subject)

    def plan(
        self, kind: str, facts: dict[str, Any], role: str, at: str, contents: Contents | None = None, *,
        subject: str | None = None, supplied_by: str = "force", key: str | None = None, **known: Any,
    ) -> Unsealed:  # fmt: skip
        if kind == "authorise.authority":
            contents = {"reasons": REASONS, "place": place(), **(contents or {})}
        act = Act(subject or self.subject, at, role, KEYS[key or role].key, supplied_by)
        return enter(self.state, act, kind, facts, contents, known=Known(known.pop("now", at), **known))

    def take(self, unsealed: Unsealed, signer: EntrySigner) -> int:
        """Seal with openings fixed by place and label, sign, and fold in."""
        index = len(self.entries)
        made = {}
        for label, (_, contents, is_set) in unsealed.sealing().items():
            openings = [hashlib.sha256(f"{index} {label} {n}".encode()).digest() for n in range(len(contents))]
            commitments = [commit(label, 1, one, opening) for one, opening in zip(contents, openings, strict=True)]
            made[label] = (
                Commitment(SealedSet(commitments).root, len(commitments)) if is_set else Commitment(commitments[0])
            )
            self.opened[index, label] = {n: canonical.parse(one) for n, one in enumerate(contents)}
        self.append(sign_entry(unsealed.draft(ORIGIN, made), signer))
        return index

    def append(self, entry: Entry) -> None:
        index = len(self.entries)
        self.entries.append((index, entry))
        self.state = advance(self.state, index, entry)

    def do(
        self, kind: str, facts: dict[str, Any], role: str, at: str, contents: Contents | None = None, **more: Any
    ) -> int:
        key = more.get("key") or role
        return self.take(self.plan(kind, facts, role, at, contents, **more), KEYS[key])

    def approve(self, at: str = "2026-03-02T09:00:00Z", document: Any = None, **facts: Any) -> None:
        listed = self.deployment.listed
        assert listed is not None
        act = Act(self.subject, at, "authorising-officer", KEYS["authorising-officer"].key)
        named: dict[str, Any] = {
            "manifest": listed.entry,
            "digest": listed.digest,
            "officer_rank": "superintendent",
        } | facts
        both = approve(self.state, act, named, document or DOCUMENT, known=Known(at))
        for one in both:
            self.take(one, KEYS["authorising-officer"])

    def upto(self, last: str, subject: str = SUBJECT) -> History:
        """Everything as it should be, up to and with the step named."""
        for name in STEPS:
            _DO[name](self)
            if name == last:
                return self
        raise AssertionError(last)


def _propose(one: History) -> None:
    one.do("programme.policy", policy(), "senior-owner", "2026-01-05T09:00:00Z", subject=FORCE)
    case = {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []}
    one.do("plan.proposal", proposal(), "applicant", "2026-02-20T09:00:00Z", {"place": place(), "case": case})


def _assess(one: History) -> None:
    names = ("strict_necessity", "less_intrusive_means", "benefits", "intrusion", "proportionality")
    one.do("plan.assessment", assessment(), "assessor", "2026-02-21T09:00:00Z", {"reasons": texts(*names)})


def _authorise(one: History) -> None:
    contents: Contents = {"reasons": REASONS, "place": place()}
    one.do("authorise.authority", authority(), "authorising-officer", "2026-02-23T09:00:00Z", contents)


def _notify(one: History) -> None:
    facts = {
        "channels": ["web"], "url": "https://force-a.example/lfr/next", "published_at": "2026-02-27T09:00:00Z",
        "purpose": "arrest-wanted", **public_place(place()),
    }  # fmt: skip
    one.do("open.notice", facts, "press-officer", "2026-02-27T09:00:00Z", declared=None)


def _list(one: History) -> None:
    one.do("authorise.manifest", manifest(), "watchlist-builder", "2026-03-02T08:30:00Z", {"entries": listed_entries()})


def _approve(one: History) -> None:
    one.approve()


def _brief(one: History) -> None:
    facts = {
        "briefed_at": "2026-03-02T10:00:00Z", "script": digest("script"), "script_version": "2", "attendees": 8,
        "topics": ["objective", "bias"],
    }  # fmt: skip
    one.do("brief.briefing", facts, "commander", "2026-03-02T10:00:00Z")


def _open(one: History) -> None:
    one.do("live.opened", opened(DOCUMENT), "commander", START)


def _close(one: History) -> None:
    facts = {"closed_at": END, "reason": "end-of-window", "faces": 5000, "alerts": 3, "engagements": 3, "incidents": 0}
    one.do("close.cancellation", facts, "commander", END)


def _delete(one: History) -> None:
    for name in ("watchlist", "templates", "transfer-media", "alert", "cctv"):
        one.do("delete.deletion", deletion(name), "engineer", "2026-03-02T20:00:00Z")


def _review(one: History) -> None:
    facts = {
        "made_at": "2026-03-04T09:00:00Z", "digest": digest("review"), "objective_met": "partly",
        "necessary_in_hindsight": "partly", "lessons": 1, "actions": 1,
    }  # fmt: skip
    one.do("review.deployment-review", facts, "operational-lead", "2026-03-04T09:00:00Z")


def _publish(one: History) -> None:
    one.do("publish.results", results(), "press-officer", "2026-03-05T09:00:00Z")


def _archive(one: History) -> None:
    one.do("publish.archived", {"references_kept": 3}, "recorder", "2026-04-10T09:00:00Z")


_DO = {
    "propose": _propose, "assess": _assess, "authorise": _authorise, "notify": _notify, "list": _list,
    "approve": _approve, "brief": _brief, "open": _open, "close": _close, "delete": _delete, "review": _review,
    "publish": _publish, "archive": _archive,
}  # fmt: skip
STEPS = tuple(_DO)


def suspended(one: History, at: str = "2026-03-02T14:00:00Z") -> None:
    one.do("live.suspended", {"suspended_at": at, "reason": "fault"}, "commander", at)


def hour(number: int, alerts: list[dict[str, Any]], faces: int = 800) -> tuple[dict[str, Any], Contents]:
    facts = {"hour": f"2026-03-02T{number:02d}Z", "faces": faces, "alerts": len(alerts)}
    return facts, ({"alerts": alerts} if alerts else {})


__all__ = ["DOCUMENT", "END", "FORCE", "KEYS", "LATER", "START", "STEPS", "SUBJECT", "History", "hours_later"]
