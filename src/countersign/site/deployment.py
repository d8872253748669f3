"""The page of one deployment: what it is, what you can do, the notice before, the results after, what is not in order.

What stands there is the record's; each number is that of an entry, as stated by whoever signed it.

>>> COUNTS[4]
('confirmed_false', 'False alerts, confirmed')
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from countersign.deployments.corrections import Corrections, changed
from countersign.deployments.lifecycle import Phase
from countersign.deployments.limits import corrected
from countersign.deployments.place import area_words
from countersign.record.entries.entry import Entry
from countersign.site.facts import PublicDeployment, SiteFacts, kind_title, said_in, stage_of
from countersign.site.pages import Cell, Facts, Grid, Links, Page, Part, Text, Title, row
from countersign.site.reports import NAMES
from countersign.words.dates import dated, moment_words, window_words
from countersign.words.facts import CLOCKS, UNTOLD, late_words, overdue_words, value_words
from countersign.words.lists import listing
from countersign.words.names import class_name, stage_name, token

#: Counts of the results, in the order of the page: field of ``publish.results``, words.
COUNTS = (
    ("faces", "Faces seen"), ("alerts", "Alerts"), ("confirmed_true", "True alerts, confirmed"),
    ("true", "True alerts, not confirmed"), ("confirmed_false", "False alerts, confirmed"),
    ("false", "False alerts, not confirmed"),
    ("unresolved", "Alerts not resolved"), ("engagements", "Engagements (people spoken to)"), ("arrests", "Arrests"),
    ("list_size", "People on the watchlist"), ("threshold", "Threshold (the score from which it alerts)"),
    ("hours", "Hours"),
)  # fmt: skip
WHY_NOT_ONE = (
    "Counts of false alerts by group are not given for one deployment: few alerts at a known place and time would say "
    "too much about single people. They stand on the pages of the years, for calendar quarters and years that do not "
    "overlap (overlapping ones could be subtracted), and none is left out for being small."
)
#: Sign and leaflet, as ``countersign papers`` names them, and what the link to each says.
PAPERS = {
    "sign-en.pdf": "Sign in English (A3, PDF)",
    "sign-cy.pdf": "Sign in Welsh (A3, PDF)",
    "leaflet-en.pdf": "Leaflet in English (A5, PDF)",
    "leaflet-cy.pdf": "Leaflet in Welsh (A5, PDF)",
}
#: Kinds on which people outside the force, or complaints, are told.
_OUTSIDE = frozenset(f"review.{name}" for name in ("finding", "answer", "dispute", "complaint", "breach", "judgement"))


def back(one: PublicDeployment) -> tuple[tuple[str, str], ...]:
    """The way back from a deployment's report."""
    return (
        ("All deployments", "../deployments/index.html"),
        (f"This deployment ({one.code})", "index.html"),
        ("How to check", "../check/index.html"),
    )


def report_path(one: PublicDeployment) -> str:
    """Where the review of a deployment lies."""
    return f"{one.code}/report.html"


def proof_path(one: PublicDeployment, index: int) -> str:
    """Where the proof of an entry of a deployment lies."""
    return f"{one.code}/entry-{index}.tlog-proof"


def page_path(one: PublicDeployment) -> str:
    """Where the page of a deployment lies."""
    return f"{one.code}/index.html"


def who_signed(facts: SiteFacts) -> Part:
    """What must be said before all else: whether anyone outside has cosigned."""
    return Text(facts.record.first, "warning") if facts.record.first else Text("An outside body has cosigned this log.")


def deployment_page(facts: SiteFacts, one: PublicDeployment, letters: frozenset[str]) -> Page:
    """The page of a deployment; ``letters`` are the files that can be filled in and lie beside it."""
    state, corrections = one.state, one.corrected
    return Page(
        page_path(one),
        f"{one.place}, {dated(one.day)}",
        (
            Text(f"{_sentence(one)} On the record it is {one.subject}, short code {one.code}.", "lead"),
            who_signed(facts),
            *_what_is_wrong(one),
            Title("If you were there" if state.ended_at else "If you pass it"),
            Text(
                "You may walk round the cameras; doing so is not suspicious. You may ask what is held about you, and "
                "complain. These letters are texts to copy and fill in; nothing is sent from here."
            ),
            Links(
                (
                    *((words, f"{one.code}/{name}", "") for name, words in NAMES if name in letters),
                    *((words, f"{one.code}/{name}", "As put up or handed out.")
                      for name, words in PAPERS.items() if f"{one.code}/{name}" in facts.papers),
                )
            ),
            Title("Before: the notice"),
            *_notice(one),
            Title("After: the results"),
            *_results(one),
            Title("Duties, figures and the whole report"),
            Links((("Report on this deployment", report_path(one), "Every duty answered from the record: met, stated, "
                    "not met or not shown; rates with their uncertainty."),)),
            Title("Overdue, overridden, deleted, out of rule, corrected"),
            *_troubles(one),
            Title("Observers"),
            *_observers(one),
            Title("Findings, answers, complaints"),
            *_outside(one),
            Title("Entries, and how to check them"),
            Links((("How to check", "check/index.html", "Step by step, with Countersign and without. A proof below "
                    "holds its entry and leads to the log's head."),)),
            Grid(
                f"All {len(one.entries):,} entries about this deployment",
                ("Entry", "Speaks for", "What it says", "Signed as", "Comes from", "Proof"),
                tuple(_entry(one, index, entry, corrections) for index, entry in one.entries),
                fold=True,
            ),
        ),
        up=("All deployments", "deployments/index.html"),
    )  # fmt: skip


def _sentence(one: PublicDeployment) -> str:
    state = one.state
    when = f"on {dated(one.day)}" if state.windows else "on a day not announced"
    if state.phase is Phase.REFUSED:
        return "Authority for this deployment was refused."
    if state.phase is Phase.LIVE:
        return f"Live since {moment_words(state.opened_at or '')}; its close is not on the record."
    if state.phase is Phase.SUSPENDED:
        return "Live, and stopped for now; its close is not on the record."
    if state.phase in (Phase.CLOSED, Phase.ARCHIVED):
        return f"It was live {when} and is over." if state.opened_at else "It was called off before it began."
    if state.phase is Phase.AUTHORISED and state.windows:
        return f"Announced for {dated(one.day)}."
    notice = "" if state.windows else "; no notice of it is on the record"
    return f"This deployment is {stage_name(stage_of(state))}{notice}."


def _what_is_wrong(one: PublicDeployment) -> Iterator[Part]:
    """Before all detail: what is late or missing."""
    if one.stands_in("missing"):
        yield Text("It is over, and no results are on the record.", "warning")
    if one.late:
        yield Text(f"Overdue by the force's own policy: {overdue_words(one.late)}.", "warning")


def _entry(one: PublicDeployment, index: int, entry: Entry, corrections: Corrections) -> tuple[Cell, ...]:
    draft = entry.draft
    late = ", entered late" if "late" in draft.facts else ""
    if index in corrections.instead:
        late += f", corrected by entry {corrections.instead[index][0]}"
    elif index in corrections.withdrawn:
        late += ", withdrawn"
    proof = Cell(f"Proof of entry {index}", proof_path(one, index)) if index in one.proved() else Cell("")
    sealed = f"; sealed: {listing([token(label) for label in sorted(draft.sealed)])}" if draft.sealed else ""
    said = f"{kind_title(draft.kind)} ({draft.kind}){sealed}"
    texts = (f"{index}", f"{moment_words(draft.at)}{late}", said, value_words(draft.role), draft.supplied_by)
    return (*row(*texts), proof)


def _notice(one: PublicDeployment) -> Iterator[Part]:
    notice, authority = one.last("open.notice"), one.state.authority
    if notice is None:
        called = "It was exempted from a notice, by an entry of its own." if one.state.exempt else ""
        yield Text(called or f"No notice is on the record. {one.place}.", "warning")
    rows = []
    if notice is not None:
        rows += [("Place", str(notice.get("place", UNTOLD)))]
        rows += [
            ("When" if number == 1 else f"And (window {number})", window_words(window["start"], window["end"]))
            for number, window in enumerate(notice.get("windows", ()), 1)
        ]
        rows += [
            ("Purpose", value_words(notice.get("purpose", UNTOLD))),
            ("Told to the public", moment_words(str(notice.get("published_at", UNTOLD)))),
            ("Address given by the force", str(notice.get("url", UNTOLD))),
            ("Area code", str(notice.get("area", UNTOLD))),
            ("Zone of recognition", area_words(notice["zone"])),
            *_corrected(one),
        ]
    if authority is not None:
        listed = f"{authority.list_maximum:,}" if authority.list_maximum is not None else UNTOLD
        rows += [
            (
                "Authority",
                f"{value_words(authority.decision)} on {moment_words(authority.signed_at)}, "
                f"{value_words(authority.form)}",
            ),
            ("At most on the watchlist", listed),
        ]
    if rows:
        yield Facts(tuple(rows))
        yield Text(f"As the force stated it. {CLOCKS}", "note")


def _corrected(one: PublicDeployment) -> Iterator[tuple[str, str]]:
    """What each later notice says otherwise than the one before it, with the place and time that was given there."""
    notices = [(index, entry.draft.facts) for index, entry in one.entries if entry.draft.kind == "open.notice"]
    for (index, before), (later, after) in pairwise(notices):
        fields: Any = corrected(before, after)
        windows: Any = before["windows"]
        said = listing([window_words(window["start"], window["end"]) for window in windows])
        was = f"; entry {index} said {before['place']}, {said}" if {"place", "windows"} & set(fields) else ""
        if fields:
            yield f"Corrected by entry {later}", f"{listing(fields)}{was}"


def _results(one: PublicDeployment) -> Iterator[Part]:
    results = one.last("publish.results")
    if results is None:
        begun = one.state.opened_at is not None
        yield Text("No results are on the record." if begun else "It has not been live, so there are no results.")
        return
    yield Facts(tuple((words, value_words(results[name])) for name, words in COUNTS if name in results))
    missing = [words for name, words in COUNTS if name not in results]
    told = f" Not stated: {', '.join(missing)}." if missing else ""
    yield Text(f"As the force stated them on {moment_words(str(results['published_at']))}.{told}", "note")
    yield Text(WHY_NOT_ONE, "note")


def _troubles(one: PublicDeployment) -> Iterator[Part]:
    rows = [
        ("overdue", f"{late_words(late.code, late.what)}, by {late.by}", f"since {moment_words(late.since)}")
        for late in one.late
    ]
    rows += [
        (
            "gone ahead against a duty",
            f"{each.gate} despite {', '.join(sorted(each.duties))} (entry {each.entry})",
            f"until {moment_words(each.expires_at)}",
        )
        for each in one.state.overrides
    ]
    rows += [
        ("deleted", f"{_deleted(entry)} (entry {index})", f"at {moment_words(entry.draft.at)}")
        for index, entry in one.erasures()
    ]
    rows += [
        (
            "out of rule",
            f"{each.sentence} (entry {each.entry})",
            f"speaks for {moment_words(dict(one.entries)[each.entry].draft.at)}",
        )
        for each in one.state.irregularities
    ]
    rows += list(_set_right(one))
    if not rows:
        yield Text("Nothing of the kind is on the record.")
        return
    yield Grid("With dates", ("Kind", "What", "When"), tuple(row(*each) for each in rows))


def _set_right(one: PublicDeployment) -> Iterator[tuple[str, str, str]]:
    """What was stated first, and what stands instead, since when."""
    entries = dict(one.entries)
    for made in one.corrected.made:
        if made.fault is not None:
            continue
        named = entries[made.target].draft
        changes = "; ".join(
            f"{part.name.replace('_', ' ')}: first {_value(part.before)}, then {_value(part.after)}"
            for part in changed(made, entries.__getitem__)
        )
        what = f"{kind_title(named.kind)} (entry {made.target}): {changes or 'withdrawn'}"
        since = "" if one.corrected.stands(made) else "; since corrected again or withdrawn"
        why = value_words(made.facts["reason"])
        yield "corrected", f"{what} ({why}, entry {made.entry}{since})", f"since {moment_words(made.draft.at)}"


def _value(value: object) -> str:
    if value is None:
        return "not stated"
    return value_words(value) if isinstance(value, str | int) else "as in the entry"


def _deleted(entry: Entry) -> str:
    facts = entry.draft.facts
    if entry.draft.kind == "record.erased":
        return "sealed items of this log erased"
    what = class_name(str(facts.get("class", "items")))
    return f"{what}: the force states that {value_words(facts.get('remaining', 'an unknown number'))} remain"


def _observers(one: PublicDeployment) -> Iterator[Part]:
    rows = tuple(row(*said_in(entry)) for _, entry in one.entries if entry.draft.kind.startswith("observer."))
    if rows:
        yield Grid("What observers entered", ("At", "What", "Stated"), rows)
    else:
        yield Text("No observer has entered anything.")


def _outside(one: PublicDeployment) -> Iterator[Part]:
    rows = tuple(row(*said_in(entry), f"{index}") for index, entry in one.entries if entry.draft.kind in _OUTSIDE)
    if rows:
        yield Grid("What was found, answered or complained of", ("At", "What", "Stated", "Entry"), rows)
    else:
        yield Text("None is on the record.")
