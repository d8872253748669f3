"""Duties after the deployment: its review, breaches, requests of people, error rates, the evidence, and publication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from countersign.inference.clusters import proportion
from countersign.rulebook.conditions.declare import (
    CLOSE,
    Each,
    EachOfThese,
    Paper,
    Part,
    These,
    against,
    check,
    declare,
    has,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, Measure, day, hours, moment, month_after, statutory
from countersign.rulebook.conditions.results import Condition, lacking, one_by_one
from countersign.rulebook.duties.close import ALERT_OUTCOMES
from countersign.rulebook.duties.documents import latest_by
from countersign.words.intervals import one_in_range
from countersign.words.lists import noun
from countersign.words.names import method_name

#: The set of documents whose publication is practice; ``uk.publish.documents``.
DOCUMENT_SET = ("policy", "sop", "dpia", "eia", "apd", "legal-mandate", "test-report")
#: The fields of published results; ``uk.publish.results``.
PUBLISHED = (
    "date",
    "place",
    "purpose",
    "list_size",
    "categories",
    "threshold",
    "faces",
    "alerts",
    "true",
    "confirmed_true",
    "false",
    "confirmed_false",
    "engagements",
    "arrests",
    "false_per_face",
    "false_per_alert",
)
BREACH_HOURS = statutory("breach-notice-hours")
RIGHTS_MONTHS = statutory("rights-months")


declare(
    "uk.review.post-deployment",
    Paper("deployment_review", "no review of the deployment after its close is on the record"),
    against(
        CLOSE,
        lambda line, closed: moment(line("made_at")) >= closed,
        yes="the deployment was reviewed after its close",
        no="the review was made before the close",
    ),
)

declare(
    "uk.review.pause-on-bias",
    Paper("bias_decision", "no decision with its conditions is on the record"),
    that(
        lambda line: line("decision") == "continue" or line("resume_conditions") is not None or None,
        yes="a decision to pause, restrict or go on is recorded",
    ),
)


def counted_and_entered(field: str, noun: str, entered: str) -> Callable[[Look], Sequence[Part]]:
    """That no more is counted by the review of the deployment than is entered under ``entered``."""

    def parts(look: Look) -> Sequence[Part]:
        number = len(look.lines(entered))
        return (
            Paper(
                "deployment_review", "how many there were is not on the record: no review of the deployment counts them"
            ),
            that(
                lambda line: None if line(field) is None or line(field) > number else True,
                yes=f"{number} {noun} are counted and entered",
                unsaid=f"the review counts {noun}, or more of them than are entered",
            ),
        )

    return parts


def _notified(line: Line) -> bool:
    at, reason = line.time("notified_at"), line("reason_for_delay")
    return at is not None and (
        at - moment(line("aware_at")) <= hours(BREACH_HOURS) or reason not in (None, "none-given")
    )


@check("uk.dpa.s67.breach")
def breaches(look: Look) -> Sequence[Part]:
    """Each breach told to the Commissioner within 72 hours or with its reason, and to people where the risk is high."""
    entered = (
        Each("breach"),
        that(
            _notified,
            yes=f"each was notified within {BREACH_HOURS} hours or with a reason",
            no=f"a breach was not notified within {BREACH_HOURS} hours, with no reason given",
        ),
        that(
            lambda line: not line("high_risk") or line("subjects_informed") > 0,
            yes="people at high risk were told",
            no="people at high risk were not told",
        ),
    )
    return (counted_and_entered("breaches", "breaches", "breach"), *(entered if look.lines("breach") else ()))


@check("uk.dpa.rights")
def rights(look: Look) -> Sequence[Part]:
    """Each request answered within one month, refusals with a reason and the routes."""

    def answered(line: Line) -> bool | None:
        due = month_after(day(line("received_on")), RIGHTS_MONTHS)
        if line("answered_on") is not None:
            return day(line("answered_on")) <= due
        return False if look.passed(due) else None

    entered = (
        Each("rights_request"),
        that(
            answered,
            yes=f"each was answered within {RIGHTS_MONTHS} month",
            no=f"a request was not answered within {RIGHTS_MONTHS} month",
            absent="a request is not answered, and not yet due",
        ),
        that(
            lambda line: (
                line("outcome") not in ("refused", "partly")
                or (line("refusal_reason") is not None and line("routes_told"))
            ),
            yes="refusals gave a reason and the routes",
            no="a refusal gave no reason or no route",
        ),
    )
    counted = counted_and_entered("rights_requests", "requests", "rights_request")
    return (counted, *(entered if look.lines("rights_request") else ()))


@check("uk.accuracy.false-alert-ceiling")
def false_alert_ceiling(look: Look) -> Sequence[Part]:
    """False alerts of faces against the ceiling, at both readings of what was left unresolved, with exact intervals."""
    counted, by_hour, published = look.current("statistics"), look.lines("hour"), look.current("results")
    ceiling = look.figure("false-alert-ceiling")
    if not counted and (by_hour or not published):
        return [lacking("false alerts and faces of the deployment are not on the record")]
    # Published figures stand in for the record's own only where the record has none; beside them they may contradict,
    # and that they repeat them adds and takes nothing.
    rates = [_under_ceiling(line, ceiling) for line in counted]
    printed = [_under_ceiling(line, ceiling) for line in published]
    rates += [condition for condition in printed if not counted or not condition.holds]
    parts: list[Part] = [*rates]
    if any(condition.holds is False for condition in rates):
        parts += [
            Each("ceiling_breach", "no review or suspension for it is on the record"),
            that(lambda line: line("action") != "none", yes="it was acted on", no="nothing was done about it"),
        ]
    if counted and by_hour:
        faces = sum(line("faces") for line in by_hour)
        no = "faces differ from the sum of the hours"
        same = that(lambda line: line("faces") == faces, yes="faces agree with the hours", no=no, beside=by_hour)
        parts += [These(counted), same]
    elif counted:
        parts.append(lacking("no hours are on the record to add faces up from"))
    return parts


def _under_ceiling(line: Line, ceiling: Measure) -> Condition:
    """Lower end of the better reading over the ceiling: not met; upper end of the worse under it: holds."""
    stated = [count for count in (line("false"), line("confirmed_false")) if count is not None]
    faces, unresolved, low = line("faces"), line("unresolved"), sum(stated)
    if not stated or not faces:
        return Condition(None, "false alerts and faces are not both on the record", ((line,),))
    if unresolved is None:
        return Condition(None, "how many alerts were left unresolved is not on the record", ((line,),))
    high, most = low + unresolved, float(ceiling.value)
    best, worst = proportion(low, faces).exact, proportion(high, faces).exact
    counts = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    because = (
        f"{counts} false {noun(high, 'alert')} in {faces:,} faces; the 95% interval is "
        f"{one_in_range(best.low, worst.high)} ({method_name(worst.method)}), "
        f"the ceiling is {most:g} ({ceiling.source})"
    )
    holds = False if best.low > most else True if worst.high <= most else None
    return Condition(
        holds, because if holds is not None else f"{because}: it straddles the ceiling", ((line,),), ceiling.lines
    )


declare(
    "uk.accuracy.metrics",
    Paper("statistics", "no statistics of the deployment are on the record"),
    that(
        lambda line: sum(line(name) for name in ALERT_OUTCOMES) == line("alerts"),
        yes="outcomes add up to the alerts",
        no="outcomes do not add up to the alerts",
    ),
    that(
        lambda line: None if line("known_passes") == 0 else 0 <= line("known_alerts") <= line("known_passes"),
        yes="known persons passed, and their alerts are counted",
        no="more alerts than passes of known persons",
        unsaid="no known person passed, so no true recognition rate can be given",
    ),
    has("definitions", yes="definitions are given by digest"),
)


@check("uk.accuracy.threshold-floor")
def threshold_floor(look: Look) -> Sequence[Part]:
    """Every threshold at or over the policy's floor; a test at that threshold and list size, with its reach."""
    opened, policy = look.lines("opened"), look.current("policy")
    if not opened:
        return [lacking("the threshold while live is not on the record")]
    floors = {item["engine_version"]: Decimal(item["minimum"]) for line in policy for item in line("thresholds")}
    versions = {line("engine_version") for line in opened}
    changes = [line for line in look.lines("change") if line("what") == "threshold" and line("threshold") is not None]
    lowest = min(Decimal(line("threshold")) for line in (*opened, *changes))

    def over(line: Line) -> bool | None:
        known = [floors[version] for version in versions if version in floors]
        return None if len(known) < len(versions) else Decimal(line("threshold")) >= max(known)

    return (
        EachOfThese((*opened, *changes), "the policy sets no floor for this engine version"),
        that(
            over,
            yes=f"the threshold was never under the policy's floor ({lowest})",
            no="the threshold was under the policy's floor",
            beside=policy,
        ),
        _tested_at(look, versions, lowest),
    )


def _tested_at(look: Look, versions: set[str], lowest: Decimal) -> Condition:
    """A test that could have seen a difference between groups at the threshold and list size in use."""
    size = max((line("size") for line in look.current("manifest")), default=None)
    fitting = [
        line
        for line in look.lines("test_report")
        if line("engine_version") in versions
        and Decimal(line("threshold")) <= lowest
        and size is not None
        and line("list_size") >= size
    ]
    if not fitting:
        wanted = f"no test of this engine version at or under {lowest}, at a list of {size or '?'} entries or more"
        return lacking(f"{wanted}, is on the record")
    best = max(fitting, key=lambda line: (Decimal(line("threshold")), line.entry))
    smallest = best("smallest_difference")
    because = (
        f"tested at {best('threshold')} with {best('list_size'):,} entries: {best('false_positives')} false positives "
        f"in {best('probes'):,} probes; the smallest difference it could have seen: {smallest or 'not stated'}"
    )
    return Condition(None if smallest is None else True, because, ((best,),))


declare(
    "uk.review.demonstrable",
    Paper("retrieval_test", "no test of retrieving the records is on the record"),
    that(
        lambda line: None if line("files_asked") == 0 else line("files_found") == line("files_asked"),
        yes="every file asked for was had",
        no="files asked for were not had",
    ),
)


@check("uk.publish.results")
def results_published(look: Look) -> Sequence[Part]:
    """All fields, within the policy's days of the close, with rates that follow from the counts beside them."""
    results, closing = look.current("results"), look.closing()
    measure = look.figure("publish-days")
    within, source = timedelta(days=int(measure.value)), measure.source
    if not results and closing is not None and look.passed(closing.at + within):
        because = f"no published results are on the record, and they were due ({source})"
        return [Condition(False, because, (closing.lines,), measure.lines)]
    missing = sorted({field for line in results for field in PUBLISHED if line(field) is None})

    def in_time(line: Line) -> bool | None:
        if closing is None or line("published_at") is None:
            return None
        return moment(line("published_at")) - closing.at <= within

    return (
        Paper("results", "no published results are on the record"),
        has("url", yes="results are at a public address"),
        that(
            in_time,
            yes=f"within {measure.value} days of the close ({source})",
            no=f"later than {measure.value} days after the close ({source})",
            unsaid="when they were published after the close is not on the record",
            beside=measure.lines,
        ),
        lacking(f"not published: {', '.join(name.replace('_', ' ') for name in missing)}")
        if missing
        else that(
            _rates_follow,
            yes="the rates printed follow from the counts",
            no="a rate printed does not follow from the counts beside it",
        ),
    )


def _rates_follow(line: Line) -> bool:
    """That the printed false alerts per face and per alert are those of the counts, within the last digit printed."""
    false = line("false") + line("confirmed_false")
    for field, trials in (("false_per_face", line("faces")), ("false_per_alert", line("alerts"))):
        if trials == 0:
            continue
        printed = line(field)
        digits = len(printed.partition(".")[2])
        if abs(float(printed) - false / trials) > 0.5 * 10**-digits * (1 + 1e-9):
            return False
    return True


def _redactions_explained(line: Line) -> bool:
    redactions = line("redactions")
    if redactions is None or redactions["count"] == 0:
        return True
    return bool(redactions["reasons"]) and "none-stated" not in redactions["reasons"]


@check("uk.publish.documents")
def documents_published(look: Look) -> Sequence[Part]:
    """The set of documents, each at an address, redactions with their reasons."""
    last = {line("type"): line for line in latest_by(look.lines("document"), "type")}
    published = [last[kind] for kind in DOCUMENT_SET if kind in last and last[kind]("url") is not None]
    missing = [kind for kind in DOCUMENT_SET if last.get(kind) not in published]
    return (
        lacking(f"no public address is on the record for: {', '.join(missing)}")
        if missing
        else Condition(True, f"{len(published)} documents have a public address", one_by_one(published)),
        EachOfThese(published, "no published document is on the record"),
        that(_redactions_explained, yes="redactions have their reasons", no="a document is redacted without a reason"),
    )


declare(
    "uk.publish.annual",
    Paper("annual_report", "no annual report is on the record"),
    that(
        lambda line: moment(line("published_at")).date() >= day(line("period_end")),
        yes="an annual report was published after its period",
        no="it was published before its period had ended",
    ),
    that(
        lambda line: {"ethnicity", "sex", "age-band"} <= {item["characteristic"] for item in line("groups")},
        yes="with true and false alerts by ethnicity, sex and age band",
        no="it leaves out true and false alerts by ethnicity, sex or age band",
    ),
)


@check("eu.aia.5-4.notify")
def notified(look: Look) -> Sequence[Part]:
    """Both authorities told, no sensitive data, and the annual figures adding up."""
    missing = sorted(
        {"market-surveillance", "data-protection"} - {line("kind") for line in look.lines("eu_notification")}
    )
    return (
        Each("eu_notification"),
        lacking(f"no notification is on the record to the authority for: {', '.join(missing)}")
        if missing
        else has(
            "sent_at",
            "fields",
            yes="both authorities were told of the use",
            absent="a notification does not say what it told",
        ),
        Paper("eu_annual_return", "no annual figures are on the record"),
        that(
            lambda line: line("granted") + line("refused") <= line("requests"),
            yes="annual figures are given",
            no="the annual figures do not add up",
        ),
    )
