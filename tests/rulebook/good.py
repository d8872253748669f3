"""A made-up record in which every duty is borne out by the force's own word, as plain facts by noun; and views of it.

Facts are made from the schemas (each field, also those that may be left out) and then set where they must agree.
Nothing of it is real. ``view`` builds a view of it without signing, so that a test can change one field and look.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from countersign.deployments.kinds import KINDS, noun_of
from countersign.deployments.view import Statement, View

SUBJECT = "force-a/d-1"
#: A record in which all is as it should be corrects and disputes nothing.
SCHEMA = {
    noun_of(schema.kind): schema
    for schema in KINDS
    if not schema.kind.startswith(("correct.", "review.dispute", "review.disowning"))
}
RAW: dict[str, dict[str, Any]] = {noun: json.loads(schema.text) for noun, schema in SCHEMA.items()}

START, END = "2026-03-01T10:00:00Z", "2026-03-01T14:00:00Z"
AS_AT = "2026-04-30T12:00:00Z"
#: The order in which things are done; nouns not named stand before all.
ORDER = (
    "proposal", "location", "assessment", "cia", "independent_review", "eu_authorisation", "authority", "written",
    "urgent_review", "manifest", "status_check", "list_statement", "approval", "limits", "notice", "signage", "route",
    "leaflet", "roster", "briefing", "oversight", "precheck", "statement", "staffing", "opened", "hour", "event_log",
    "cancellation", "reconciliation", "disclosures", "ordinals_destroyed", "deletion", "hold", "lookup_test",
    "post_search", "statistics", "deployment_review", "breach", "rights_request", "retrieval_test", "results",
    "annual_report", "eu_notification", "eu_annual_return", "attestation", "judgement",
)  # fmt: skip
#: Kinds of entry that a well-run deployment has none of.
NONE_OF = frozenset({
    "urgent_review", "written", "list_change", "change", "suspended", "resumed", "override", "notice_exemption", "hold",
    "hold_released", "breach", "rights_request", "complaint", "finding", "answer", "moratorium", "moratorium_lifted",
    "ceiling_breach", "observer_count", "observer_sighting", "observer_signs", "ordinals_destroyed", "receipt",
    "stop_rule_fired", "outside_statement", "judgements",
})  # fmt: skip


def digest(name: str) -> str:
    """A digest standing for a document of this name."""
    return hashlib.sha256(name.encode()).hexdigest()


_PLAIN = {
    "time": "2026-02-01T09:00:00Z", "hour": "2026-03-01T10Z", "date": "2026-02-01", "decimal": "1", "token": "word",
    "reference": "REF-1", "address": "https://force-a.example/lfr", "title": "A title", "subject": SUBJECT,
    "origin": "log.example/force-a",
    "sentences": "These reasons were written for this place and day, and say what was weighed against what and why.",
}  # fmt: skip


def made(raw: Mapping[str, Any], name: str) -> Any:
    """A value a schema takes, with every field it may have but ``late``."""
    if "enum" in raw:
        return raw["enum"][0]
    if "const" in raw:
        return raw["const"]
    match raw["type"]:
        case "object":
            return {key: made(part, f"{name}.{key}") for key, part in raw["properties"].items() if key != "late"}
        case "array":
            return [made(raw["items"], name)]
        case "integer":
            return max(1, int(raw.get("minimum", 0)))
        case "boolean":
            return True
    return digest(name) if raw["format"] == "digest" else _PLAIN[raw["format"]]


Facts = dict[str, list[dict[str, Any]]]
#: What lies sealed and is open to the reader: by noun and label, the contents of each statement in turn.
Sealed = dict[tuple[str, str], list[list[Any]]]


def _set(facts: Facts, noun: str, **values: Any) -> None:
    facts[noun][0].update(values)


ZONE = {
    "unit": "metre",
    "grid": digest("grid"),
    "points": [{"x": x, "y": y} for x, y in ((0, 0), (20, 0), (20, 10), (0, 10))],
}
WINDOWS = [{"start": START, "end": END}]
CAMERAS = [{"id": "c1", "x": 5, "y": 5, "bearing": 90, "width": 60}]
ALL_CHARACTERISTICS = ["age", "race", "sex"]
RETENTION = [{"class": "watchlist", "hours": 24}, {"class": "cctv", "hours": 744}]
DOCUMENTS = ("policy", "sop", "dpia", "eia", "apd", "legal-mandate", "test-report")


def facts() -> Facts:
    """The public facts of every statement, by noun."""
    found: Facts = {noun: [made(raw, noun)] for noun, raw in RAW.items() if noun not in NONE_OF}
    early = "2026-01-10T09:00:00Z"
    _set(
        found, "policy", digest=digest("policy"), published_at=early, approved_at=early,
        watchlist_categories=[{"id": "wanted", "clause": "4.1", "definition": digest("wanted"),
        "subject_type": "wanted"}],
        location_criteria=[{"id": "hotspot", "clause": "5.1", "test": digest("hotspot"),
        "evidence_required": ["crime-counts"]}],
        use_cases=[{"id": "hotspot", "clause": "3.1", "categories": ["wanted"], "criteria": ["hotspot"]}],
        authorisation={
            "clause": "6.1", "minimum_rank": "superintendent", "urgent_minimum_rank": "inspector",
            "eligible_ranks": ["superintendent"], "criteria": ["necessity"], "urgent_reasons": ["threat-to-life"],
            "urgent_route": True,
        },
        thresholds=[{"engine_version": "e-4.1", "minimum": "0.64", "clause": "7.1"}],
        roles_required=["operator", "engagement-officer", "commander"],
        retention_schedule=[{**item, "clause": "8.1"} for item in RETENTION],
        parameters=[
            {"name": name, "value": value, "clause": "9.1", "source": "own-policy"}
            for name, value in (
                ("list-age-hours", "24"), ("status-check-hours", "24"), ("list-delete-hours", "24"),
                ("alert-hours", "24"),
                ("cctv-days", "31"), ("publish-days", "5"), ("false-alert-ceiling", "0.001"),
                ("operators-minimum", "1"),
                ("engagement-officers-minimum", "2"), ("demographics-minimum", "0.9"), ("clock-offset-maximum", "1000"),
                ("written-after-hours", "12"), ("urgent-review-hours", "12"), ("window-maximum-hours", "8"),
                ("hotspot-percentile", "75"), ("hotspot-diameter-maximum", "500"),
            )
        ],
    )  # fmt: skip
    found["document"] = [
        {"type": kind, "title": kind, "version": "1", "digest": digest(kind), "next_review_date": "2026-03-01",
         "change_log": digest("log"), "staff_told_at": "2026-02-01", "url": "https://force-a.example/lfr",
         "retention_schedule": RETENTION}
        for kind in DOCUMENTS
    ]  # fmt: skip
    _set(found, "ropa", fields=RAW["ropa"]["properties"]["fields"]["items"]["enum"])
    _set(
        found, "apd", digest=digest("apd"), approved_at=early, last_processing="2026-03-01",
        retained_until="2026-09-01",
        principles=RAW["apd"]["properties"]["principles"]["items"]["enum"], covers=["passers-by", "watchlist-subjects"],
    )  # fmt: skip
    _set(
        found, "dpia", version="2.0", digest=digest("dpia"), approved_at=early, residual_risk="low",
        sections=["description", "risks", "measures", "safeguards"], affected_groups=["public-scanned",
        "watchlist-subjects"],
        scope={"use_cases": ["hotspot"], "location_types": ["street"], "camera_types": ["van"],
               "image_sources": ["custody"], "engine_versions": ["e-4.1"]},
    )  # fmt: skip
    _set(
        found,
        "eia",
        digest=digest("eia"),
        approved_at=early,
        approver_rank="chief-constable",
        characteristics=ALL_CHARACTERISTICS,
    )
    _set(found, "dpo_advice", dpia_version="2.0")
    _set(found, "ico_consultation", submitted_at="2026-01-01T09:00:00Z", response_at="2026-02-01T09:00:00Z")
    _set(found, "controllers", controllers=["force-a", "force-b"], processors=["vendor"])
    _set(found, "joint_arrangement", controllers=["force-a", "force-b"], expires="2027-01-01")
    _set(found, "processor_contract", processor="vendor", expires="2026-03-01",
         terms=RAW["processor_contract"]["properties"]["terms"]["items"]["enum"])  # fmt: skip
    _set(
        found,
        "privacy_notice",
        published_at=early,
        fields=RAW["privacy_notice"]["properties"]["fields"]["items"]["enum"],
    )
    _set(
        found, "test_report", report=digest("test-report"), engine="engine", engine_version="e-4.1",
        tester_is_supplier=False,
        characteristics=ALL_CHARACTERISTICS, threshold="0.6", list_size=10_000, probes=178_000, false_positives=30,
        smallest_difference="0.002", groups=[
            {"group": "black", "false_positives": 12, "searches": 60_000},
            {"group": "white", "false_positives": 10, "searches": 60_000},
        ],
    )  # fmt: skip
    _set(found, "bias_evidence", engine_version="e-4.1", author_is_supplier=False, characteristics=ALL_CHARACTERISTICS)
    _set(found, "sro", until="2027-01-01")
    _set(found, "atrs", engine_version="e-4.1", last_algorithm_change="2026-01-01T09:00:00Z", updated_at=early)
    _set(found, "fria", elements=[{"element": name, "digest": digest(name)} for name in
         RAW["fria"]["properties"]["elements"]["items"]["properties"]["element"]["enum"]])  # fmt: skip
    _set(
        found, "sccode_self_assessment", principles=[{"principle": n, "answer": "yes", "gaps": 0} for n in range(1, 13)]
    )
    _set(found, "system_config", template_store=False, cross_camera_tracks=False, attribute_inference=["none"],
         engine="engine", engine_version="e-4.1")  # fmt: skip
    _set(found, "ddt_gate", stage="deployment")
    _set(found, "rulepack", next_review_date="2026-12-01")
    _set(found, "image_sources", sources=[{"source": "custody", "legal_basis": "pace", "scraped": False}])
    _set(found, "national_law", adopted_on="2025-12-01", notified_on="2025-12-31",
         limits={"hours": 6, "area_square_metres": 500, "persons": 1})  # fmt: skip
    _set(found, "eu_registration", registered_at=early)
    _set(
        found,
        "training",
        digest=digest("syllabus"),
        topics=["bias", "error-rates", "automation-bias", "accountability"],
    )
    _set(found, "proposal", use_case="hotspot", covert_authority=False, eu_objective="iii", reference="APP-1",
         eu_offence={"annex_ii": True, "maximum_years": 4}, policy=digest("policy"))  # fmt: skip
    _set(found, "location", criterion="hotspot",
         hotspot={"metric": "robberies", "value": "12", "percentile": "75", "diameter_metres": 500,
                  "period_start": "2025-01-01", "period_end": "2025-12-31"})  # fmt: skip
    _set(found, "assessment", rights=["article-8", "article-10", "article-11", "article-14"])
    _set(found, "protest_check", nearby=False)
    _set(found, "site_check", found=1)
    _set(found, "target", persons=1, general_list=False)
    _set(found, "cia", created_at="2026-02-10T09:00:00Z", reviewed_at=["2026-03-01T09:00:00Z"])
    _set(
        found, "authority", application="APP-1", decision="granted", officer_rank="superintendent", form="written",
        signed_at="2026-02-20T09:00:00Z", categories=["wanted"],
        documents=[{"type": kind, "version": "1", "digest": digest(kind)}
        for kind in ("policy", "dpia", "eia", "apd", "test-report")],
    )  # fmt: skip
    del found["authority"][0]["urgent"]
    _set(
        found, "eu_authorisation", decision="granted", requested_at="2026-02-19T09:00:00Z",
        decided_at="2026-02-20T09:00:00Z",
        limits={"hours": 6, "area_square_metres": 500, "persons": 1},
    )  # fmt: skip
    del found["eu_authorisation"][0]["urgency"]
    _set(
        found, "manifest", list="list-1", digest=digest("list"), built_at="2026-02-28T10:00:00Z",
        imported_at="2026-03-01T08:00:00Z", reviewed_at="2026-03-01T07:00:00Z", size=1, carried_over=0,
        before=digest("old"),
        by_category=[{"category": "wanted", "subject_type": "wanted", "count": 1}],
        by_source=[{"source": "custody", "count": 1}], by_image_age=[{"band": "under-5-years", "count": 1}],
        by_response=[{"response": "arrest", "count": 1}], by_age_band=[{"band": "18-29", "count": 1}],
        by_check=[{"check": "status", "done": 1, "oldest": "2026-02-28T10:00:00Z"},
                  {"check": "identity", "done": 1, "oldest": "2026-02-28T10:00:00Z"}],
        children=0, vulnerable=0,
        images={"with_legal_basis": 1, "not_police": 0, "not_police_approved": 0, "unconvicted_reviewed": 0,
                "unconvicted": 0, "below_quality": 0},
    )  # fmt: skip
    _set(found, "list_statement", digest=digest("list"), specific_justifications=0)
    _set(found, "image_audit", sample=10, wrong_person=0, poor_quality=0)
    _set(found, "approval", digest=digest("list"), officer_rank="superintendent", limits=digest("limits"))
    _set(
        found, "limits", digest=digest("limits"), list_digest=digest("list"), engine="engine", engine_version="e-4.1",
        threshold_minimum="0.64", stop_rule=[{"when": when, "action": "suspend"} for when in
                                             ("ceiling-exceeded", "staffing-below-minimum", "disorder", "fault")],
    )  # fmt: skip
    _set(
        found,
        "notice",
        published_at="2026-02-26T09:00:00Z",
        place="A square",
        area="A1",
        unit="van-1",
        windows=WINDOWS,
        zone=ZONE,
        cameras=CAMERAS,
        criterion="hotspot",
    )
    del found["notice"][0]["corrects"]
    _set(found, "signage", approaches=["north", "south"], signs=[
        {"id": "s1", "x": -15, "y": 5, "approach": "north", "placed_at": "2026-03-01T09:30:00Z"},
        {"id": "s2", "x": 35, "y": 5, "approach": "south", "placed_at": "2026-03-01T09:30:00Z"},
    ])  # fmt: skip
    _set(found, "leaflet", holds=["what-lfr-is", "why-stopped", "complaint-route"])
    _set(
        found,
        "roster",
        syllabus=digest("syllabus"),
        trained=4,
        training_lasts_until="2026-03-01",
        roles=[{"role": role, "count": 1} for role in ("operator", "commander")]
        + [{"role": "engagement-officer", "count": 2}],
    )
    _set(found, "briefing", briefed_at="2026-03-01T09:00:00Z", attendees=4,
         topics=RAW["briefing"]["properties"]["topics"]["items"]["enum"])  # fmt: skip
    _set(found, "oversight", stop_tested_at="2026-03-01T09:00:00Z")
    _set(
        found, "precheck", checked_at="2026-03-01T09:30:00Z", cameras=1, cameras_working=1,
        clock_offset_milliseconds=40,
        threshold="0.64", loaded_digest=digest("list"), loaded_count=1, known_passes=5, known_alerts=5,
    )  # fmt: skip
    _set(found, "statement", default_routes=0)
    _set(found, "staffing", since=START, operators=1, engagement_officers=2, explaining=1)
    _set(found, "opened", opened_at=START, limits=digest("limits"), list_digest=digest("list"), engine="engine",
         engine_version="e-4.1", threshold="0.64", cameras=1)  # fmt: skip
    del found["opened"][0]["place"]
    found["hour"] = [
        {"hour": f"2026-03-01T{hour}Z", "faces": 5000, "alerts": alerts, "templates_created": 5000,
         "templates_deleted": 5000 - alerts, "system_alerts": alerts, "operators_minimum": 1,
         "engagement_officers_minimum": 2}
        for hour, alerts in ((10, 2), (11, 1), (12, 0), (13, 0))
    ]  # fmt: skip
    _set(
        found, "event_log", period_start=START, period_end=END, list_digest=digest("list"), kept_until="2026-09-01",
        with_actor=2, events=[{"type": kind, "count": 1} for kind in
                              ("collection", "alteration", "consultation", "disclosure", "combination", "erasure")],
    )  # fmt: skip
    _set(found, "cancellation", closed_at=END, faces=20_000, alerts=3, engagements=2, incidents=0)
    _set(found, "disclosures", count=1, exports=1)
    _set(
        found, "reconciliation", faces=20_000, alerts=3, system_alerts=3, adjudicated=3, engagements=2, loaded=1,
        deleted=1,
        differences=[],
    )  # fmt: skip
    found["deletion"] = [
        {"class": kind, "count": 1, "deleted_at": "2026-03-02T14:00:00Z", "method": "secure-delete",
         "list_digest": digest("list"), "manifest": digest(kind), "witnessed": True, "remaining": 0}
        for kind in ("watchlist", "templates", "transfer-media", "alert", "results")
    ] + [{"class": "cctv", "count": 1, "deleted_at": "2026-04-01T14:00:00Z", "method": "secure-delete",
          "list_digest": digest("list"), "manifest": digest("cctv"), "witnessed": True, "remaining": 0}]  # fmt: skip
    _set(found, "lookup_test", lookups=3, found_as_expected=3, references_kept=1)
    _set(found, "post_search", count=1, authorised_in_time=1)
    _set(
        found, "statistics", faces=20_000, alerts=3, true=2, confirmed_true=0, false=0, confirmed_false=1, unresolved=0,
        known_passes=5, known_alerts=5,
    )  # fmt: skip
    _set(found, "deployment_review", made_at="2026-03-20T09:00:00Z", breaches=0, rights_requests=0)
    _set(
        found, "results", published_at="2026-03-06T14:00:00Z", list_size=1, faces=20_000, alerts=3, true=2,
        confirmed_true=0, false=0, confirmed_false=1, unresolved=0, false_per_face="0.00005", false_per_alert="0.333",
    )  # fmt: skip
    _set(found, "retrieval_test", files_asked=4, files_found=4)
    _set(found, "annual_report", period_start="2025-04-01", period_end="2026-03-31",
        published_at="2026-04-01T09:00:00Z", groups=[
        {"characteristic": name, "group": "g", "true": 1, "false": 0, "engagements": 1, "arrests": 0}
        for name in ("ethnicity", "sex", "age-band")
    ])  # fmt: skip
    found["eu_notification"] = [
        {**found["eu_notification"][0], "kind": kind} for kind in ("market-surveillance", "data-protection")
    ]
    _set(found, "eu_annual_return", requests=2, granted=1, refused=1)
    found["attestation"], found["judgement"] = [], []
    return found


def alert(
    number: int, hour: int, *, engaged: bool = True, outcome: str = "confirmed-true", **changed: Any
) -> dict[str, Any]:
    """One alert, seen by operator and engagement officer before anybody was engaged."""
    at = f"2026-03-01T{hour}:{number:02d}"
    seen = {"decision": "engage" if engaged else "reject", "seconds": 12, "subject_factors": ["scar"],
            "system_factors": ["score"], "environment_factors": ["light"], "seen_other": False}  # fmt: skip
    made_alert: dict[str, Any] = {
        "ordinal": number, "at": f"{at}:00Z", "camera": "c1", "score": "0.7", "threshold": "0.64", "entry": 0,
        "outcome": outcome,
        "adjudications": [
            {**seen, "person": "p1", "role": "operator", "decided_at": f"{at}:10Z"},
            {**seen, "person": "p2", "role": "engagement-officer", "decided_at": f"{at}:20Z"},
        ],
        "rechecked_at": f"{at}:15Z",
        "demographics": {"ethnicity": "white", "sex": "male", "age_band": "18-29", "source": "perceived"},
    }  # fmt: skip
    if engaged:
        made_alert["engagement"] = {
            "started_at": f"{at}:40Z", "person": "p2", "identity_method": "name-and-document", "result": "same-person",
            "leaflet": True, "reason": "alert", "released_at": f"{at}:50Z", "explanation_given": True,
            "complaint_information": True, "result_action": "released-no-action",
        }  # fmt: skip
    return made_alert | changed


def sealed() -> Sealed:
    """What lies sealed and is open to the reader of this record."""
    reasons = RAW["authority"]["x-sealed"]["reasons"]["content"]
    place = {"name": "A square", "area": "A1", "windows": WINDOWS, "zone": ZONE, "cameras": CAMERAS, "unit": "van-1"}
    roles = (
        ("p1", ["operator"]),
        ("p2", ["engagement-officer"]),
        ("p3", ["engagement-officer"]),
        ("p4", ["commander"]),
    )
    return {
        ("authority", "place"): [[place]],
        ("authority", "reasons"): [[{name: distinct(f"own {name}") for name in reasons["properties"]}]],
        ("assessment", "reasons"): [[{name: distinct(name) for name in
                                      RAW["assessment"]["x-sealed"]["reasons"]["content"]["properties"]}]],
        ("roster", "persons"): [[{"person": person, "roles": held, "certificate": "C-1", "syllabus": digest("syllabus"),
                                  "expires": "2026-03-01"} for person, held in roles]],
        ("hour", "alerts"): [
            [alert(1, 10), alert(2, 10, engaged=False, outcome="unresolved")],
            [alert(3, 11, outcome="confirmed-false")], [], [],
        ],
        ("site_check", "sites"): [[{"type": "school", "distance_metres": 90, "mitigation": distinct("school")}]],
        ("reconciliation", "outcomes"): [[{"true": 2, "confirmed_true": 0, "false": 0, "confirmed_false": 1,
        "unresolved": 0}]],
        ("post_search", "searches"): [[{"offence": "OFF-1", "authorised_at": "2026-03-05T09:00:00Z",
                                        "searched_at": "2026-03-03T09:00:00Z", "file": "F-1"}]],
        ("cancellation", "summary"): [[{"summary": distinct("summary")}]],
    }  # fmt: skip


def distinct(name: str) -> str:
    """A text on ``name`` of some length, in words no other name has."""
    words = [digest(f"{name}{number}")[:7].translate(str.maketrans("0123456789", "ghijklmnop")) for number in range(30)]
    return f"On {name} it was weighed that {' '.join(words)}."


Change = Callable[[Facts, Sealed], None]


def view(
    *changes: Change,
    supplied_by: str = "force",
    role: str = "",
    without: Iterable[str] = (),
    only_public: bool = False,
    base: Facts | None = None,
) -> View:
    """A view of the record with changes made; every statement supplied by the same, where its schema lets it be."""
    stated, opened = copy.deepcopy(base) if base is not None else facts(), sealed()
    for change in changes:
        change(stated, opened)
    gone = frozenset(without)
    order = [*(noun for noun in stated if noun not in ORDER), *(noun for noun in ORDER if noun in stated)]
    statements: dict[str, tuple[Statement, ...]] = {}
    index = 0
    for noun in order:
        made_here = []
        for number, one in enumerate(stated[noun]):
            index += 1
            if noun in gone:
                continue
            schema = SCHEMA[noun]
            facts_here = {key: value for key, value in one.items() if not key.startswith("_")}
            contents = {
                label: dict(enumerate(opened[noun, label][number]))
                for label in schema.sealed if (noun, label) in opened and number < len(opened[noun, label])
            }  # fmt: skip
            by = str(one.get("_by", supplied_by))
            made_here.append(Statement(
                noun, int(one.get("_entry", index)), SUBJECT, str(one.get("_at", "2026-02-01T00:00:00Z")),
                str(one.get("_role", role or sorted(schema.roles)[-1])),
                "0" * 64, by, False, tuple(sorted(schema.sealed)), facts_here, {} if only_public else contents,
            ))  # fmt: skip
        statements[noun] = tuple(made_here)
    return View(SUBJECT, statements)
