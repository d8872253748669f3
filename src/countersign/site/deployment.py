"""The page of one deployment: what happened, what was not met, the duties, what you can do, the notice, the results.

What stands there is the record's; each number is that of an entry, as stated by those who signed it.

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
from countersign.document import Block, Cell, Items, Paragraph
from countersign.record.entries.entry import Entry
from countersign.reviews.deployment.brief import wall
from countersign.site.facts import PublicDeployment, SiteFacts, kind_title, said_in, stage_of
from countersign.site.pages import Page, linked, links, page, section, table
from countersign.site.reports import NAMES, OUTCOME, Outcome
from countersign.words.dates import dated, local_window, local_words
from countersign.words.facts import UNTOLD, late_words, overdue_words, value_words
from countersign.words.lists import capital, counted, listing
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
    "Counts of false alerts by group are not given for one deployment. Few alerts at a known place and time would say "
    "too much about single people. They are on the pages of the years, for calendar quarters and years that do not "
    "overlap, since overlapping ones could be subtracted. None is left out for being small."
)
#: Sign and leaflet, as ``countersign papers`` names them, and what the link to each says.
PAPERS = {
    "sign-en.pdf": "Sign in English (A3, PDF)",
    "sign-cy.pdf": "Sign in Welsh (A3, PDF)",
    "leaflet-en.pdf": "Leaflet in English (A5, PDF)",
    "leaflet-cy.pdf": "Leaflet in Welsh (A5, PDF)",
}
#: A deployment's page in its folder.
PAGE = "index.html"
#: Kinds of what people outside the force found or complained of.
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
    return f"{one.code}/{PAGE}"


def who_signed(facts: SiteFacts) -> Paragraph:
    """What must be said early: whether anyone outside has cosigned."""
    first = facts.record.first
    return Paragraph(first, "warning") if first else Paragraph("An outside body has cosigned this log.")


def deployment_page(facts: SiteFacts, one: PublicDeployment, outcome: Outcome, letters: frozenset[str]) -> Page:
    """The page of a deployment; ``letters`` are the files that can be filled in and lie beside it."""
    report = report_path(one)
    to_fill = [(words, f"{one.code}/{name}") for name, words in NAMES if name in letters]
    papers = [(words, f"{one.code}/{name}") for name, words in PAPERS.items() if f"{one.code}/{name}" in facts.papers]
    entries = (_entry(one, index, entry, one.corrected) for index, entry in one.entries)
    every = f"All {len(one.entries):,} entries about this deployment"
    return page(
        page_path(one),
        f"{one.place}, {dated(one.day)}",
        section("What happened", *_happened(facts, one, outcome)),
        section(outcome.headline, *_not_met(one, outcome)),
        section("The duties, one square each", wall(outcome.duties, f"./{report}"),
                links("Every duty and figure, with its evidence", ("Report on this deployment", report)),
                links("The same for programs", ("duties.json", f"{one.code}/{OUTCOME}"))),
        section(
            "If you were there" if one.state.ended_at else "If you pass it",
            Paragraph("You may walk round the cameras. Doing so is not suspicious. You may ask what is held about you, "
                      "and complain. Copy a letter and fill it in; nothing is sent from here."),
            *([links("Letters", *to_fill)] if to_fill else []),
            *([links("As put up or handed out", *papers)] if papers else []),
        ),
        section("Before: the notice", *_notice(one)),
        section("After: the results", *_results(one)),
        section("Overdue, overridden, deleted, corrected, or against the rules", *_troubles(one)),
        section("Observers", *_observers(one)),
        section("Findings, answers, complaints", *_outside(one)),
        section("Entries, and how to check them",
                links("Each proof holds its entry and leads to the log's head", ("How to check", "check/index.html")),
                table(every, _ENTRIES, entries, fold=True)),
        above=("All deployments", "deployments/index.html"),
    )  # fmt: skip


_ENTRIES = ("Entry", "Speaks for", "What it says", "Signed as", "Comes from", "Proof")


def _happened(facts: SiteFacts, one: PublicDeployment, outcome: Outcome) -> Iterator[Block]:
    """In plain words what took place, whose record it is, and who signed."""
    yield Paragraph(" ".join(outcome.happened) if one.went_live else _sentence(one), "lead")
    if one.state.opened_at is not None and one.state.ended_at is None:
        yield Paragraph(_sentence(one))
    yield Paragraph(f"On the record it is {one.subject}, short code {one.code}.", "note")
    yield who_signed(facts)


def _not_met(one: PublicDeployment, outcome: Outcome) -> Iterator[Block]:
    """What failed and what is late or missing, a sentence each; what is sealed is called that."""
    if one.stands_in("missing"):
        yield Paragraph("It is over, and no results are on the record.", "warning")
    if one.late:
        yield Paragraph(f"Overdue by the force's own policy: {overdue_words(one.late)}.", "warning")
    if outcome.not_met:
        yield Items(tuple(f"{sentence}." for sentence in outcome.not_met))
    else:
        yield Paragraph("This public record contradicts no duty.")
    yield from (Paragraph(sentence) for sentence in outcome.events)
    sealed = sum(duty.sealed for duty in outcome.duties)
    silent = sum(duty.state == "not shown" for duty in outcome.duties) - sealed
    if sealed:
        yield Paragraph(
            f"{counted(sealed, 'duty rests', 'duties rest')} on sealed statements. The log holds them, and opens them "
            "to readers it names. The public record cannot show whether those duties were met."
        )
    if silent:
        yield Paragraph(
            f"{capital(counted(silent, 'duty is', 'duties are'))} not shown: nothing on the record bears on them."
        )


def _sentence(one: PublicDeployment) -> str:
    state = one.state
    when = f"on {dated(one.day)}" if state.windows else "on a day not announced"
    if state.phase is Phase.REFUSED:
        return "Authority for this deployment was refused."
    if state.phase is Phase.LIVE:
        return f"Live since {local_words(state.opened_at or '')}; its close is not on the record."
    if state.phase is Phase.SUSPENDED:
        return "Live, and stopped for now; its close is not on the record."
    if state.phase in (Phase.CLOSED, Phase.ARCHIVED):
        return f"It was live {when} and is over." if state.opened_at else "It was called off before it began."
    if state.phase is Phase.AUTHORISED and state.windows:
        return f"Announced for {dated(one.day)}."
    notice = "" if state.windows else "; no notice of it is on the record"
    return f"This deployment is {stage_name(stage_of(state))}{notice}."


def _entry(one: PublicDeployment, index: int, entry: Entry, corrections: Corrections) -> tuple[str | Cell, ...]:
    draft = entry.draft
    late = ", entered late" if "late" in draft.facts else ""
    if index in corrections.instead:
        late += f", corrected by entry {corrections.instead[index][0]}"
    elif index in corrections.withdrawn:
        late += ", withdrawn"
    proof = linked(f"Proof of entry {index}", proof_path(one, index)) if index in one.proved() else Cell("")
    sealed = f"; sealed: {listing([token(label) for label in sorted(draft.sealed)])}" if draft.sealed else ""
    said = f"{kind_title(draft.kind)} ({draft.kind}){sealed}"
    texts = (f"{index}", f"{local_words(draft.at)}{late}", said, value_words(draft.role), draft.supplied_by)
    return (*texts, proof)


def _notice(one: PublicDeployment) -> Iterator[Block]:
    notice, authority = one.last("open.notice"), one.state.authority
    if notice is None:
        called = "It was exempted from a notice, by an entry of its own." if one.state.exempt else ""
        yield Paragraph(called or f"No notice is on the record. {one.place}.", "warning")
    rows = []
    if notice is not None:
        rows += [("Place", str(notice.get("place", UNTOLD)))]
        rows += [
            ("When" if number == 1 else f"And (window {number})", local_window(window["start"], window["end"]))
            for number, window in enumerate(notice.get("windows", ()), 1)
        ]
        rows += [
            ("Purpose", value_words(notice.get("purpose", UNTOLD))),
            ("Published", local_words(str(notice.get("published_at", UNTOLD)))),
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
                f"{value_words(authority.decision)} on {local_words(authority.signed_at)}, "
                f"{value_words(authority.form)}",
            ),
            ("At most on the watchlist", listed),
        ]
    if rows:
        yield table("The notice, as the force stated it", ("What", "Stated"), rows)


def _corrected(one: PublicDeployment) -> Iterator[tuple[str, str]]:
    """What each later notice says otherwise than the one before it, with the place and time that was given there."""
    notices = [(index, entry.draft.facts) for index, entry in one.entries if entry.draft.kind == "open.notice"]
    for (index, before), (later, after) in pairwise(notices):
        fields: Any = corrected(before, after)
        windows: Any = before["windows"]
        said = listing([local_window(window["start"], window["end"]) for window in windows])
        was = f"; entry {index} said {before['place']}, {said}" if {"place", "windows"} & set(fields) else ""
        if fields:
            yield f"Corrected by entry {later}", f"{listing(fields)}{was}"


def _results(one: PublicDeployment) -> Iterator[Block]:
    results = one.last("publish.results")
    if results is None:
        begun = one.state.opened_at is not None
        yield Paragraph("No results are on the record." if begun else "It has not been live, so there are no results.")
        return
    missing = [words for name, words in COUNTS if name not in results]
    note = f"Not stated: {', '.join(missing)}." if missing else ""
    stated = ((words, value_words(results[name])) for name, words in COUNTS if name in results)
    on = local_words(str(results["published_at"]))
    yield table(f"Results, as the force stated them on {on}", ("What", "Stated"), stated, note=note)
    yield Paragraph(WHY_NOT_ONE, "note")


def _troubles(one: PublicDeployment) -> Iterator[Block]:
    rows = [
        ("overdue", f"{late_words(late.code, late.what)}, by {late.by}", f"since {local_words(late.since)}")
        for late in one.late
    ]
    rows += [
        (
            "overridden",
            f"{each.gate} despite {', '.join(sorted(each.duties))} (entry {each.entry})",
            f"until {local_words(each.expires_at)}",
        )
        for each in one.state.overrides
    ]
    rows += [
        ("deleted", f"{_deleted(entry)} (entry {index})", f"at {local_words(entry.draft.at)}")
        for index, entry in one.erasures
    ]
    rows += [
        (
            "against the rules",
            f"{each.sentence} (entry {each.entry})",
            f"speaks for {local_words(dict(one.entries)[each.entry].draft.at)}",
        )
        for each in one.state.irregularities
    ]
    rows += list(_set_right(one))
    if not rows:
        yield Paragraph("Nothing of the kind is on the record.")
        return
    yield table("With dates", ("Kind", "What", "When"), rows)


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
        yield "corrected", f"{what} ({why}, entry {made.entry}{since})", f"since {local_words(made.draft.at)}"


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


def _observers(one: PublicDeployment) -> Iterator[Block]:
    rows = [said_in(entry) for _, entry in one.entries if entry.draft.kind.startswith("observer.")]
    if rows:
        yield table("What observers entered", ("At", "What", "Stated"), rows)
    else:
        yield Paragraph("No observer has entered anything.")


def _outside(one: PublicDeployment) -> Iterator[Block]:
    rows = [(*said_in(entry), f"{index}") for index, entry in one.entries if entry.draft.kind in _OUTSIDE]
    if rows:
        yield table("What was found, answered or complained of", ("At", "What", "Stated", "Entry"), rows)
    else:
        yield Paragraph("None is on the record.")
