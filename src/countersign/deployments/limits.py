"""That what goes live is what was approved: the list, the declared limits, the notice, the opening.

The approval names manifest and limits by digest; the list's builder does not approve it. What was promised under seal
(place and windows) is compared with the notice by ``register``, where it can be opened. The declared limits are a
signed statement, made before, of what a deployment may do: place, windows, cameras, list, engine, threshold, ceilings,
stop rule, and a nonce, so that their digest (SHA-256 of the canonical JSON) does not give the place away. They license
nothing and drive no engine.

>>> digest_of({"v": 1})[:16]
'afbf9d0f3560b0fd'
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from countersign.deployments.clock import hours_later
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.lifecycle import Phase
from countersign.deployments.place import Zone, check_place, spans
from countersign.deployments.refusals import (
    LimitsExceeded,
    ListNotAllowed,
    NotTheSame,
    OutsideWindow,
    RolesConflict,
    WindowsOverlap,
)
from countersign.deployments.state import Deployment, Policy, Programme, Span
from countersign.deployments.watchlist import TOTALS
from countersign.record.entries import canonical
from countersign.record.entries.canonical import Value
from countersign.words.lists import listing

KIND = "authorise.limits"
LABEL = "document"
Facts = Mapping[str, Any]
#: The parts of a place, as it is sealed; a notice has the first under the name ``place``.
PLACE = ("name", "area", "windows", "zone", "cameras", "unit")
#: What one notice can say otherwise than the last.
FIELDS = ("place", *PLACE[1:], "channels", "url", "criterion", "purpose", "languages")
_PUBLIC = ("list", "list_digest", "list_size", "engine", "engine_version", "threshold_minimum", "ceilings", "stop_rule")


def digest_of(document: Value) -> str:
    """The digest of a limits document."""
    return sha256(canonical.render(document)).hexdigest()


def limits_document(deployment: str, nonce: bytes, place: Value, terms: Mapping[str, Value]) -> dict[str, Value]:
    """The document of a deployment (``force/deployment``) from a fresh 32-byte nonce, place and terms.

    ``terms`` are the public fields of ``authorise.limits`` without its digest. Raises ``FactsMalformed``,
    ``LeakRefused``, ``ZoneCrosses``, ``OutsideWindow`` or ``WindowsOverlap``.
    """
    document: dict[str, Value] = {"v": 1, "deployment": deployment, "nonce": nonce.hex(), "place": place, **terms}
    check_document(document)
    return document


def check_document(document: Mapping[str, Any]) -> None:
    """Hold a document to its form, its zone and its windows. Raises as ``limits_document``."""
    SCHEMAS.latest(KIND).sealed[LABEL].check(dict(document), f"{KIND}: the document")
    Zone.of(document["place"]["zone"])
    spans(document["place"]["windows"], KIND)


def public_facts(document: Mapping[str, Any]) -> dict[str, Value]:
    """What of a document stands in the entry: its digest and all but place and nonce."""
    return {"digest": digest_of(dict(document)), **{name: document[name] for name in _PUBLIC}}


def differing(place: Mapping[str, Any], public: Mapping[str, Any]) -> str:
    """The parts in which a place made public differs from one under seal, in words; nothing where it is the same."""
    named = {**public, "name": public["place"]}
    return listing(["place" if name == "name" else name for name in PLACE if named[name] != place[name]])


def check_notice_against(document: Mapping[str, Any], public: Mapping[str, Any], kind: str) -> None:
    """Hold a notice (or an opening's place) to the place that was declared under seal. Raises ``NotTheSame`` with the
    parts that differ, not with what lies under the seal.
    """
    if parts := differing(document["place"], public):
        raise NotTheSame(f"{kind}: differs in {parts} from the place that was proposed or authorised under seal")


def corrected(before: Facts, notice: Facts) -> list[str]:
    """The fields in which a notice differs from the one that it takes the place of, but for when it was published."""
    return [name for name in FIELDS if before.get(name) != notice.get(name)]


def check_correction(standing: tuple[int, Facts], notice: Facts) -> None:
    """Hold a notice to say which notice it corrects, and in what. Raises ``NotTheSame``."""
    entry, before = standing
    fields, said = corrected(before, notice), notice.get("corrects")
    if said is None and fields:
        raise NotTheSame(
            f"open.notice: differs from the notice of entry {entry} in {listing(fields)} without saying so "
            f"(corrects = {{ entry = {entry}, fields = {json.dumps(fields)} }})"
        )
    if said is not None and (said["entry"], sorted(said["fields"])) != (entry, sorted(fields)):
        differs = listing(fields) or "nothing"
        raise NotTheSame(f"open.notice: the notice that stands is entry {entry}, and this one differs in {differs}")


def check_manifest(programme: Programme, deployment: Deployment, key: str, at: str, facts: Facts) -> None:
    """Hold a manifest to authority and policy. Raises ``ListNotAllowed`` or ``RolesConflict``."""
    authority, policy = deployment.authority, programme.policy_of(deployment)
    size = facts["size"]
    for name in TOTALS:
        if (total := sum(part["count"] for part in facts[name])) != size:
            raise ListNotAllowed(f"authorise.manifest: the totals of {name} come to {total}, the list has {size}")
    if not facts["built_at"] <= at or facts["expires_at"] <= facts["built_at"]:
        raise ListNotAllowed(
            f"authorise.manifest: a list is built ({facts['built_at']}) before it is listed ({at}), and expires "
            f"({facts['expires_at']}) after it is built"
        )
    if programme.lists.get(facts["list"], deployment.subject) != deployment.subject:
        other = programme.lists[facts["list"]]
        raise ListNotAllowed(
            f"authorise.manifest: the list {facts['list']} belongs to {other}; each deployment has its own "
            "(uk.wl.bespoke)"
        )
    used = {category["category"] for category in facts["by_category"] if category["count"]}
    allowed = _categories(deployment, policy)
    if allowed is not None and not used <= allowed:
        extra, by = ", ".join(sorted(used - allowed)), "authority" if authority and authority.categories else "policy"
        raise ListNotAllowed(
            f"authorise.manifest: {extra} is no category that the {by} allows, which are {', '.join(sorted(allowed))} "
            "(uk.wl.category)"
        )
    most = authority.list_maximum if authority else None
    limit = policy.parameters.get("list-maximum") if policy else None
    if most is not None and size > most:
        raise ListNotAllowed(f"authorise.manifest: the list has {size} entries, the authority allows {most}")
    if limit is not None and size > limit.number:
        raise ListNotAllowed(
            f"authorise.manifest: the list has {size} entries, more than {limit.value} ({limit.clause})"
        )
    if authority is not None and key == authority.key:
        raise RolesConflict(
            "authorise.manifest: the authorising officer approves the list and may not build it (uk.wl.ao-approval)"
        )


def check_approval(deployment: Deployment, key: str, at: str, facts: Facts) -> None:
    """Hold an approval to the list that stands. Raises ``NotTheSame``, ``RolesConflict`` or ``ListNotAllowed``."""
    listed = deployment.listed
    if listed is None or facts["manifest"] != listed.entry or facts["digest"] != listed.digest:
        stands = "no list is on the record" if listed is None else f"the list that stands is entry {listed.entry}"
        raise NotTheSame(
            f"authorise.approval: names the manifest of entry {facts['manifest']} or its digest, and {stands}"
        )
    if key == listed.key or key in deployment.authors:
        raise RolesConflict(
            "authorise.approval: the person who built the list or wrote the proposal may not approve it "
            "(uk.wl.ao-approval)"
        )
    if at >= listed.expires_at:
        raise ListNotAllowed(f"authorise.approval: the list expired at {listed.expires_at}")


def check_limits(programme: Programme, deployment: Deployment, key: str, facts: Facts) -> None:
    """Hold declared limits to approval, authority and policy. Raises ``NotTheSame`` or ``LimitsExceeded``."""
    listed, authority, policy = deployment.listed, deployment.authority, programme.policy_of(deployment)
    if listed is None or listed.approved != listed.digest or deployment.limits_approved != facts["digest"]:
        raise NotTheSame("authorise.limits: are not those that the approval of the list names by digest")
    if (facts["list"], facts["list_digest"], facts["list_size"]) != (listed.name, listed.digest, listed.size):
        raise NotTheSame(f"authorise.limits: name another list than {listed.name}, the one approved")
    if deployment.approver != key:
        raise RolesConflict("authorise.limits: are signed by the officer who approved the list, and by nobody else")
    floor = Decimal(facts["threshold_minimum"])
    tested = policy.thresholds.get(facts["engine_version"]) if policy else None
    if tested is not None and floor < Decimal(tested):
        raise LimitsExceeded(
            f"authorise.limits: a threshold of {floor} is below {tested}, the floor of the policy for "
            f"{facts['engine_version']}"
        )
    if authority is not None and authority.threshold_minimum and floor < Decimal(authority.threshold_minimum):
        raise LimitsExceeded(
            f"authorise.limits: a threshold of {floor} is below the authority's {authority.threshold_minimum}"
        )
    ceiling = policy.parameters.get("false-alert-ceiling") if policy else None
    for limit in facts["ceilings"]:
        if limit["measure"] == "false-alerts-per-face" and ceiling and Decimal(limit["at_most"]) > ceiling.number:
            raise LimitsExceeded(
                f"authorise.limits: a ceiling of {limit['at_most']} false alerts a face is above {ceiling.value} "
                f"({ceiling.clause})"
            )


def check_change(deployment: Deployment, key: str, facts: Facts) -> None:
    """Hold a change of the list to the one approved. Raises ``NotTheSame`` or ``RolesConflict``."""
    listed = deployment.listed
    if listed is None or facts["before"] != listed.approved:
        raise NotTheSame(
            "authorise.list-change: starts from a list that is not the one approved last (uk.wl.ao-approval)"
        )
    if key == listed.key:
        raise RolesConflict(
            "authorise.list-change: the person who built the list may not approve a change of it (uk.wl.ao-approval)"
        )


def _categories(deployment: Deployment, policy: Policy | None) -> frozenset[str] | None:
    if deployment.authority is not None and deployment.authority.categories:
        return deployment.authority.categories
    return policy.categories if policy is not None else None


def check_notice(programme: Programme, deployment: Deployment, facts: Facts, kind: str = "open.notice") -> None:
    """Hold what becomes public to form and policy, and its unit to one deployment at a time. Raises as ``check_place``.
    Only here: until then the unit may still be given to another.
    """
    windows, unit = check_place(programme, deployment, facts, kind), facts["unit"]
    for other in programme.deployments.values():
        if other.unit != unit or other.phase is Phase.ARCHIVED or other.subject == deployment.subject:
            continue
        for window in windows:
            for taken in other.windows:
                if (
                    window.start < taken.end
                    and taken.start < window.end
                    and (other.ended_at or taken.end) > window.start
                ):
                    raise WindowsOverlap(f"{kind}: {unit} is with {other.subject} from {taken.start}")


def check_opening(programme: Programme, deployment: Deployment, at: str, facts: Facts) -> None:
    """Hold an opening to what was approved. Raises the error of the rule it breaks."""
    listed, limits, authority = deployment.listed, deployment.limits, deployment.authority
    if limits is None or facts["limits"] != limits.digest:
        raise NotTheSame("live.opened: names other limits than those declared with the approval (uk.auth.scope-bound)")
    if listed is None or facts["list_digest"] != listed.approved:
        raise NotTheSame("live.opened: the list loaded is not the one that was approved (uk.wl.ao-approval)")
    if facts["engine_version"] != limits.engine_version:
        raise NotTheSame(
            f"live.opened: the engine is of version {facts['engine_version']}, and the limits say "
            f"{limits.engine_version}"
        )
    _check_threshold(deployment, Decimal(facts["threshold"]), "live.opened")
    if at >= listed.expires_at:
        raise ListNotAllowed(f"live.opened: the list expired at {listed.expires_at}")
    policy = programme.policy_of(deployment)
    age = policy.parameters.get("list-age-hours") if policy else None
    if age is not None and at > hours_later(listed.built_at, float(age.number)):
        raise ListNotAllowed(f"live.opened: the list is older than {age.value} hours ({age.clause})")
    if authority is None or authority.ended:
        raise NotTheSame(
            "live.opened: the authority was ended by its review; one that extends it must be signed first "
            "(uk.auth.urgent)"
        )
    windows = deployment.windows
    if deployment.exempt and not windows:
        place = facts.get("place")
        if place is None:
            raise OutsideWindow(
                "live.opened: without a notice, place and window stand in the opening (uk.open.advance-notice)"
            )
        check_notice(programme, deployment, place, "live.opened")
        windows = spans(place["windows"], "live.opened")
    _check_window(windows, at, "live.opened")


def check_resumption(deployment: Deployment, at: str, threshold: Decimal) -> None:
    """Hold going on after a stop to window, limits and authority. Raises the error of the rule it breaks."""
    if deployment.authority is None or deployment.authority.ended:
        raise NotTheSame(
            "live.resumed: the authority was ended by its review; one that extends it must be signed first "
            "(uk.auth.urgent)"
        )
    _check_threshold(deployment, threshold, "live.resumed")
    _check_window(deployment.windows, at, "live.resumed")


def _check_window(windows: tuple[Span, ...], at: str, kind: str) -> None:
    if not any(one.start <= at < one.end for one in windows):
        last = windows[-1].end if windows else "none"
        raise OutsideWindow(
            f"{kind}: {at} is in no window of this deployment (the last ends: {last}; uk.auth.scope-bound)"
        )


def _check_threshold(deployment: Deployment, threshold: Decimal, kind: str) -> None:
    limits = deployment.limits
    if limits is not None and threshold < Decimal(limits.threshold_minimum):
        raise LimitsExceeded(
            f"{kind}: a threshold of {threshold} is below {limits.threshold_minimum}, which the limits declare"
        )
