"""What stands on the pages of the public site but those of single deployments and of checking: start, register, years.

Counts are those on the record, each as stated and by whom. Counts of false alerts by group are repeated for calendar
quarters and years alone, which do not overlap, none suppressed, and never for one deployment: few alerts at a known
place and time would say too much about single people, and overlapping periods could be subtracted to get them.

>>> is_fixed("2026-01-01", "2026-03-31"), is_fixed("2026-01-01", "2026-03-30")
(True, False)
>>> COMMANDS[0]
'python3 check/recount.py log log'
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from countersign.deployments.corrections import standing
from countersign.record.entries.entry import Entry
from countersign.site import recount
from countersign.site.deployment import COUNTS, WHY_NOT_ONE, deployment_page, page_path, who_signed
from countersign.site.facts import FILTERS, PublicDeployment, SiteFacts, kind_title, said_in, stage_of
from countersign.site.pages import (
    Cell,
    Choices,
    Counts,
    Facts,
    Grid,
    Links,
    Listing,
    Page,
    Part,
    Steps,
    Text,
    Title,
    row,
)
from countersign.words.dates import dated, moment_words
from countersign.words.facts import UNTOLD, overdue_words, value_words
from countersign.words.lists import counted, listing
from countersign.words.names import class_name, stage_name

#: The program's path on the site, and what is typed to check without Countersign.
PROGRAM = "check/recount.py"
COMMANDS = (
    f"python3 {PROGRAM} log log",
    f"python3 {PROGRAM} proof CODE/entry-N.tlog-proof",
    f"python3 {PROGRAM} signature log/checkpoint 'KEY' signed",
    "openssl pkeyutl -verify -pubin -inkey signed/key.pem -rawin -in signed/text -sigfile signed/signature",
)


def program() -> bytes:
    """The program as it lies on the site."""
    return Path(recount.__file__).read_bytes()


def check_page(facts: SiteFacts) -> Page:
    """The page."""
    trust = facts.record.trust
    rows = tuple(row(name, moment_words(time)) for name, time in trust.cosigned_by)
    witnesses: Part = Grid("Witnesses that have cosigned the head", ("Key", "Cosigned"), rows) if rows else Text(
        "No witness's signature was checked when this was written.", "warning"
    )  # fmt: skip
    log, proof, signature, openssl = COMMANDS
    return Page(
        "check/index.html",
        "How to check",
        (
            Text("What can be checked: that nothing was altered since it was signed, left out of the log's middle, or "
                 "put in later. Whether a statement is true cannot be seen from it.", "lead"),
            who_signed(facts),
            Title("What this site was written from"),
            Facts(
                (
                    ("Log (origin)", trust.origin),
                    ("Entries", f"{trust.size:,}"),
                    ("Root (SHA-256)", trust.root.hex()),
                    *(("Key of the log, as trusted when this was written", key) for key in trust.signed_by),
                    ("Written", moment_words(facts.now)),
                )
            ),
            Links((("Checkpoint", "log/checkpoint", "The log's signed head; its tiles lie beside it."),)),
            Title("Witnesses"),
            Text("A witness is somebody outside the force who has seen the log grow and signs each head. Its signature "
                 "shows that everybody is shown the same log."),
            witnesses,
            Title("With Countersign, offline"),
            Steps(
                (
                    ("Copy this whole site to a folder and go there. Get the file that says whom to trust "
                     "(trust.policy) from somebody else than the force.", ""),
                    ("Check one entry: a proof holds its entry, the way up to the root, and the signed head.",
                     "countersign verify CODE/entry-N.tlog-proof --policy trust.policy"),
                    ("Check every entry under the head, and answer every duty yourself. A changed byte stops it.",
                     "countersign review log --deployment NAME --policy trust.policy"),
                )
            ),
            Title("Without Countersign"),
            Text("The forms are public (C2SP tlog-tiles, tlog-checkpoint, tlog-proof, tlog-cosignature, signed-note), "
                 "and programs of others read them, such as the Go package golang.org/x/mod/sumdb. The steps "
                 "below need Python 3 and OpenSSL 3 alone."),
            Steps(
                (
                    ("Copy this whole site to a folder and go there. Read the program below before you run it.", ""),
                    ("Hash every entry up to the root, and compare every tile and the head.", log),
                    ("Do the same for one proof.", proof),
                    ("Take the log's key (KEY) from somebody you trust, and lay out what it has signed.", signature),
                    ("Check the signature. It answers: Signature Verified Successfully.", openssl),
                    ("Compare the root with the one that a witness, or anybody else who reads this log, has.", ""),
                )
            ),
            Links((("recount.py", PROGRAM, "The program, as a file."),)),
            Listing(program().decode("utf-8"), "Read the program"),
        ),
    )  # fmt: skip


_SEALED = "sealed items of this log"
_NO_LETTERS: Mapping[str, frozenset[str]] = {}


def pages(
    facts: SiteFacts, versions: list[dict[str, Any]], letters: Mapping[str, frozenset[str]] = _NO_LETTERS
) -> Iterator[Page]:
    """All pages but the reports; ``versions`` are the publications of this site, the newest last, and ``letters`` the
    files to fill in that lie in the folder of each short code."""
    yield _start(facts)
    yield from _register(facts)
    for one in facts.deployments:
        yield deployment_page(facts, one, letters.get(one.code, frozenset()))
    yield _programme(facts)
    yield from _years(facts)
    yield check_page(facts)
    yield _data()
    yield _changes(facts, versions)


def is_fixed(start: str, end: str) -> bool:
    """Whether a period is a calendar quarter or a calendar year."""
    year, month = int(start[:4]), int(start[5:7])
    if start[:4] != end[:4] or start[8:] != "01":
        return False
    last = f"{year}-{int(end[5:7]):02d}-{calendar.monthrange(year, int(end[5:7]))[1]:02d}"
    months = int(end[5:7]) - month + 1
    return end == last and ((months == 3 and month in (1, 4, 7, 10)) or months == 12)


def _standing(facts: SiteFacts, name: str) -> tuple[PublicDeployment, ...]:
    return tuple(one for one in facts.deployments if one.stands_in(name))


def _start(facts: SiteFacts) -> Page:
    trust = facts.record.trust
    told = tuple((len(_standing(facts, name)), title, f"deployments/{name}.html", why)
                 for name, (title, why) in FILTERS.items())  # fmt: skip
    every = (len(facts.deployments), "Deployments", "deployments/index.html", "All on the record, planned ones too.")
    coming = _standing(facts, "coming")
    return Page(
        "index.html",
        "Live facial recognition: the public record",
        (
            Text(
                "What the force has put on record about its deployments of live facial recognition, what it has not, "
                "and how you can check both.",
                "lead",
            ),
            who_signed(facts),
            Title("At a glance"),
            Counts((every, *told)),
            Title("Announced"),
            _listing(coming, f"{len(coming):,} announced and not yet over") if coming else Text("None is announced."),
            Title("Newest"),
            _listing(facts.deployments[:10], "The newest deployments"),
            Title("About this site"),
            Facts((("Written", moment_words(facts.now)), ("From the log", f"{trust.origin}, {trust.size:,} entries"))),
            Links((("Feed of changes (Atom)", "feed.xml", "For a feed reader."),)),
        ),
    )


def _listing(found: tuple[PublicDeployment, ...], caption: str) -> Grid:
    rows = tuple(
        (
            Cell(one.state.place or f"{one.place} ({one.subject.partition('/')[2]})", page_path(one), one.day),
            Cell(dated(one.day), keep=True),
            Cell(stage_name(stage_of(one.state))),
            Cell(overdue_words(one.late)),
            Cell(one.code, keep=True),
        )
        for one in found
    )
    return Grid(caption, ("Place", "Day", "How far it has come", "Overdue", "Short code"), rows)


def _register(facts: SiteFacts) -> Iterator[Page]:
    found = facts.deployments
    years = {year: tuple(one for one in found if one.day.startswith(year)) for year in facts.years()}
    choices = Choices(
        "Choose which deployments are listed",
        (
            ("All", "deployments/index.html", len(found)),
            *((title, f"deployments/{name}.html", len(_standing(facts, name))) for name, (title, _) in FILTERS.items()),
            *((year, f"deployments/{year}.html", len(chosen)) for year, chosen in years.items()),
        ),
    )
    whole = "What was kept off the record altogether cannot be seen from it."
    yield Page("deployments/index.html", "Deployments", (
        choices, Text(whole, "note"), _listing(found, f"All {counted(len(found), 'deployment')}"))
    )  # fmt: skip
    for year, chosen in years.items():
        listing = _listing(chosen, f"{counted(len(chosen), 'deployment')} in {year}")
        yield Page(f"deployments/{year}.html", f"Deployments in {year}", (choices, listing))
    for name, (title, why) in FILTERS.items():
        chosen = _standing(facts, name)
        those: Part = _listing(chosen, counted(len(chosen), "deployment")) if chosen else Text("None.")
        shown_title = f"Deployments: {title[0].lower()}{title[1:]}"
        yield Page(f"deployments/{name}.html", shown_title, (choices, Text(why), *_dates(name, chosen), those))


def _dates(name: str, chosen: tuple[PublicDeployment, ...]) -> Iterator[Part]:
    """For overridden, erased and irregular ones: what and when, line by line."""
    rows = []
    for one in chosen:
        who = Cell(one.state.place or one.subject, page_path(one), one.day)
        if name == "overridden":
            rows += [
                (who, Cell(f"{each.gate} despite {', '.join(sorted(each.duties))}"),
                 Cell(f"until {moment_words(each.expires_at)}"))
                for each in one.state.overrides
            ]  # fmt: skip
        elif name == "erased":
            deleted: dict[str, list[str]] = {}
            for _, entry in one.erasures():
                deleted.setdefault(entry.draft.at, []).append(class_name(str(entry.draft.facts.get("class", _SEALED))))
            rows += [
                (who, Cell(listing(list(dict.fromkeys(names)))), Cell(moment_words(at)))
                for at, names in deleted.items()
            ]
        elif name == "irregular":
            entries = dict(one.entries)
            rows += [
                (who, Cell(each.sentence), Cell(moment_words(entries[each.entry].draft.at)))
                for each in one.state.irregularities
            ]
        elif name == "missing" and one.state.ended_at is not None:
            rows.append((who, Cell("no results on the record"), Cell(f"over since {moment_words(one.state.ended_at)}")))
    if rows:
        yield Grid("With dates", ("Deployment", "What", "When"), tuple(rows))


def _programme(facts: SiteFacts) -> Page:
    parts: list[Part] = []
    for programme in facts.programmes:
        parts.append(Title(f"Programme of {programme.force}"))
        for each in programme.moratoria:
            lifted, ends = each.lifted_at, each.ends_at
            until = f"until {moment_words(ends)}" if ends else "no end stated"
            until = f"lifted from {moment_words(lifted)}" if lifted else until
            said = f"A moratorium from {moment_words(each.starts_at)}; {until} (entry {each.entry})."
            parts.append(Text(said, "warning"))
        policies = tuple(
            row(one.version, moment_words(one.published_at or UNTOLD), one.digest, f"{one.entry}")
            for one in programme.policies.values()
        )
        parts.append(Grid("Versions of the policy", ("Version", "Published", "SHA-256", "Entry"), policies))
        findings = tuple(
            row(name, one.duty, one.subject, dated(one.answer_due), f"{one.entry}")
            for name, one in programme.unanswered().items()
        )
        headings = ("Finding", "Duty", "About", "Answer due", "Entry")
        waiting = Grid("Findings of reviews that the force has not answered", headings, findings)
        parts.append(waiting if findings else Text("No finding of a review waits for the force's answer."))
    parts += [
        *(Text(f"Overdue since {moment_words(one.since)}: {one.what} ({one.by}).", "warning") for one in facts.late),
        Title("Papers of the programme"),
        Grid(
            "Entries about the programme",
            ("Entry", "Speaks for", "What it says", "Stated"),
            tuple(
                row(f"{index}", *said_in(entry))
                for index, entry in facts.record.entries
                if "/" not in entry.draft.subject and entry.draft.kind.startswith("programme.")
            ),
        ),
        Links((("Transparency record", "atrs/index.html", "The same programme by the fields of the ATRS."),)),
    ]
    return Page("programme/index.html", "The programme", tuple(parts))


def _years(facts: SiteFacts) -> Iterator[Page]:
    years = tuple((year, f"years/{year}.html", "") for year in facts.years())
    reported, left = group_reports(facts)
    head: tuple[Part, ...] = (Text(WHY_NOT_ONE), Links(years) if years else Text("No deployment is on the record."))
    note = Text(f"Reports by group not repeated, for another period or one that overlaps: {left:,}.", "note")
    yield Page("years/index.html", "Years", (*head, note))
    for year in facts.years():
        chosen = [one for one in facts.deployments if one.day.startswith(year)]
        stated = [one.last("publish.results") for one in chosen]
        rows = []
        for name, words in COUNTS[:9]:
            given = [one[name] for one in stated if one is not None and name in one]
            rows.append(row(words, f"{sum(given):,}" if given else UNTOLD, f"{len(given):,} of {len(chosen):,}"))
        caption = f"Sums of what was stated for {counted(len(chosen), 'deployment')}"
        totals = Grid(caption, ("What", "Sum", "Deployments that state it"), tuple(rows))
        parts: list[Part] = [
            totals,
            Text("A sum over different engines, thresholds or ways of counting is no rate.", "note"),
            Title("False alerts by group"),
        ]
        of_year = [(index, one) for index, one in reported if one["period_start"].startswith(year)]
        for index, one in of_year:
            period = f"{dated(one['period_start'])} to {dated(one['period_end'])}"
            groups = tuple(
                row(*(value_words(group.get(name, UNTOLD)) for name in ("characteristic", "group", "false")))
                for group in one.get("groups", ())
            )
            caption = f"False alerts by group, {period}, as stated in entry {index}"
            parts.append(Grid(caption, ("Characteristic", "Group", "False alerts"), groups))
        if not of_year:
            parts.append(Text("No report by group for a quarter of this year, or the year, is on the record."))
        parts.append(Text(WHY_NOT_ONE, "note"))
        yield Page(f"years/{year}.html", f"The year {year}", tuple(parts), up=("All years", "years/index.html"))


def group_reports(facts: SiteFacts) -> tuple[list[tuple[int, dict[str, Any]]], int]:
    """Reports by group for fixed periods that overlap none before them, and how many others there are."""
    kept: list[tuple[int, dict[str, Any]]] = []
    left = 0
    for index, entry in standing(facts.record.entries):
        if entry.draft.kind not in ("publish.annual-report", "review.disparity") or not entry.draft.facts.get("groups"):
            continue
        one: dict[str, Any] = dict(entry.draft.facts)
        start, end = str(one["period_start"]), str(one["period_end"])
        apart = all(end < other["period_start"] or other["period_end"] < start for _, other in kept)
        over = sum(start <= each.day <= end for each in facts.deployments)
        if is_fixed(start, end) and apart and over != 1 and one.get("deployments") != 1:
            kept.append((index, one))
        else:
            left += 1
    return kept, left


def _data() -> Page:
    return Page(
        "data/index.html",
        "Open data",
        (
            Text("One row for each deployment, with the counts that the force stated; empty where it stated none."),
            Links(
                (
                    ("deployments.csv", "data/deployments.csv", "For spreadsheets."),
                    ("deployments.json", "data/deployments.json", "For programs."),
                    ("datapackage.json", "data/datapackage.json", "Columns, with their types and meaning."),
                    ("atrs.json", "atrs/atrs.json", "The algorithmic transparency record."),
                    ("feed.xml", "feed.xml", "What is new, for a feed reader (Atom)."),
                )
            ),
            Text(WHY_NOT_ONE, "note"),
        ),
    )


def _changes(facts: SiteFacts, versions: list[dict[str, Any]]) -> Page:
    before = versions[-2]["size"] if len(versions) > 1 else 0
    new: dict[str, list[tuple[int, Entry]]] = {}
    for index, entry in facts.record.entries[before:]:
        new.setdefault(entry.draft.subject, []).append((index, entry))
    where = {one.subject: one for one in facts.deployments}
    rows = tuple(
        (
            Cell(f"{where[subject].state.place or subject}, {dated(where[subject].day)}", page_path(where[subject]))
            if subject in where
            else Cell(f"The programme of {subject}", "programme/index.html"),
            Cell(f"{len(found):,}"),
            Cell(kind_title(found[-1][1].draft.kind)),
        )
        for subject, found in new.items()
    )
    told = tuple(row(moment_words(one["moment"]), f"{one['size']:,}", one["root"]) for one in reversed(versions))
    last = facts.record.trust.size - 1
    return Page(
        "changes/index.html",
        "What changed",
        (
            Text(f"New since the publication before: entries {before} to {last}." if before else
                 f"This site was first published with entries 0 to {last}."),
            Grid("By what the new entries are about", ("About", "New entries", "The last of them"), rows),
            Title("Publications"),
            Text("An entry once published stays: a later log in which it differs has another root.", "note"),
            Grid("All publications of this site", ("Written", "Entries", "Root (SHA-256)"), told),
        ),
    )  # fmt: skip
