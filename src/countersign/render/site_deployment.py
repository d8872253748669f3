"""The page of one deployment: the notice before, the results after, what is overdue, observers, entries with proofs.

>>> count_text(9000), plain_facts({"what": "faces", "count": 9, "signs": []})
('9,000', 'what faces; count 9')
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from countersign.record.entry import Entry
from countersign.render.site_facts import PublicDeployment, SiteFacts
from countersign.render.site_pages import Grid, Links, Page, Part, Text, Title

#: Counts of the results, in the order of the page: field of ``publish.results``, words.
COUNTS = (
    ("faces", "Faces seen"), ("alerts", "Alerts"), ("true", "True alerts"), ("false", "False alerts"),
    ("unresolved", "Alerts not resolved"), ("engagements", "Engagements"), ("arrests", "Arrests"),
    ("list_size", "People on the watchlist"), ("threshold", "Threshold"), ("hours", "Hours"),
)  # fmt: skip
WHY_NOT_ONE = (
    "Counts of false alerts by group are not given for one deployment: few alerts at a known place and time would say "
    "too much about single people. They stand on the pages of the years, for calendar quarters and years that do not "
    "overlap (overlapping ones could be subtracted), and none is left out for being small."
)
UNTOLD = "not on the record"


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


def deployment_page(facts: SiteFacts, one: PublicDeployment) -> Page:
    """The page of a deployment."""
    state = one.state
    return Page(
        page_path(one),
        f"{state.place or one.subject}, {one.day}",
        (
            Text(f"{one.subject}, short code {one.code}: {state.stage}.", "lead"),
            who_signed(facts),
            Title("Before: the notice"),
            *_notice(one),
            Title("After: the results"),
            *_results(one),
            Title("Duties, figures and the whole report"),
            Links((("Report on this deployment", report_path(one), "every duty answered from the record"),)),
            Text(WHY_NOT_ONE, "note"),
            Title("Overdue, overridden, deleted, out of rule"),
            *_troubles(one),
            Title("Observers"),
            *_observers(one),
            Title("Entries, and how to check them"),
            Links((("How to check", "check/index.html", "step by step, with Countersign and without"),)),
            Grid(
                "Entries about this deployment",
                ("Entry", "Speaks for", "Kind", "Role", "Supplied by", "Proof"),
                tuple(_entry(one, index, entry) for index, entry in one.entries),
            ),
        ),
    )


def _entry(one: PublicDeployment, index: int, entry: Entry) -> tuple[tuple[str, str], ...]:
    proof = ("tlog-proof", proof_path(one, index)) if index in one.proved() else ("", "")
    draft = entry.draft
    late = " (late)" if "late" in draft.facts else ""
    return (
        (f"{index}", ""), (f"{draft.at}{late}", ""), (draft.kind, ""), (draft.role, ""), (draft.supplied_by, ""), proof,
    )  # fmt: skip


def _notice(one: PublicDeployment) -> Iterator[Part]:
    notice, authority = one.last("open.notice"), one.state.authority
    if notice is None:
        yield Text("No notice is on the record.", "warning")
    else:
        rows = [
            ("Place", str(notice.get("place", UNTOLD))),
            ("Area", str(notice.get("area", UNTOLD))),
            *((f"Window {number}", f"{window['start']} to {window['end']}")
              for number, window in enumerate(notice.get("windows", ()), 1)),
            ("Purpose", str(notice.get("purpose", UNTOLD))),
            ("Published", str(notice.get("published_at", UNTOLD))),
            ("Address given", str(notice.get("url", UNTOLD))),
        ]  # fmt: skip
        yield Grid("The notice, as the force stated it", ("What", "Stated"), pairs(rows))
    if authority is not None:
        words = f"Authority: {authority.decision} on {authority.signed_at}, {authority.form}"
        yield Text(f"{words}; at most {authority.list_maximum or UNTOLD} on the list, entry {authority.entry}.")


def _results(one: PublicDeployment) -> Iterator[Part]:
    results = one.last("publish.results")
    if results is None:
        yield Text("No results are on the record.")
        return
    rows = [(words, count_text(results[name])) for name, words in COUNTS if name in results]
    missing = [words for name, words in COUNTS if name not in results]
    yield Grid("The results, as the force stated them", ("What", "Stated"), pairs(rows))
    if missing:
        yield Text(f"Not stated: {', '.join(missing)}.", "note")


def _troubles(one: PublicDeployment) -> Iterator[Part]:
    rows = [("overdue", f"{late.what}, by {late.by}", late.since) for late in one.late]
    rows += [
        ("overridden", f"{each.gate} despite {', '.join(sorted(each.duties))} (entry {each.entry})", each.expires_at)
        for each in one.state.overrides
    ]
    rows += [("deleted", f"{_deleted(entry)} (entry {index})", entry.draft.at) for index, entry in one.erasures()]
    rows += [
        ("out of rule", f"{each.sentence} (entry {each.entry})", dict(one.entries)[each.entry].draft.at)
        for each in one.state.irregularities
    ]
    if not rows:
        yield Text("Nothing of the kind is on the record.")
        return
    cells = tuple(((kind, ""), (what, ""), (when, "")) for kind, what, when in rows)
    yield Grid("With dates", ("Kind", "What", "Since, until or at"), cells)


def _deleted(entry: Entry) -> str:
    facts = entry.draft.facts
    if entry.draft.kind == "record.erased":
        return "sealed items of this log erased"
    return f"{facts.get('class', 'items')}: the force states that {facts.get('remaining', 'an unknown number')} remain"


def _observers(one: PublicDeployment) -> Iterator[Part]:
    rows = tuple(
        ((entry.draft.at, ""), (entry.draft.kind, ""), (plain_facts(entry.draft.facts), ""))
        for _, entry in one.entries
        if entry.draft.kind.startswith("observer.")
    )
    if rows:
        yield Grid("What observers entered", ("At", "Kind", "Stated"), rows)
    else:
        yield Text("No observer has entered anything.")


def pairs(rows: list[tuple[str, str]]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Rows of two cells without links."""
    return tuple(((name, ""), (value, "")) for name, value in rows)


def count_text(value: Any) -> str:
    """A count with commas by thousands; anything else as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def plain_facts(facts: Any) -> str:
    """The plain public facts of an entry in one line; lists and tables of it are on the log."""
    plain = [f"{name} {value}" for name, value in facts.items() if isinstance(value, str | int)]
    return "; ".join(plain[:6])
