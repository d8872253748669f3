"""Checks of the close and of erasure: counts that reconcile, deletions in time, and what is held and why.

Erasure by the engine and the force is a signed statement: nobody here has looked. So it reads *stated*, unless the
engine's own log or a witness from outside says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from countersign.rulebook.conditions.look import Line, Look, statutory
from countersign.rulebook.conditions.moments import day, hours, moment
from countersign.rulebook.conditions.points import Point, any_of, each_of, has, lacking, says
from countersign.rulebook.conditions.registry import check

NO_CLOSE = "no close is on the record to measure from"


@check("uk.close.cancellation")
def cancelled(look: Look) -> Sequence[Point]:
    """Cancelled with time, reason and counts, after the opening; a summary committed to."""
    closed, opening = look.lines("cancellation"), look.opening()
    absent = "no cancellation is on the record"
    return (
        any_of(
            closed,
            lambda line: None if opening is None else moment(line("closed_at")) >= opening.at,
            yes="it was cancelled after the opening",
            no="the cancellation is timed before the opening",
            absent=absent if not closed else "no opening is on the record",
        ),
        any_of(
            closed,
            has("reason", "faces", "alerts", "engagements", "incidents"),
            yes="with its reason and counts",
            no="",
            absent=absent,
        ),
        any_of(
            closed,
            lambda line: True if "summary" in line.statement.sealed else None,
            no="",
            yes="a summary is sealed with it",
            absent="no summary is committed to in the cancellation",
        ),
    )


@check("uk.close.reconcile")
def reconciled(look: Look) -> Sequence[Point]:
    """Totals of the close against the hours, the system's counter and the list; every difference explained."""
    totals, hours_of, closed = look.current("reconciliation"), look.lines("hour"), look.lines("cancellation")
    absent = "no reconciliation is on the record"
    faces, alerts = sum(line("faces") for line in hours_of), sum(line("alerts") for line in hours_of)

    def explained(line: Line, name: str) -> bool:
        return any(item["what"] == name for item in line("differences"))

    def as_hours(line: Line) -> bool | None:
        if not hours_of:
            return None
        return (line("faces") == faces or explained(line, "faces")) and (
            line("alerts") == alerts or explained(line, "alerts")
        )

    def outcomes(line: Line) -> bool | None:
        found = line("sealed.outcomes")
        if found is None:
            return None
        total = (
            found["true"] + found["confirmed_true"] + found["false"] + found["confirmed_false"] + found["unresolved"]
        )
        return bool(total == line("alerts"))

    return (
        any_of(
            totals,
            as_hours,
            yes="faces and alerts agree with the hours",
            no="faces or alerts differ from the hours",
            absent=absent if not totals else "no hours are on the record to add up",
            beside=hours_of,
        ),
        any_of(
            totals,
            lambda line: line("alerts") == line("system_alerts") or explained(line, "system-alerts"),
            yes="alerts agree with the system's counter",
            no="alerts differ from the system's counter",
            absent=absent,
        ),
        any_of(
            totals,
            lambda line: line("engagements") <= line("alerts"),
            yes="engagements are no more than alerts",
            no="there were more engagements than alerts",
            absent=absent,
        ),
        any_of(
            totals,
            lambda line: line("adjudicated") == line("alerts") or explained(line, "adjudicated"),
            yes="every alert was adjudicated",
            no="not every alert was adjudicated",
            absent=absent,
        ),
        any_of(
            totals,
            lambda line: line("loaded") == line("deleted") or explained(line, "deleted"),
            yes="as many entries were deleted as loaded",
            no="not as many entries were deleted as loaded",
            absent=absent,
        ),
        any_of(
            totals,
            outcomes,
            yes="outcomes add up to the alerts",
            no="outcomes do not add up to the alerts",
            absent=absent if not totals else "outcomes are not open to this reader",
        ),
        any_of(
            closed,
            lambda line: (
                None
                if not totals
                else all(line("faces") == other("faces") and line("alerts") == other("alerts") for other in totals)
            ),
            yes="the cancellation gives the same counts",
            no="the cancellation gives other counts",
            absent="no cancellation is on the record to compare with",
        ),
    )


@check("uk.live.nonmatch-delete")
def nonmatch_deleted(look: Look) -> Sequence[Point]:
    """A clause making it compulsory; in every hour as many templates deleted as were made, but for the alerts."""
    policy, hours_of = look.current("policy"), look.lines("hour")

    def gone(line: Line) -> bool | None:
        made, deleted = line("templates_created"), line("templates_deleted")
        return None if made is None or deleted is None else bool(made == deleted + line("alerts"))

    return (
        any_of(
            policy,
            lambda line: None if line("nonmatch_deletion") is None else line("nonmatch_deletion")["compulsory"],
            yes="the policy makes deletion compulsory",
            no="the policy describes deletion and does not make it compulsory",
            absent="no clause of a policy on deletion is on the record",
        ),
        each_of(
            hours_of,
            gone,
            yes="templates made are templates deleted and alerts, in every hour",
            no="in an hour templates made are not templates deleted and alerts",
            absent="counts of templates made and deleted are not on the record for every hour",
        ),
    )


def _deleted(look: Look, kind: str, within: timedelta, what: str) -> Point:
    """That all of a class was deleted in time after the close, or what remains is held."""
    closing = look.closing()
    if closing is None:
        return lacking(NO_CLOSE)
    found = tuple(line for line in look.lines("deletion") if line("class") == kind)
    held = tuple(line for line in look.lines("hold") if line("class") == kind)
    due = closing.at + within
    if not found:
        if look.as_at > due:
            return Point(False, f"no deletion of {what} is on the record, and it was due", (closing.lines,))
        return lacking(f"no deletion of {what} is on the record; it is not yet due")
    last = max(found, key=lambda line: (moment(line("deleted_at")), line.entry))
    kept = sum(line("count") for line in held)
    if last("remaining") > kept:
        return Point(
            False,
            f"{last('remaining')} of {what} remain and {kept} are held for a stated reason",
            ((last,), *((h,) for h in held)),
        )
    late = moment(last("deleted_at")) > due
    return Point(
        not late,
        f"{what} were deleted {'only after' if late else 'within'} the time allowed",
        tuple((line,) for line in (*found, *held)),
    )


@check("uk.delete.watchlist-24h")
def list_deleted(look: Look) -> Sequence[Point]:
    """List, templates and media, each within the hours allowed after the close; the list by its own digest."""
    allowed = look.figure("list-delete-hours").value
    loaded = {line("list_digest") for line in look.lines("opened")}
    lists = tuple(line for line in look.lines("deletion") if line("class") == "watchlist")
    points = [
        _deleted(look, kind, hours(allowed), what)
        for kind, what in (
            ("watchlist", "watchlist entries"),
            ("templates", "templates of the list"),
            ("transfer-media", "transfer media"),
        )
    ]
    points.append(
        any_of(
            lists,
            lambda line: None if not loaded or line("list_digest") is None else line("list_digest") in loaded,
            yes="the list deleted is the list loaded",
            no="the list deleted is another than the list loaded",
            absent="which list was deleted cannot be held against the list loaded",
        )
    )
    return points


@check("uk.delete.alerts")
def alerts_deleted(look: Look) -> Sequence[Point]:
    """Alert images within the hours allowed after the close."""
    allowed = look.figure("alert-hours").value
    return (_deleted(look, "alert", hours(allowed), "alert images"),)


@check("uk.delete.cctv-31d")
def video_deleted(look: Look) -> Sequence[Point]:
    """Video within the days allowed after the close."""
    allowed = look.figure("cctv-days").value
    return (_deleted(look, "cctv", hours(allowed * 24), "video"),)


@check("uk.delete.holds")
def holds(look: Look) -> Sequence[Point]:
    """What remains is held, no hold is past its review date, and evidence has its disclosure entry."""
    held, deletions = look.lines("hold"), look.lines("deletion")
    released = {line("hold") for line in look.lines("hold_released")}
    if not deletions:
        return (lacking("no deletion says what remains"),)
    last: dict[str, Line] = {}
    for line in sorted(deletions, key=lambda line: (moment(line("deleted_at")), line.entry)):
        last[line("class")] = line
    running = tuple(line for line in held if line.entry not in released)
    kept: dict[str, int] = {}
    for line in running:
        kept[line("class")] = kept.get(line("class"), 0) + line("count")
    loose = sorted(name for name, line in last.items() if line("remaining") > kept.get(name, 0))
    grounds = tuple((line,) for line in (*last.values(), *running))
    if loose:
        return (Point(False, f"more remains than is held: {', '.join(loose)}", grounds),)
    overdue = [line for line in running if day(line("review_date")) < look.as_at.date()]
    undisclosed = [
        line for line in running if line("reason") in ("evidence", "disclosure") and not line("disclosure_entry_made")
    ]
    return (
        Point(True, f"{len(running)} holds cover all that remains", grounds),
        Point(
            not overdue,
            f"{len(overdue)} holds are past their review date" if overdue else "none is past its review date",
            grounds,
        ),
        Point(
            not undisclosed,
            f"{len(undisclosed)} holds for evidence have no disclosure entry"
            if undisclosed
            else "each hold for evidence has its disclosure entry",
            grounds,
        ),
    )


@check("uk.delete.proof")
def erasure_logged(look: Look) -> Sequence[Point]:
    """Every class logged with count, method and digest of what was deleted, and witnessed."""
    deletions = look.lines("deletion")
    wanted = {"watchlist", "templates", "alert"}
    classes = {line("class") for line in deletions}
    absent = "no deletion is on the record"
    return (
        Point(True, "list, templates and alerts each have a deletion", tuple((line,) for line in deletions))
        if wanted <= classes
        else lacking(f"no deletion is on the record of: {', '.join(sorted(wanted - classes))}"),
        each_of(
            deletions,
            has("method", "manifest"),
            yes="each with its method and a digest",
            no="",
            absent="not every deletion has a digest of what was deleted" if deletions else absent,
        ),
        each_of(
            deletions, says("witnessed", True), yes="each witnessed", no="a deletion was not witnessed", absent=absent
        ),
    )


@check("uk.delete.traceable")
def traceable(look: Look) -> Sequence[Point]:
    """The look-up was tried and found what it should; as many references are kept as the list had entries."""
    tested, manifest = look.current("lookup_test"), look.current("manifest")
    sizes = {line("size") for line in manifest}
    absent = "no test of the look-up by reference numbers is on the record"
    return (
        any_of(
            tested,
            lambda line: None if line("lookups") == 0 else line("found_as_expected") == line("lookups"),
            yes="every look-up tried found what it should",
            no="look-ups tried did not find what they should",
            absent=absent,
        ),
        any_of(
            tested,
            lambda line: line("references_kept") in sizes if sizes else None,
            beside=manifest,
            yes="as many references are kept as the list had entries",
            no="not as many references are kept as the list had entries",
            absent=absent if not tested else "no list is on the record to count against",
        ),
    )


@check("eu.aia.5-3.refusal")
def refusal(look: Look) -> Sequence[Point]:
    """If refused: closed at the refusal and everything deleted, nothing remaining; if granted, nothing is owed."""
    given = look.current("eu_authorisation")
    if not given or any(line("decision") == "pending" for line in given):
        return (lacking("no decision of a court or independent authority is on the record"),)
    refused = [line for line in given if line("decision") == "refused"]
    if not refused:
        return (Point(True, "authorisation was granted, so nothing had to be deleted for a refusal", (given,)),)
    closing = look.closing()
    stated = [line.time("decided_at") for line in refused]
    at = min((found for found in stated if found is not None), default=None)
    if at is None or closing is None:
        return (lacking("authorisation was refused, and refusal and close are not both on the record with their time"),)
    results = tuple(line for line in look.lines("deletion") if line("class") == "results")
    stopped = closing.at <= at
    return (
        Point(
            stopped,
            "use stopped at the refusal" if stopped else "use went on after the refusal",
            (tuple(refused), closing.lines),
        ),
        any_of(
            results,
            says("remaining", 0),
            yes="all results were deleted",
            no="results remain after the refusal",
            absent="authorisation was refused and no deletion of results is on the record",
        ),
    )


@check("eu.aia.26-10.post-remote")
def post_searches(look: Look) -> Sequence[Point]:
    """Each later search of footage authorised in time, linked to an offence and a file; none if the footage is gone."""
    stated = look.current("post_search")
    allowed = statutory("eu-post-search-hours")

    def in_time(line: Line) -> bool | None:
        if line("count") == 0:
            return True
        searches = [evidence.value for evidence in line.statement.get("sealed.searches[]")]
        if len(searches) < line("count"):
            return None
        return all(
            moment(item["authorised_at"]) - moment(item["searched_at"]) <= hours(allowed)
            and item.get("offence")
            and item.get("file")
            for item in searches
        )

    return (
        any_of(
            stated,
            in_time,
            yes=f"each later search was authorised before or within {allowed} hours of it",
            no=f"a later search was not authorised within {allowed} hours",
            absent="no count of later searches, each open to this reader, is on the record",
        ),
    )
