"""What an entry must keep to beyond its order: separation of roles, the force's own policy, time, outsiders' word.

The same rules serve twice: a command is refused by them before anything is written, and the fold shows an entry that
broke them as an irregularity that moved nothing. They read the public state alone. No figure stands here: every number
comes from the force's policy, with its clause; where a policy is silent, nothing is refused and the rulebook says so.

A *compiler* (someone outside who enters what papers say) is held to none of this: the papers tell what happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from countersign.deployments import clock as clocks
from countersign.deployments.kinds import COMPILER, DEPLOYMENT_GROUPS, FORCE_GROUPS
from countersign.deployments.lifecycle import Step, follow
from countersign.deployments.limits import (
    check_approval,
    check_change,
    check_limits,
    check_manifest,
    check_notice,
    check_opening,
    check_resumption,
)
from countersign.deployments.refusals import (
    CovertRefused,
    FindingsUnanswered,
    MoratoriumStands,
    NotInPolicy,
    NotTheSame,
    PolicyMissing,
    RankTooLow,
    RolesConflict,
    SubjectWrong,
)
from countersign.deployments.state import RANKS, Deployment, Finding, Policy, Programme

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """Who does what about which subject, and for which moment: what an entry has besides its kind and facts."""

    subject: str
    at: str
    role: str
    key: str
    supplied_by: str = "force"


def check(programme: Programme, act: Act, kind: str, facts: Facts) -> None:
    """Hold an entry to order and rules. Raises an error of the family *not allowed* that names the rule."""
    group = kind.partition(".")[0]
    force, slash, _ = act.subject.partition("/")
    if group == "outside":
        raise SubjectWrong(f"{kind}: stands in the log of the body that says it, never in a force's")
    if force != programme.force or (slash and group in FORCE_GROUPS) or (not slash and group in DEPLOYMENT_GROUPS):
        wanted = programme.force if group in FORCE_GROUPS else f"{programme.force}/ and a deployment"
        raise SubjectWrong(f"{kind}: is about {wanted}, not about {act.subject}")
    deployment = programme.deployment(act.subject)
    clocks.advance_clock(deployment.clock if slash else programme.clock, kind, act.at, facts)
    if act.role == COMPILER:
        return
    if slash:
        follow(deployment.phase, deployment.steps, kind, facts)
    rule = _RULES.get(kind)
    if rule is not None:
        rule(programme, deployment, act, facts)


def _propose(programme: Programme, _: Deployment, act: Act, facts: Facts) -> None:
    policy = programme.policies.get(facts["policy"])
    if policy is None:
        raise PolicyMissing(f"plan.proposal: the policy {facts['policy'][:16]}… is not on the record of {act.subject}")
    if facts["use_case"] not in policy.use_cases:
        raise NotInPolicy(
            f"plan.proposal: the use case {facts['use_case']} is none of policy {policy.version}, which has "
            f"{_named(policy.use_cases)}"
        )
    if not facts["overt"] or facts["covert_authority"]:
        raise CovertRefused(
            "plan.proposal: what is not overt, or has a covert authority, is outside this record (uk.plan.overt-only)"
        )


def _locate(programme: Programme, deployment: Deployment, _: Act, facts: Facts) -> None:
    policy = _policy(programme, deployment, "plan.location")
    use = policy.use_cases.get(deployment.use_case or "")
    if use is not None and facts["criterion"] not in use.criteria:
        raise NotInPolicy(
            f"plan.location: the criterion {facts['criterion']} is none of those of the use case "
            f"{deployment.use_case} in policy {policy.version}, which has {_named(use.criteria)} (uk.plan.where-nexus)"
        )


def _assess(_: Programme, deployment: Deployment, act: Act, __: Facts) -> None:
    if deployment.authority is not None and act.key == deployment.authority.key:
        raise RolesConflict(
            "plan.assessment: the person who decided on the proposal may not assess it afterwards (separation of roles)"
        )


def _authorise(programme: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    if act.key in deployment.authors:
        raise RolesConflict(
            "authorise.authority: the person who wrote the proposal or an assessment may not decide on it "
            "(separation of roles)"
        )
    if facts["decision"] == "refused":
        return
    policy = _policy(programme, deployment, "authorise.authority")
    urgent = facts.get("urgent")
    if facts["form"] == "oral" and urgent is None:
        raise NotInPolicy("authorise.authority: only an urgent authority may be oral (uk.auth.urgent)")
    if urgent is not None and urgent["reason"] not in policy.urgent_reasons:
        raise NotInPolicy(
            f"authorise.authority: {urgent['reason']} is no ground of urgency in policy {policy.version}, which has "
            f"{_named(policy.urgent_reasons)} (uk.auth.urgent)"
        )
    _rank(facts, policy, "authorise.authority", urgent=urgent is not None)
    use = policy.use_cases.get(deployment.use_case or "")
    if use is not None and not set(facts["categories"]) <= use.categories:
        extra = ", ".join(sorted(set(facts["categories"]) - use.categories))
        raise NotInPolicy(
            f"authorise.authority: {extra} is no category of the use case {deployment.use_case} in policy "
            f"{policy.version}, which has {_named(use.categories)} (uk.wl.category)"
        )
    standing = deployment.authority
    if "extends" in facts and (standing is None or facts["extends"] != standing.entry):
        stands = "no authority stands" if standing is None else f"the one that stands is entry {standing.entry}"
        raise NotTheSame(f"authorise.authority: extends entry {facts['extends']}, and {stands}")
    check_moratorium(programme, act, "authorise.authority")
    waived = waived_duties(deployment, "authorise", act.at)
    standing_against = sorted(
        f"{name} (about {one.subject})"
        for name, one in programme.unanswered().items()
        if one.answer_due < act.at[:10] and not {name, one.duty, one.reference} & waived
    )
    if standing_against:
        raise FindingsUnanswered(f"authorise.authority: not answered by their day: {', '.join(standing_against)}")


def _write_down(_: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    standing = deployment.authority
    if standing is None or facts["authority"] != standing.entry or standing.form != "oral":
        raise NotTheSame(f"authorise.written: there is no oral authority in entry {facts['authority']}")
    if act.key != standing.key:
        raise RolesConflict(
            "authorise.written: only the officer who gave the oral authority writes it down (uk.auth.urgent)"
        )


def _review_urgent(programme: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    standing = deployment.authority
    if standing is None or facts["authority"] != standing.entry or standing.urgent_since is None:
        raise NotTheSame(f"authorise.urgent-review: there is no urgent authority in entry {facts['authority']}")
    if act.key == standing.key:
        raise RolesConflict(
            "authorise.urgent-review: the person who gave the authority may not review it (uk.auth.urgent)"
        )
    _rank(facts, _policy(programme, deployment, "authorise.urgent-review"), "authorise.urgent-review")


def _override(programme: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    policy = _policy(programme, deployment, "authorise.override")
    _rank(facts, policy, "authorise.override")
    if facts["expires_at"] <= act.at:
        raise NotInPolicy(
            f"authorise.override: runs out at {facts['expires_at']}, before it is made ({act.at}); each runs out "
            "after that, within the hours that the policy sets"
        )
    limit = policy.parameters.get("override-hours-maximum")
    if limit is not None and facts["expires_at"] > clocks.hours_later(act.at, float(limit.number)):
        raise NotInPolicy(f"authorise.override: lasts longer than {limit.value} hours ({limit.clause})")


def _exempt(programme: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    if act.key in deployment.authors:
        raise RolesConflict(
            "open.notice-exemption: the person who proposed the deployment may not exempt it from notice "
            "(separation of roles)"
        )
    _rank(facts, _policy(programme, deployment, "open.notice-exemption"), "open.notice-exemption")


def _find(programme: Programme, _: Deployment, __: Act, facts: Facts) -> None:
    if facts["finding"] in programme.findings:
        raise NotTheSame(f"review.finding: there is a finding {facts['finding']} already")


#: A finding in the log of an outside body is named by its reference (``state.reference_to``).
OUTSIDE_FINDING = re.compile("[0-9a-f]{15}-[0-9a-f]{15}")


def _answer(programme: Programme, _: Deployment, act: Act, facts: Facts) -> None:
    _reply(programme, act, "review.answer", facts, "waits for an answer", programme.answered)


def _dispute(programme: Programme, _: Deployment, act: Act, facts: Facts) -> None:
    _reply(programme, act, "review.dispute", facts, "is not disputed yet", programme.disputed)


def _reply(programme: Programme, act: Act, kind: str, facts: Facts, waits: str, of_outside: Mapping[str, int]) -> None:
    name = facts["finding"]
    finding = programme.findings.get(name)
    if finding is None and OUTSIDE_FINDING.fullmatch(name) and name not in of_outside:
        # The other log is not at hand to everyone who folds this one.
        finding = programme.found.get(name, Finding(0, "", act.subject, ""))
    elif finding is None or (finding.answered_by if kind == "review.answer" else finding.disputed_by) is not None:
        raise NotTheSame(f"{kind}: {name} is no finding that {waits}")
    _beside(programme, finding, act, kind, facts)


def _beside(programme: Programme, finding: Finding, act: Act, kind: str, facts: Facts) -> None:
    if act.subject not in (finding.subject, programme.force):
        # A reader who finds the finding in a bundle must find the answer there.
        raise SubjectWrong(f"{kind}: {facts['finding']} is about {finding.subject}; answer it there")


def _release(_: Programme, deployment: Deployment, __: Act, facts: Facts) -> None:
    if facts["hold"] not in {hold.entry for hold in deployment.holds}:
        raise NotTheSame(f"delete.hold-released: entry {facts['hold']} is no hold that stands")


def _lift(programme: Programme, _: Deployment, act: Act, facts: Facts) -> None:
    found = [one for one in programme.moratoria if one.entry == facts["moratorium"] and not one.over(act.at)]
    if not found:
        raise NotTheSame(f"programme.moratorium-lifted: entry {facts['moratorium']} is no moratorium that stands")
    if act.key != found[0].key:
        raise RolesConflict(
            "programme.moratorium-lifted: only the key that imposed it may lift it (separation of roles)"
        )


def _archive(_: Programme, deployment: Deployment, __: Act, ___: Facts) -> None:
    missing = {Step.REVIEWED, Step.PUBLISHED} - deployment.steps
    if deployment.opened_at is not None and missing:
        raise NotTheSame(f"publish.archived: not before the deployment is {' and '.join(sorted(missing))}")


def check_moratorium(programme: Programme, act: Act, kind: str) -> None:
    """Refuse while a moratorium stands. Raises ``MoratoriumStands``."""
    for moratorium in programme.standing_moratoria(act.at):
        raise MoratoriumStands(
            f"{kind}: the moratorium of entry {moratorium.entry} has stood since {moratorium.starts_at}"
        )
    for heard in programme.standing_heard(act.at):
        raise MoratoriumStands(
            f"{kind}: the moratorium of {heard.whose}, heard from outside the log, has stood since {heard.starts_at}"
        )


def waived_duties(deployment: Deployment, gate: str, at: str, without: Collection[int] = frozenset()) -> frozenset[str]:
    """The duties (or findings) that unexpired overrides of a gate go ahead against, but for the entries ``without``."""
    names: frozenset[str] = frozenset()
    for override in deployment.overrides:
        if override.gate == gate and at < override.expires_at and override.entry not in without:
            names |= override.duties
    return names


def _policy(programme: Programme, deployment: Deployment, kind: str) -> Policy:
    policy = programme.policy_of(deployment)
    if policy is None:
        raise PolicyMissing(f"{kind}: the force has no policy on the record")
    return policy


def _named(names: Iterable[str]) -> str:
    """The words of a policy, or that it has none."""
    return ", ".join(sorted(names)) or "none"


def _rank(facts: Facts, policy: Policy, kind: str, *, urgent: bool = False) -> None:
    minimum = policy.urgent_minimum_rank if urgent else policy.minimum_rank
    if minimum is not None and RANKS.index(facts["officer_rank"]) < RANKS.index(minimum):
        raise RankTooLow(
            f"{kind}: {facts['officer_rank']} is below {minimum}, which policy {policy.version} asks (uk.auth.rank)"
        )


def _approve(programme: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    check_moratorium(programme, act, "authorise.approval")
    _rank(facts, _policy(programme, deployment, "authorise.approval"), "authorise.approval")
    check_approval(deployment, act.key, act.at, facts)


def _open(programme: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    check_moratorium(programme, act, "live.opened")
    check_opening(programme, deployment, act.at, facts)


def _resume(programme: Programme, deployment: Deployment, act: Act, facts: Facts) -> None:
    check_moratorium(programme, act, "live.resumed")
    check_resumption(deployment, act.at, Decimal(facts["threshold"]))


def _judge(_: Programme, deployment: Deployment, __: Act, facts: Facts) -> None:
    if facts["hour"] in deployment.judged:
        raise NotTheSame(f"live.judgements: the judgements of {facts['hour']} are on the record already, once an hour")
    if facts["engaged_without_two"] > facts["engagements"] or facts["judged_by_two"] > facts["numbered"]:
        raise NotTheSame(
            f"live.judgements: the counts of {facts['hour']} contradict each other: no more alerts are judged by two "
            "than are numbered, and no more people engaged without two than are engaged"
        )


_RULES: Mapping[str, Callable[[Programme, Deployment, Act, Facts], None]] = {
    "plan.proposal": _propose,
    "plan.assessment": _assess,
    "plan.location": _locate,
    "authorise.authority": _authorise,
    "authorise.written": _write_down,
    "authorise.urgent-review": _review_urgent,
    "authorise.override": _override,
    "authorise.manifest": lambda programme, deployment, act, facts: check_manifest(
        programme, deployment, act.key, act.at, facts
    ),
    "authorise.approval": _approve,
    "authorise.limits": lambda programme, deployment, act, facts: check_limits(programme, deployment, act.key, facts),
    "authorise.list-change": lambda _, deployment, act, facts: check_change(deployment, act.key, facts),
    "open.notice": lambda programme, deployment, _, facts: check_notice(programme, deployment, facts),
    "open.notice-exemption": _exempt,
    "live.opened": _open,
    "live.resumed": _resume,
    "live.judgements": _judge,
    "review.finding": _find,
    "review.answer": _answer,
    "review.dispute": _dispute,
    "delete.hold-released": _release,
    "programme.moratorium-lifted": _lift,
    "publish.archived": _archive,
}
