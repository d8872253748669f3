"""Checks after the deployment: breaches, requests of people, error rates, the evidence itself, and publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from countersign.inference.estimate import proportion
from countersign.rulebook.conditions.look import Line, Look, statutory
from countersign.rulebook.conditions.moments import day, hours, moment, month_after
from countersign.rulebook.conditions.points import Point, any_of, each_of, has, lacking
from countersign.rulebook.conditions.registry import check

#: The set of documents whose publication is practice; ``uk.publish.documents``.
DOCUMENT_SET = ("policy", "sop", "dpia", "eia", "apd", "legal-mandate", "test-report")
NO_REVIEW = "how many there were is not on the record: no review of the deployment counts them"


def _count(look: Look, field: str, noun: str, found: int) -> Point:
    """That as many statements of a noun are here as the review of the deployment counts."""
    return any_of(
        look.current("deployment_review"),
        lambda line: None if line(field) is None or line(field) > found else True,
        yes=f"{found} {noun} are counted and entered",
        no="",
        absent=NO_REVIEW
        if not look.current("deployment_review")
        else f"the review counts {noun}, or more of them than are entered",
    )


@check("uk.dpa.s67.breach")
def breaches(look: Look) -> Sequence[Point]:
    """Each breach told to the Commissioner within 72 hours or with its reason, and to people where the risk is high."""
    entered = look.lines("breach")
    allowed = statutory("breach-notice-hours")

    def told(line: Line) -> bool:
        at = line.time("notified_at")
        reason = line("reason_for_delay") not in (None, "none-given")
        return at is not None and (at - moment(line("aware_at")) <= hours(allowed) or reason)

    points = [_count(look, "breaches", "breaches", len(entered))]
    if entered:
        points.append(
            each_of(
                entered,
                told,
                yes=f"each was notified within {allowed} hours or with a reason",
                no=f"a breach was not notified within {allowed} hours, with no reason given",
                absent="",
            )
        )
        points.append(
            each_of(
                entered,
                lambda line: not line("high_risk") or line("subjects_informed") > 0,
                absent="",
                yes="people at high risk were told",
                no="people at high risk were not told",
            )
        )
    return points


@check("uk.dpa.rights")
def rights(look: Look) -> Sequence[Point]:
    """Each request answered within one month, refusals with a reason and the routes."""
    entered = look.lines("rights_request")
    months = statutory("rights-months")

    def answered(line: Line) -> bool | None:
        due = month_after(day(line("received_on")), months)
        if line("answered_on") is not None:
            return day(line("answered_on")) <= due
        return False if look.as_at.date() > due else None

    points = [_count(look, "rights_requests", "requests", len(entered))]
    if entered:
        points.append(
            each_of(
                entered,
                answered,
                yes=f"each was answered within {months} month",
                no=f"a request was not answered within {months} month",
                absent="a request is not answered, and not yet due",
            )
        )
        points.append(
            each_of(
                entered,
                lambda line: (
                    line("outcome") not in ("refused", "partly")
                    or (line("refusal_reason") is not None and line("routes_told"))
                ),
                absent="",
                yes="refusals gave a reason and the routes",
                no="a refusal gave no reason or no route",
            )
        )
    return points


@check("uk.accuracy.false-alert-ceiling")
def false_alert_ceiling(look: Look) -> Sequence[Point]:
    """False alerts of faces against the ceiling, at both readings of what was left unresolved, with exact intervals."""
    counted, hours_of = look.current("statistics"), look.lines("hour")
    published = look.current("results")
    measure = look.figure("false-alert-ceiling")
    ceiling, source, rule = measure.value, measure.source, measure.lines
    if not counted and (hours_of or not published):
        return (lacking("false alerts and faces of the deployment are not on the record"),)
    # Only where nothing but published figures is at hand do these stand in for the record's own.
    sources = (*counted, *published)
    points = []
    for line in sources:
        faces, low = line("faces"), _sum(line("false"), line("confirmed_false"))
        if low is None or not faces:
            points.append(Point(None, "false alerts and faces are not both on the record", ((line,),)))
            continue
        unresolved = line("unresolved")
        if unresolved is None:
            points.append(Point(None, "how many alerts were left unresolved is not on the record", ((line,),)))
            continue
        point = _against(low, low + unresolved, faces, float(ceiling), source, line, rule)
        # The force's own publication may contradict the record's counts; that it repeats them adds and takes nothing.
        if line not in published or not counted or not point.holds:
            points.append(point)
    breaches_found = look.lines("ceiling_breach")
    if any(point.holds is False for point in points):
        points.append(
            each_of(
                breaches_found,
                lambda line: line("action") != "none",
                yes="it was acted on",
                no="nothing was done about it",
                absent="no review or suspension for it is on the record",
            )
        )
    if counted and hours_of:
        faces = sum(line("faces") for line in hours_of)
        points.append(
            any_of(
                counted,
                lambda line: line("faces") == faces,
                yes="faces agree with the hours",
                no="faces differ from the sum of the hours",
                absent="",
                beside=hours_of,
            )
        )
    elif counted:
        points.append(lacking("no hours are on the record to add faces up from"))
    return points


def _sum(*counts: int | None) -> int | None:
    stated = [count for count in counts if count is not None]
    return sum(stated) if stated else None


def _against(low: int, high: int, faces: int, ceiling: float, source: str, line: Line, rule: tuple[Line, ...]) -> Point:
    """Lower end of the better reading over the ceiling: not met; upper end of the worse under it: holds."""
    best, worst = proportion(low, faces).exact, proportion(high, faces).exact
    counts = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    word = "alert" if high == 1 else "alerts"
    told = (
        f"{counts} false {word} in {faces:,} faces; the 95% interval reaches from {best.low:.2g} to {worst.high:.2g} "
        f"({worst.method}), the ceiling is {ceiling:g} ({source})"
    )
    holds = False if best.low > ceiling else True if worst.high <= ceiling else None
    return Point(holds, told if holds is not None else f"{told}: it straddles the ceiling", ((line,),), rule)


@check("uk.accuracy.metrics")
def metrics(look: Look) -> Sequence[Point]:
    """All counts by published definitions, adding up, with known persons passing."""
    counted = look.current("statistics")
    absent = "no statistics of the deployment are on the record"
    return (
        any_of(
            counted,
            lambda line: (
                line("true") + line("confirmed_true") + line("false") + line("confirmed_false") + line("unresolved")
                == line("alerts")
            ),
            yes="outcomes add up to the alerts",
            no="outcomes do not add up to the alerts",
            absent=absent,
        ),
        any_of(
            counted,
            lambda line: None if line("known_passes") == 0 else 0 <= line("known_alerts") <= line("known_passes"),
            yes="known persons passed, and their alerts are counted",
            no="more alerts than passes of known persons",
            absent=absent if not counted else "no known person passed, so no true recognition rate can be given",
        ),
        any_of(counted, has("definitions"), yes="definitions are given by digest", no="", absent=absent),
    )


@check("uk.review.demonstrable")
def demonstrable(look: Look) -> Sequence[Point]:
    """Every file asked for in a test of retrieval was had."""
    return (
        any_of(
            look.current("retrieval_test"),
            lambda line: None if line("files_asked") == 0 else line("files_found") == line("files_asked"),
            yes="every file asked for was had",
            no="files asked for were not had",
            absent="no test of retrieving the records is on the record",
        ),
    )


@check("uk.publish.results")
def results_published(look: Look) -> Sequence[Point]:
    """All fields, within the policy's days of the close, with rates that follow from the counts beside them."""
    results, closing = look.current("results"), look.closing()
    measure = look.figure("publish-days")
    within, source, rule = measure.value, measure.source, measure.lines
    fields = (
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
    absent = "no published results are on the record"
    if not results and closing is not None and look.as_at > closing.at + timedelta(days=int(within)):
        return (
            Point(
                False, f"no published results are on the record, and they were due ({source})", (closing.lines,), rule
            ),
        )
    missing = sorted({field for line in results for field in fields if line(field) is None})

    def in_time(line: Line) -> bool | None:
        if closing is None or line("published_at") is None:
            return None
        return moment(line("published_at")) - closing.at <= timedelta(days=int(within))

    return (
        any_of(results, has("url"), yes="results are at a public address", no="", absent=absent),
        any_of(
            results,
            in_time,
            yes=f"within {within} days of the close ({source})",
            beside=rule,
            no=f"later than {within} days after the close ({source})",
            absent=absent if not results else "when they were published after the close is not on the record",
        ),
        lacking(f"not published: {', '.join(name.replace('_', ' ') for name in missing)}")
        if missing
        else any_of(
            results,
            _rate_follows,
            yes="the rates printed follow from the counts",
            absent=absent,
            no="a rate printed does not follow from the counts beside it",
        ),
    )


def _rate_follows(line: Line) -> bool | None:
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


@check("uk.publish.documents")
def documents_published(look: Look) -> Sequence[Point]:
    """The set of documents, each at an address, redactions with their reasons."""
    documents = look.lines("document")
    last: dict[str, Line] = {}
    for line in sorted(documents, key=lambda line: (line.statement.at, line.entry)):
        last[line("type")] = line
    missing = [kind for kind in DOCUMENT_SET if kind not in last or last[kind]("url") is None]
    found = tuple(last[kind] for kind in DOCUMENT_SET if kind in last and kind not in missing)
    return (
        lacking(f"no public address is on the record for: {', '.join(missing)}")
        if missing
        else Point(True, f"{len(found)} documents have a public address", tuple((line,) for line in found)),
        each_of(
            found,
            lambda line: (
                line("redactions") is None
                or line("redactions")["count"] == 0
                or (bool(line("redactions")["reasons"]) and "none-stated" not in line("redactions")["reasons"])
            ),
            yes="redactions have their reasons",
            no="a document is redacted without a reason",
            absent="no published document is on the record",
        ),
    )


@check("uk.publish.annual")
def annual_report(look: Look) -> Sequence[Point]:
    """A report published after its period, with a breakdown by ethnicity, sex and age band."""
    report = look.current("annual_report")
    absent = "no annual report is on the record"
    return (
        any_of(
            report,
            lambda line: moment(line("published_at")).date() >= day(line("period_end")),
            yes="an annual report was published after its period",
            no="it was published before its period had ended",
            absent=absent,
        ),
        any_of(
            report,
            lambda line: {"ethnicity", "sex", "age-band"} <= {item["characteristic"] for item in line("groups")},
            yes="with true and false alerts by ethnicity, sex and age band",
            no="it leaves out true and false alerts by ethnicity, sex or age band",
            absent=absent,
        ),
    )


@check("eu.aia.5-4.notify")
def notified(look: Look) -> Sequence[Point]:
    """Both authorities told, no sensitive data, and the annual figures adding up."""
    told, returned = look.lines("eu_notification"), look.current("eu_annual_return")
    kinds = {line("kind") for line in told}
    missing = sorted({"market-surveillance", "data-protection"} - kinds)
    return (
        lacking(f"no notification is on the record to the authority for: {', '.join(missing)}")
        if missing
        else each_of(
            told,
            has("sent_at", "fields"),
            yes="both authorities were told of the use",
            no="",
            absent="a notification does not say what it told",
        ),
        any_of(
            returned,
            lambda line: line("granted") + line("refused") <= line("requests"),
            yes="annual figures are given",
            no="the annual figures do not add up",
            absent="no annual figures are on the record",
        ),
    )
