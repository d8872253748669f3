"""Writes the two invented cases under ``src/countersign/data/cases``: one done well, one in which each duty fails.

Both come from the made-up record that the rulebook's own tests use (``tests/rulebook/good.py``, ``cases.py``), so that
the shipped cases and the tests of the checks cannot drift apart. Run ``python -m tools.invented_cases`` after a change.
"""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.rulebook import good
from tests.rulebook.cases import CASES, CONTRADICTED

from countersign.deployments import limits
from countersign.deployments.kinds import NOUNS
from countersign.reviews.deployment.assemble import review_case
from countersign.reviews.deployment.cases import Case, CaseMalformed, build, parse_case
from countersign.reviews.options import PROFILE
from countersign.rulebook.catalogue import DUTIES, Duty, duties_for

FOLDER = Path(__file__).resolve().parents[1] / "src" / "countersign" / "data" / "cases"
FORCE, DEPLOYMENT = "invented-force", "2026-03-01-a-square"
SUBJECT = f"{FORCE}/{DEPLOYMENT}"
CLOSED, AS_AT = "2026-03-01T14:00:00Z", "2026-04-30"
#: When each step is taken; programme documents stand before all of them.
TIMES = {
    "proposal": "2026-02-10T09:00:00Z",
    "location": "2026-02-10T10:00:00Z",
    "assessment": "2026-02-12T09:00:00Z",
    "cia": "2026-02-13T09:00:00Z",
    "authority": "2026-02-20T09:00:00Z",
    "notice": "2026-02-26T09:00:00Z",
    "archived": "2026-04-10T09:00:00Z",
}
#: When a statement on a duty of each phase is signed: before the gate at which it is asked for.
SIGNED = {
    "programme": "2026-02-01T09:00:00Z",
    "plan": "2026-02-14T09:00:00Z",
    "authorise": "2026-03-01T07:30:00Z",
    "brief": "2026-03-01T09:40:00Z",
    "open": "2026-03-01T09:40:00Z",
    "live": "2026-03-01T15:00:00Z",
}
#: Statements and judgements of later phases.
SIGNED_LAST = "2026-04-02T09:00:00Z"
#: A reviewer judges what a deployment did before its results are published.
JUDGED = "2026-03-05T09:00:00Z"
#: Taken where their own moment falls.
_ANYTIME = ("staffing", "attestation", "judgement")
#: The order of steps that the rules of a log ask for, beyond the one the tests of the checks need.
_AFTER = {
    "proposal": ("location_history", "protest_check", "site_check", "target"),
    "manifest": ("image_audit",),
    "opened": ("staffing",),
}
ORDER = (*(noun for one in good.ORDER if one not in _ANYTIME for noun in (one, *_AFTER.get(one, ()))), "archived")
#: In which role a noun is signed, where the schema takes several.
ROLES = {
    "authority": "authorising-officer",
    "approval": "authorising-officer",
    "limits": "authorising-officer",
    "judgement": "reviewer",
    "proposal": "applicant",
    "assessment": "assessor",
}
#: Not from the force: the engine's own export, the tester, the reviewer.
SUPPLIED = {
    "hour": "engine",
    "precheck": "engine",
    "event_log": "engine",
    "reconciliation": "engine",
    "statistics": "engine",
    "system_config": "engine",
    "opened": "engine",
    "test_report": "outside",
    "bias_evidence": "outside",
    "independent_review": "outside",
    "judgement": "outside",
    "finding": "outside",
    "ethics_review": "outside",
    "observer_signs": "observer",
    "observer_count": "observer",
}
#: Fields that hold the place of another entry: in which nouns, and of what.
REFERS = {"manifest": (("approval",), "manifest"), "authority": (("written", "urgent_review"), "authority")}
OBSERVED: dict[str, list[dict[str, Any]]] = {
    "observer_signs": [
        {"seen_at": "2026-03-01T10:05:00Z", "signs": 2, "approaches": 2, "approaches_without": 0, "legible": True}
    ],
    "observer_count": [
        {"what": "faces", "hour": "2026-03-01T10Z", "minutes": 30, "count": 2410, "method": "clicker"},
        {"what": "stops", "hour": "2026-03-01T10Z", "minutes": 60, "count": 1, "method": "tally"},
    ],
}


def statements() -> tuple[good.Facts, good.Sealed]:
    """The made-up record's facts and sealed contents, with what a signed log needs beside."""
    facts, sealed = good.facts(), good.sealed()
    place: dict[str, Any] = {
        "name": "A square",
        "area": "A1",
        "windows": good.WINDOWS,
        "zone": good.ZONE,
        "cameras": good.CAMERAS,
        "unit": "van-1",
    }
    sealed.setdefault(("proposal", "place"), [[place]])
    for noun, found in facts.items():
        for label, rule in good.SCHEMA[noun].sealed.items():
            if rule.required and (noun, label) not in sealed:
                content = good.made(good.RAW[noun]["x-sealed"][label]["content"], label)
                sealed[noun, label] = [[content] for _ in found]
    # The manifest counts no child, so no entry is marked as one.
    for [entry] in sealed["manifest", "entries"]:
        entry["child"] = False
    manifest = facts["manifest"][0]
    facts["limits"][0] |= {"list": manifest["list"], "list_digest": manifest["digest"], "list_size": manifest["size"]}
    ceiling = {"measure": "false-alerts-per-face", "at_most": "0.001", "clause": "9.1"}
    facts["limits"][0]["ceilings"] = [ceiling]
    terms = {name: value for name, value in facts["limits"][0].items() if name not in ("digest", "late")}
    document = limits.limits_document(SUBJECT, bytes(range(32)), place, terms)
    declared = limits.digest_of(document)
    sealed["limits", "document"] = [[document]]
    facts["limits"][0]["digest"] = facts["opened"][0]["limits"] = facts["approval"][0]["limits"] = declared
    for noun, made in OBSERVED.items():
        facts[noun] = copy.deepcopy(made)
    facts["authority"][0].pop("extends", None)
    facts["authority"][0] |= {"threshold_minimum": "0.62", "conditions": [], "deviations": []}
    facts["manifest"][0]["expires_at"] = "2026-03-01T20:00:00Z"
    for found in facts.values():
        for one in found:
            one.pop("late", None)
    facts["attestation"], facts["judgement"] = [], []
    sealed["attestation", "answers"] = []
    for duty in DUTIES.values():
        if duty.kind == "attested" and not duty.text_in:
            texts = [{"question": one.id, "text": good.distinct(f"{duty.id} {one.id}")} for one in duty.questions]
            facts["attestation"].append(
                {
                    "duty": duty.id,
                    "_role": duty.role,
                    "answers": [
                        {
                            "question": one["question"],
                            "digest": good.digest(one["text"]),
                            "characters": len(one["text"]),
                        }
                        for one in texts
                    ],
                }
            )
            sealed["attestation", "answers"].append([{"answers": texts}])
        if duty.kind == "judged":
            bound = sorted(
                {
                    one[field]
                    for path in duty.binds
                    for noun, _, field in [path.partition(".")]
                    for one in facts.get(noun, ())
                    if field in one
                }
            )
            if bound:
                facts["judgement"].append(
                    {
                        "duty": duty.id,
                        "result": "met",
                        "documents": bound,
                        "carries_over": True,
                        "independent_of": ["operational-team", "force", "supplier"],
                    }
                )
    return facts, sealed


def entries(facts: good.Facts, sealed: good.Sealed) -> list[dict[str, Any]]:
    """The case's entries in the log's order, each with a name of its own."""
    order = [*(noun for noun in facts if noun not in ORDER), *(noun for noun in ORDER if noun in facts)]
    found, clock = [], "2026-02-01T09:00:00Z"
    for noun in order:
        kind = NOUNS[noun]
        for number, one in enumerate(facts[noun], 1):
            own = _moment(noun, one)
            at = own
            if noun in ORDER:
                at = max(clock, own)
                # Video is deleted a month later; what follows in the order need not wait for it.
                clock = clock if noun == "deletion" else at
            schema = good.SCHEMA[noun]
            role = str(one.get("_role", ROLES.get(noun) or sorted(schema.roles - {"compiler"})[0]))
            supplied = SUPPLIED.get(noun, "force")
            if supplied not in schema.suppliers:
                supplied = "force" if "force" in schema.suppliers else sorted(schema.suppliers)[0]
            made: dict[str, Any] = {
                "name": f"{noun}-{number}",
                "kind": kind,
                "at": at,
                "source": "invented",
                "role": role,
                "supplied_by": supplied,
                "facts": {key: value for key, value in one.items() if not key.startswith("_")},
            }
            for field, (among, other) in REFERS.items():
                if noun in among:
                    made["facts"][field] = {"entry": f"{other}-1"}
            contents = {
                label: (values[number - 1] if rule.is_set else values[number - 1][0])
                for label, rule in schema.sealed.items()
                if (values := sealed.get((noun, label))) is not None and number <= len(values) and values[number - 1]
            }
            if contents:
                made["sealed"] = contents
            found.append(made)
    return sorted(found, key=lambda one: str(one["at"]))


def _moment(noun: str, facts: dict[str, Any]) -> str:
    if noun in TIMES:
        return TIMES[noun]
    if noun == "attestation":
        return SIGNED.get(DUTIES[facts["duty"]].phase, SIGNED_LAST)
    if noun == "judgement":
        return JUDGED if DUTIES[facts["duty"]].scope == "deployment" else SIGNED["programme"]
    later = {"expires_at", "kept_until", "retained_until", "ends_at"}
    times = [
        value
        for key, value in facts.items()
        if isinstance(value, str)
        and len(value) == 20
        and value.endswith("Z")
        and value[:2] == "20"
        and key not in later
    ]
    if noun == "hour":
        return f"{facts['hour'][:13]}:59:59Z"
    return max(times, default="2026-02-01T09:00:00Z")


def toml(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{_key(key)} = {toml(one)}" for key, one in value.items() if one is not None) + " }"
            if value
            else "{}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name)


def head(title: str, deployment: str, standard: str, based_on: str = "") -> str:
    """The first lines of a case."""
    return (
        "# Invented; written by tools/invented_cases.py. docs/formats/cases.md describes the form.\n"
        f"title = {json.dumps(title)}\nforce = {json.dumps(FORCE)}\ndeployment = {json.dumps(deployment)}\n"
        f'as_at = "{AS_AT}"\nprofile = "england-and-wales"\ninvented = true\nstandard = {json.dumps(standard)}\n'
        + (f"based_on = {json.dumps(based_on)}\n" if based_on else "")
        + "\n"
        '[[source]]\nid = "invented"\ntitle = "made up for this example"\n'
    )


def written(found: list[dict[str, Any]]) -> str:
    """Entries as TOML."""
    parts = []
    for one in found:
        lines = ["\n[[entry]]", *(f"{key} = {toml(one[key])}" for key in one if key not in ("facts", "sealed"))]
        lines += ["[entry.facts]", *(f"{_key(key)} = {toml(value)}" for key, value in one["facts"].items())]
        for label, content in one.get("sealed", {}).items():
            if isinstance(content, dict):
                lines += [
                    f"[entry.sealed.{_key(label)}]",
                    *(f"{_key(key)} = {toml(value)}" for key, value in content.items()),
                ]
        sets = {label: content for label, content in one.get("sealed", {}).items() if isinstance(content, list)}
        if sets:
            lines += ["[entry.sealed]"] if not any(isinstance(c, dict) for c in one["sealed"].values()) else []
            lines += [f"{_key(label)} = {toml(content)}" for label, content in sets.items()]
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def failures(well: list[dict[str, Any]]) -> str:
    """For each duty, the changes to the case done well by which it fails, as TOML.

    Of the ways to go wrong the first is taken that an entry can hold and that the review finds. Contradictions come
    before what leaves the duty *not shown*: an empty answer, or evidence that is not there.
    """
    base = parse_case((head("", DEPLOYMENT, "") + written(well)).encode())
    return "".join(_failing(duty, base, well) for duty in DUTIES.values())


def _failing(duty: Duty, base: Case, well: list[dict[str, Any]]) -> str:
    profile, as_at = _counted(duty)
    for wrong, outcome in _ways(duty):
        facts, sealed = statements()
        wrong(facts, sealed)
        text = _failure(duty.id, well, entries(facts, sealed), outcome, profile, as_at)
        case = parse_case((head("", DEPLOYMENT, "", "invented-well") + text).encode())
        try:
            review = review_case(build(case.failing(base, duty.id), "", text.encode()))
        except CaseMalformed:
            continue
        if {one.id: one.state for one in review.model.duties}.get(duty.id) == outcome:
            return text
    raise AssertionError(f"no way to fail {duty.id} can be told")


def _counted(duty: Duty) -> tuple[str, str]:
    """A profile and a day in which a duty counts: those of the case where it counts there."""
    for as_at in (AS_AT, "2028-01-31"):
        for profile in ("england-and-wales", "scotland", "northern-ireland", "eu"):
            if duty in duties_for(profile, datetime.date.fromisoformat(as_at)):
                return profile, as_at
    raise AssertionError(f"{duty.id} counts nowhere")


def _ways(duty: Duty) -> Iterator[tuple[good.Change, str]]:
    """Ways to fail a duty, each with the outcome it is to have."""
    if duty.id in CONTRADICTED:
        yield CONTRADICTED[duty.id], "not met"
    if duty.kind == "attested":
        yield _emptied(duty), "not shown"
        return
    if duty.kind == "judged" and duty.id not in CASES:
        yield _judged(duty.id), "not met"
        return
    case = CASES[duty.id]
    yield case.wrong, "not met"
    yield from ((change, outcome) for change, outcome in case.edge if outcome == "not met")
    yield _without(case.gone.split()), "not shown"


def _judged(duty: str) -> good.Change:
    def change(facts: good.Facts, _: good.Sealed) -> None:
        for one in facts["judgement"]:
            if one["duty"] == duty:
                one["result"] = "not-met"

    return change


def _emptied(duty: Duty) -> good.Change:
    """The statement signed, and its answers saying nothing."""
    text = "It is considered necessary and proportionate."

    def change(facts: good.Facts, sealed: good.Sealed) -> None:
        if duty.text_in:
            noun, _, label = duty.text_in.split(".")
            for question in duty.questions:
                sealed[noun, label][0][0][question.id.replace("-", "_")] = text
            return
        [place] = [number for number, one in enumerate(facts["attestation"]) if one["duty"] == duty.id]
        for one in facts["attestation"][place]["answers"]:
            one |= {"digest": good.digest(text), "characters": len(text)}
        for one in sealed["attestation", "answers"][place][0]["answers"]:
            one["text"] = text

    return change


def _without(nouns: list[str]) -> good.Change:
    def change(facts: good.Facts, _: good.Sealed) -> None:
        for noun in nouns:
            facts[noun] = []

    return change


def _failure(
    identifier: str, well: list[dict[str, Any]], after: list[dict[str, Any]], outcome: str, profile: str, as_at: str
) -> str:
    changed = {one["name"]: one for one in after}
    gone = [one["name"] for one in well if one["name"] not in changed]
    other = {"outcome": (outcome, "not met"), "profile": (profile, PROFILE), "as_at": (as_at, AS_AT)}
    lines = [f"\n[[failure]]\nduty = {json.dumps(identifier)}"]
    lines += [f"{key} = {json.dumps(value)}" for key, (value, usual) in other.items() if value != usual]
    lines += [f"remove = {toml(gone)}"] if gone else []
    for one in well:
        now = changed.pop(one["name"], one)
        facts = {key: value for key, value in now["facts"].items() if one["facts"].get(key) != value}
        drop = [key for key in one["facts"] if key not in now["facts"]]
        sealed = {key: value for key, value in now.get("sealed", {}).items() if one.get("sealed", {}).get(key) != value}
        parts = {"facts": facts, "drop": drop, "sealed": sealed}
        if any(parts.values()):
            lines.append(f"[[failure.change]]\nname = {json.dumps(one['name'])}")
            lines += [f"{key} = {toml(value)}" for key, value in parts.items() if value]
    for one in changed.values():
        lines.append("[[failure.add]]")
        lines += [f"{key} = {toml(value)}" for key, value in one.items()]
    return "\n".join(lines) + "\n"


def done_well() -> str:
    """The case done well, as its file has it."""
    standard = "every step as its duty asks, with an engine's log, an observer and outside reviewers"
    return head("An invented deployment, done well", DEPLOYMENT, standard) + written(entries(*statements()))


def failing() -> str:
    """The case in which each duty fails in turn, as its file has it."""
    title = "An invented deployment in which each duty fails in turn"
    standard = "the invented deployment done well, with one thing wrong for each duty"
    return head(title, DEPLOYMENT, standard, "invented-well") + failures(entries(*statements()))


def main() -> None:
    """Write both files."""
    (FOLDER / "invented-well.toml").write_text(done_well(), encoding="utf-8")
    (FOLDER / "invented-failing.toml").write_text(failing(), encoding="utf-8")


if __name__ == "__main__":
    main()
