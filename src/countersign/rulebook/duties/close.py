"""Duties of the close and of erasure: counts that reconcile, deletions in time, and what is held and why.

Erasure by the engine and the force is a signed statement: nobody here has looked. So it reads *stated*, unless the
engine's own log or a witness from outside says it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from countersign.rulebook.conditions.declare import (
    OPENING,
    Each,
    Entries,
    Paper,
    Part,
    These,
    against,
    among,
    check,
    declare,
    has,
    says,
    that,
)
from countersign.rulebook.conditions.look import Line, Look, day, hours, moment, statutory
from countersign.rulebook.conditions.results import SEALED, Condition, lacking, one_by_one
from countersign.rulebook.duties.documents import latest_by

#: What may become of an alert, as totals count it.
ALERT_OUTCOMES = ("true", "confirmed_true", "false", "confirmed_false", "unresolved")

declare(
    "uk.close.cancellation",
    Entries("cancellation", "no cancellation is on the record"),
    against(
        OPENING,
        lambda line, opening: moment(line("closed_at")) >= opening,
        yes="it was cancelled after the opening",
        no="the cancellation is timed before the opening",
        unsaid="no opening is on the record",
    ),
    has("reason", "faces", "alerts", "engagements", "incidents", yes="with its reason and counts"),
    that(
        lambda line: "summary" in line.statement.sealed or None,
        yes="a summary is sealed with it",
        absent="no summary is committed to in the cancellation",
    ),
)


def _explained(line: Line, name: str) -> bool:
    return any(item["what"] == name for item in line("differences"))


def _outcomes_add_up(line: Line) -> bool | None:
    outcomes = line("sealed.outcomes")
    return None if outcomes is None else bool(sum(outcomes[name] for name in ALERT_OUTCOMES) == line("alerts"))


@check("uk.close.reconcile")
def reconciled(look: Look) -> Sequence[Part]:
    """Totals of the close against the hours, the system's counter and the list; every difference explained."""
    totals, by_hour = look.current("reconciliation"), look.lines("hour")
    counted = {name: sum(line(name) for line in by_hour) for name in ("faces", "alerts")}
    return (
        These(totals, "no reconciliation is on the record"),
        that(
            lambda line: (
                all(line(name) == count or _explained(line, name) for name, count in counted.items())
                if by_hour
                else None
            ),
            yes="faces and alerts agree with the hours",
            no="faces or alerts differ from the hours",
            unsaid="no hours are on the record to add up",
            beside=by_hour,
        ),
        that(
            lambda line: line("alerts") == line("system_alerts") or _explained(line, "system-alerts"),
            yes="alerts agree with the system's counter",
            no="alerts differ from the system's counter",
        ),
        that(
            lambda line: line("engagements") <= line("alerts"),
            yes="engagements are no more than alerts",
            no="there were more engagements than alerts",
        ),
        that(
            lambda line: line("adjudicated") == line("alerts") or _explained(line, "adjudicated"),
            yes="every alert was adjudicated",
            no="not every alert was adjudicated",
        ),
        that(
            lambda line: line("loaded") == line("deleted") or _explained(line, "deleted"),
            yes="as many entries were deleted as loaded",
            no="not as many entries were deleted as loaded",
        ),
        that(
            _outcomes_add_up,
            yes="outcomes add up to the alerts",
            no="outcomes do not add up to the alerts",
            unsaid=f"outcomes are {SEALED}",
        ),
        Entries("cancellation", "no cancellation is on the record to compare with"),
        that(
            lambda line: (
                all(line(name) == other(name) for other in totals for name in ("faces", "alerts")) if totals else None
            ),
            yes="the cancellation gives the same counts",
            no="the cancellation gives other counts",
        ),
    )


declare(
    "uk.live.nonmatch-delete",
    Paper("policy", "no clause of a policy on deletion is on the record"),
    that(
        lambda line: None if line("nonmatch_deletion") is None else line("nonmatch_deletion")["compulsory"],
        yes="the policy makes deletion compulsory",
        no="the policy describes deletion and does not make it compulsory",
    ),
    Each("hour", "counts of templates made and deleted are not on the record for every hour"),
    that(
        lambda line: (
            None
            if None in (line("templates_created"), line("templates_deleted"))
            else line("templates_created") == line("templates_deleted") + line("alerts")
        ),
        yes="templates made are templates deleted and alerts, in every hour",
        no="in an hour templates made are not templates deleted and alerts",
    ),
)


def deleted(kind: str, figure: str, what: str, unit: int = 1) -> Callable[[Look], Condition]:
    """That all of a class was deleted in time after the close, or what remains is held. ``figure`` names the time
    allowed, in units of ``unit`` hours.
    """

    def condition(look: Look) -> Condition:
        within, closing = hours(look.figure(figure).value * unit), look.closing()
        if closing is None:
            return lacking("no close is on the record to measure from")
        return _deleted_in_time(look, kind, what, closing.at + within, closing.lines)

    return condition


def _deleted_in_time(look: Look, kind: str, what: str, due: datetime, closing: tuple[Line, ...]) -> Condition:
    deletions = [line for line in look.lines("deletion") if line("class") == kind]
    held = [line for line in look.lines("hold") if line("class") == kind]
    if not deletions:
        if look.passed(due):
            return Condition(False, f"no deletion of {what} is on the record, and it was due", (closing,))
        return lacking(f"no deletion of {what} is on the record; it is not yet due")
    last = max(deletions, key=lambda line: (moment(line("deleted_at")), line.entry))
    remaining, kept = last("remaining"), sum(line("count") for line in held)
    if remaining > kept:
        because = f"{remaining} of {what} remain and {kept} are held for a stated reason"
        return Condition(False, because, one_by_one([last, *held]))
    late = moment(last("deleted_at")) > due
    because = f"{what} were deleted {'only after' if late else 'within'} the time allowed"
    return Condition(not late, because, one_by_one([*deletions, *held]))


def _same_list(look: Look) -> Sequence[Part]:
    """The list deleted is the list loaded, by its digest."""
    loaded = {line("list_digest") for line in look.lines("opened")}
    return (
        Entries(
            "deletion",
            "which list was deleted cannot be held against the list loaded",
            lambda line: line("class") == "watchlist",
        ),
        that(
            lambda line: None if not loaded or line("list_digest") is None else line("list_digest") in loaded,
            yes="the list deleted is the list loaded",
            no="the list deleted is another than the list loaded",
        ),
    )


declare(
    "uk.delete.watchlist-24h",
    deleted("watchlist", "list-delete-hours", "watchlist entries"),
    deleted("templates", "list-delete-hours", "templates of the list"),
    deleted("transfer-media", "list-delete-hours", "transfer media"),
    _same_list,
)
declare("uk.delete.alerts", deleted("alert", "alert-hours", "alert images"))
declare("uk.delete.cctv-31d", deleted("cctv", "cctv-days", "video", 24))


@check("uk.delete.holds")
def holds(look: Look) -> Sequence[Part]:
    """What remains is held, no hold is past its review date, and evidence has its disclosure entry."""
    deletions = look.lines("deletion")
    if not deletions:
        return [lacking("no deletion says what remains")]
    released = {line("hold") for line in look.lines("hold_released")}
    running = [line for line in look.lines("hold") if line.entry not in released]
    last = latest_by(deletions, "class", "deleted_at")
    kept = {line("class"): sum(hold("count") for hold in running if hold("class") == line("class")) for line in last}
    loose = sorted(line("class") for line in last if line("remaining") > kept[line("class")])
    grounds = one_by_one([*last, *running])
    if loose:
        return [Condition(False, f"more remains than is held: {', '.join(loose)}", grounds)]
    overdue = sum(1 for line in running if look.passed(day(line("review_date"))))
    undisclosed = sum(
        1 for line in running if line("reason") in ("evidence", "disclosure") and not line("disclosure_entry_made")
    )
    return (
        Condition(True, f"{len(running)} holds cover all that remains", grounds),
        Condition(
            not overdue,
            f"{overdue} holds are past their review date" if overdue else "none is past its review date",
            grounds,
        ),
        Condition(
            not undisclosed,
            f"{undisclosed} holds for evidence have no disclosure entry"
            if undisclosed
            else "each hold for evidence has its disclosure entry",
            grounds,
        ),
    )


def _every_class(look: Look) -> Condition:
    deletions = look.lines("deletion")
    missing = sorted({"watchlist", "templates", "alert"} - {line("class") for line in deletions})
    if missing:
        return lacking(f"no deletion is on the record of: {', '.join(missing)}")
    return Condition(True, "list, templates and alerts each have a deletion", one_by_one(deletions))


declare(
    "uk.delete.proof",
    _every_class,
    Each("deletion", "no deletion is on the record"),
    has(
        "method",
        "manifest",
        yes="each with its method and a digest",
        unsaid="not every deletion has a digest of what was deleted",
    ),
    says("witnessed", True, yes="each witnessed", no="a deletion was not witnessed"),
)

declare(
    "uk.delete.traceable",
    Paper("lookup_test", "no test of the look-up by reference numbers is on the record"),
    that(
        lambda line: None if line("lookups") == 0 else line("found_as_expected") == line("lookups"),
        yes="every look-up tried found what it should",
        no="look-ups tried did not find what they should",
    ),
    among(
        "references_kept",
        Paper("manifest"),
        "size",
        yes="as many references are kept as the list had entries",
        no="not as many references are kept as the list had entries",
        unsaid="no list is on the record to count against",
    ),
)


@check("eu.aia.5-3.refusal")
def refusal(look: Look) -> Sequence[Part]:
    """If refused: closed at the refusal and everything deleted, nothing remaining; if granted, nothing is owed."""
    given = look.current("eu_authorisation")
    if not given or any(line("decision") == "pending" for line in given):
        return [lacking("no decision of a court or independent authority is on the record")]
    refused = tuple(line for line in given if line("decision") == "refused")
    if not refused:
        return [Condition(True, "authorisation was granted, so nothing had to be deleted for a refusal", (given,))]
    closing = look.closing()
    stated = [at for line in refused if (at := line.time("decided_at")) is not None]
    if not stated or closing is None:
        return [lacking("authorisation was refused, and refusal and close are not both on the record with their time")]
    stopped = closing.at <= min(stated)
    because = "use stopped at the refusal" if stopped else "use went on after the refusal"
    return (
        Condition(stopped, because, (refused, closing.lines)),
        Entries(
            "deletion",
            "authorisation was refused and no deletion of results is on the record",
            lambda line: line("class") == "results",
        ),
        says("remaining", 0, yes="all results were deleted", no="results remain after the refusal"),
    )


SEARCH_HOURS = statutory("eu-post-search-hours")


def _searched_with_authority(line: Line) -> bool | None:
    """Whether each later search was authorised in time and is linked to an offence and a file."""
    if line("count") == 0:
        return True
    searches = [evidence.value for evidence in line.statement.get("sealed.searches[]")]
    if len(searches) < line("count"):
        return None
    return all(
        moment(item["authorised_at"]) - moment(item["searched_at"]) <= hours(SEARCH_HOURS)
        and item.get("offence")
        and item.get("file")
        for item in searches
    )


declare(
    "eu.aia.26-10.post-remote",
    Paper("post_search", "no count of later searches is on the record"),
    that(
        _searched_with_authority,
        yes=f"each later search was authorised before or within {SEARCH_HOURS} hours of it",
        no=f"a later search was not authorised within {SEARCH_HOURS} hours",
        unsaid=f"the later searches are {SEALED}",
    ),
)
