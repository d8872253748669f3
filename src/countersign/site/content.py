"""What stands on the pages of the public site but those of single deployments and of checking: start, register, years.

Start begins with the force, what failed lately and the duty wall. Counts are those on the record, each as stated and by
whom. Counts of false alerts by group are repeated for calendar quarters and years alone, which do not overlap, none
suppressed, and never for one deployment: few alerts at a known place and time would say too much about single people,
and overlapping periods could be subtracted to get them.

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
from countersign.document import Block, Cell, Items, Paragraph, Table
from countersign.record.entries.entry import Entry
from countersign.reviews.deployment.brief import wall
from countersign.site import recount
from countersign.site.deployment import COUNTS, WHY_NOT_ONE, deployment_page, page_path, report_path, who_signed
from countersign.site.facts import FILTERS, PublicDeployment, SiteFacts, kind_title, said_in, stage_of
from countersign.site.pages import Page, linked, links, page, section, table
from countersign.site.reports import Outcome
from countersign.words.dates import dated, local_words
from countersign.words.facts import UNTOLD, overdue_words, value_words
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import body_name, class_name, stage_name
from countersign.words.numbers import small

#: The page that checks in a browser, the only one of the site with a script.
VERIFIER = "verify.html"
#: The program's path on the site, and what is typed to check without Countersign.
PROGRAM = "check/recount.py"
COMMANDS = (
    f"python3 {PROGRAM} log log",
    f"python3 {PROGRAM} proof CODE/entry-N.tlog-proof",
    f"python3 {PROGRAM} signature log/checkpoint 'KEY' signed",
    "openssl pkeyutl -verify -pubin -inkey signed/key.pem -rawin -in signed/text -sigfile signed/signature",
)
#: Deployments on the start page.
LATEST = 10
Outcomes = Mapping[str, Outcome]


def program() -> bytes:
    """The program as it lies on the site."""
    return Path(recount.__file__).read_bytes()


def pages(
    facts: SiteFacts, versions: list[dict[str, Any]], outcomes: Outcomes, letters: Mapping[str, frozenset[str]]
) -> Iterator[Page]:
    """All pages but the reports. ``versions`` are the publications of this site, the newest last; ``outcomes`` is what
    each deployment's review found, and ``letters`` are the files to fill in of those whose page is to be drawn, both by
    short code.
    """
    yield _start(facts, outcomes)
    yield from _register(facts, outcomes)
    for entry in facts.deployments:
        if entry.code in letters:
            yield deployment_page(facts, entry, outcomes[entry.code], letters[entry.code])
    yield _programme(facts)
    yield from _years(facts)
    yield check_page(facts)
    yield _data()
    yield _changes(facts, versions)


def _forces(facts: SiteFacts) -> str:
    return listing([body_name(programme.force) for programme in facts.programmes]) or "No force yet"


def _standing(facts: SiteFacts, name: str) -> tuple[PublicDeployment, ...]:
    return tuple(deployment for deployment in facts.deployments if deployment.stands_in(name))


def _start(facts: SiteFacts, outcomes: Outcomes) -> Page:
    trust, coming = facts.record.trust, _standing(facts, "coming")
    latest = facts.deployments[:LATEST]
    announced = _listing(coming, outcomes, "Announced and not yet over") if coming else Paragraph("None is announced.")
    counts = [(linked("Deployments", "deployments/index.html"), f"{len(facts.deployments):,}", "All on the record.")]
    counts += [
        (linked(title, f"deployments/{name}.html"), f"{len(_standing(facts, name)):,}", why)
        for name, (title, why) in FILTERS.items()
    ]
    written = (
        ("Written", local_words(facts.now)),
        ("From the log", f"{trust.origin}, {counted(trust.size, 'entry', 'entries')}"),
    )
    return page(
        "index.html",
        f"{capital(_forces(facts))}: live facial recognition",
        section("What failed", *_failed(facts, outcomes), who_signed(facts)),
        section("The latest deployments", _listing(latest, outcomes, "The latest deployments, and what was not met")),
        *_walls(facts, outcomes),
        section("Announced", announced),
        section("The register", table("How many deployments there are", ("Which", "How many", "What it says"), counts)),
        section("About this site", table("When and from what it was written", ("What", "Stated"), written),
                links("Check a bundle or a proof in your browser", ("The verifier, one page", VERIFIER)),
                links("For a feed reader", ("Feed of changes (Atom)", "feed.xml"))),
        subtitle="What the force has put on record, what it has not, and how you can check both.",
    )  # fmt: skip


def _failed(facts: SiteFacts, outcomes: Outcomes) -> Iterator[Block]:
    """In how many deployments duties were not met, those of the live phase by themselves."""
    held = [outcomes[deployment.code] for deployment in facts.deployments if deployment.went_live]
    if not held:
        yield Paragraph("No deployment on this record has been live.")
        return
    failing = sum(bool(outcome.not_met) for outcome in held)
    live = [outcome.live_not_met for outcome in held if outcome.live_not_met]
    whole = f"{small(len(held))} deployments that went live"
    if live:
        duties = be(sum(live), "duty of the live phase was", "duties of the live phase were")
        where = f"in {small(len(live))} of {whole}" if len(held) > 1 else "in the one deployment that went live"
        yield Paragraph(f"{capital(small(sum(live)))} {duties} not met {where}.", "lead")
    if not failing:
        yield Paragraph("This public record contradicts no duty. Most of what would show one is sealed, or not there.")
    elif len(held) > 1:
        yield Paragraph(f"A duty of any phase was not met in {small(failing)} of {whole}.")


def _walls(facts: SiteFacts, outcomes: Outcomes) -> Iterator[Any]:
    """The wall of the newest deployment that has been live, else of the newest."""
    live = [deployment for deployment in facts.deployments if deployment.went_live]
    for deployment in (live or list(facts.deployments))[:1]:
        about = f"{deployment.place}, {dated(deployment.day)}"
        shown = wall(outcomes[deployment.code].duties, f"./{report_path(deployment)}", f"The duty wall: {about}")
        yield section("The duties, one square each", shown)


def _listing(found: tuple[PublicDeployment, ...], outcomes: Outcomes, caption: str) -> Table:
    rows = (
        (
            linked(f"{entry.state.place or entry.place}, {dated(entry.day)}", page_path(entry)),
            outcomes[entry.code].in_words,
            stage_name(stage_of(entry.state)),
            overdue_words(entry.late) or "nothing",
            entry.code,
        )
        for entry in found
    )
    return table(caption, ("Place and day", "Not met", "How far it has come", "Overdue", "Short code"), rows)


def _register(facts: SiteFacts, outcomes: Outcomes) -> Iterator[Page]:
    years = {year: tuple(entry for entry in facts.deployments if entry.day.startswith(year)) for year in facts.years()}
    of_filters = {name: _standing(facts, name) for name in FILTERS}
    choices = [("All", "deployments/index.html", len(facts.deployments))]
    choices += [(title, f"deployments/{name}.html", len(of_filters[name])) for name, (title, _) in FILTERS.items()]
    choices += [(year, f"deployments/{year}.html", len(chosen)) for year, chosen in years.items()]

    def listed(path: str, title: str, chosen: tuple[PublicDeployment, ...], *more: Block) -> Page:
        places = ((f"{text} ({number:,})", "" if at == path else at) for text, at, number in choices)
        those = _listing(chosen, outcomes, counted(len(chosen), "deployment")) if chosen else Paragraph("None.")
        return page(path, title, section("Which deployments", links("Show", *places), *more, those))

    whole = Paragraph("What was kept off the record altogether cannot be seen from it.", "note")
    yield listed("deployments/index.html", "Deployments", facts.deployments, whole)
    for year, chosen in years.items():
        yield listed(f"deployments/{year}.html", f"Deployments in {year}", chosen)
    for name, (title, why) in FILTERS.items():
        chosen = of_filters[name]
        shown_title = f"Deployments: {title[0].lower()}{title[1:]}"
        yield listed(f"deployments/{name}.html", shown_title, chosen, Paragraph(why), *_dates(name, chosen))


def _dates(name: str, chosen: tuple[PublicDeployment, ...]) -> Iterator[Block]:
    """For overridden, erased and irregular ones: what and when, line by line."""
    rows: list[tuple[str | Cell, ...]] = []
    for deployment in chosen:
        who = linked(f"{deployment.state.place or deployment.subject}, {dated(deployment.day)}", page_path(deployment))
        if name == "overridden":
            rows += [
                (who, f"{each.gate} despite {', '.join(sorted(each.duties))}", f"until {local_words(each.expires_at)}")
                for each in deployment.state.overrides
            ]
        elif name == "erased":
            deleted: dict[str, list[str]] = {}
            for _, entry in deployment.erasures:
                deleted.setdefault(entry.draft.at, []).append(class_name(str(entry.draft.facts.get("class", _SEALED))))
            rows += [(who, listing(list(dict.fromkeys(names))), local_words(at)) for at, names in deleted.items()]
        elif name == "irregular":
            entries = dict(deployment.entries)
            rows += [
                (who, each.sentence, local_words(entries[each.entry].draft.at))
                for each in deployment.state.irregularities
            ]
        elif name == "missing" and deployment.state.ended_at is not None:
            over = f"over since {local_words(deployment.state.ended_at)}"
            rows.append((who, "no results on the record", over))
    if rows:
        yield table("With dates", ("Deployment", "What", "When"), rows)


_SEALED = "sealed items of this log"


def _programme(facts: SiteFacts) -> Page:
    sections = []
    for programme in facts.programmes:
        stops = []
        for each in programme.moratoria:
            lifted, ends = each.lifted_at, each.ends_at
            until = f"until {local_words(ends)}" if ends else "no end stated"
            until = f"lifted from {local_words(lifted)}" if lifted else until
            said = f"A moratorium from {local_words(each.starts_at)}; {until} (entry {each.entry})."
            stops.append(Paragraph(said, "warning"))
        policies = (
            (policy.version, local_words(policy.published_at or UNTOLD), policy.digest, f"{policy.entry}")
            for policy in programme.policies.values()
        )
        findings = [
            (name, each.duty, each.subject, dated(each.answer_due), f"{each.entry}")
            for name, each in programme.unanswered().items()
        ]
        waiting = table("Findings that the force has not answered", _FINDINGS, findings)
        none = Paragraph("No finding of a review waits for the force's answer.")
        sections.append(
            section(
                f"The programme of {body_name(programme.force)}",
                *stops,
                table("Versions of the policy", ("Version", "Published", "SHA-256", "Entry"), policies),
                waiting if findings else none,
            )
        )
    late = [
        Paragraph(f"Overdue since {local_words(each.since)}: {each.what} ({each.by}).", "warning")
        for each in facts.late
    ]
    entries = (
        (f"{index}", *said_in(entry))
        for index, entry in facts.record.entries
        if "/" not in entry.draft.subject and entry.draft.kind.startswith("programme.")
    )
    papers = table("Entries about the programme", ("Entry", "Speaks for", "What it says", "Stated"), entries)
    record = links("The same by the fields of the ATRS", ("Transparency record", "atrs/index.html"))
    return page(
        "programme/index.html", "The programme", *sections, section("Papers of the programme", *late, papers, record)
    )


_FINDINGS = ("Finding", "Duty", "About", "Answer due", "Entry")


def _years(facts: SiteFacts) -> Iterator[Page]:
    reported, left = group_reports(facts)
    years = tuple((year, f"years/{year}.html") for year in facts.years())
    which = links("Years", *years) if years else Paragraph("No deployment is on the record.")
    note = Paragraph(f"Reports by group not repeated, for another period or one that overlaps: {left:,}.", "note")
    yield page("years/index.html", "Years", section("Which year", which, Paragraph(WHY_NOT_ONE), note))
    for year in facts.years():
        chosen = [entry for entry in facts.deployments if entry.day.startswith(year)]
        stated = [entry.last("publish.results") for entry in chosen]
        rows = []
        for name, words in COUNTS[:9]:
            given = [results[name] for results in stated if results is not None and name in results]
            rows.append((words, f"{sum(given):,}" if given else UNTOLD, f"{len(given):,} of {len(chosen):,}"))
        caption = f"Sums of what was stated for {counted(len(chosen), 'deployment')}"
        no_rate = "A sum over different engines, thresholds or ways of counting is no rate."
        totals = table(caption, ("What", "Sum", "Deployments that state it"), rows, note=no_rate)
        groups: list[Block] = [
            _groups(index, report) for index, report in reported if report["period_start"].startswith(year)
        ]
        none = "No report by group for a quarter of this year, or the year, is on the record."
        yield page(
            f"years/{year}.html",
            f"The year {year}",
            section("Counts", totals),
            section("False alerts by group", *(groups or [Paragraph(none)]), Paragraph(WHY_NOT_ONE, "note")),
            above=("All years", "years/index.html"),
        )


def _groups(index: int, report: Mapping[str, Any]) -> Table:
    period = f"{dated(report['period_start'])} to {dated(report['period_end'])}"
    rows = (
        tuple(value_words(group.get(name, UNTOLD)) for name in ("characteristic", "group", "false"))
        for group in report.get("groups", ())
    )
    caption = f"False alerts by group, {period}, as stated in entry {index}"
    return table(caption, ("Characteristic", "Group", "False alerts"), rows)


def is_fixed(start: str, end: str) -> bool:
    """Whether a period is a calendar quarter or a calendar year."""
    year, month = int(start[:4]), int(start[5:7])
    if start[:4] != end[:4] or start[8:] != "01":
        return False
    last = f"{year}-{int(end[5:7]):02d}-{calendar.monthrange(year, int(end[5:7]))[1]:02d}"
    months = int(end[5:7]) - month + 1
    return end == last and ((months == 3 and month in (1, 4, 7, 10)) or months == 12)


def group_reports(facts: SiteFacts) -> tuple[list[tuple[int, dict[str, Any]]], int]:
    """Reports by group for fixed periods that overlap none before them, and how many others there are."""
    kept: list[tuple[int, dict[str, Any]]] = []
    left = 0
    for index, entry in standing(facts.record.entries):
        if entry.draft.kind not in ("publish.annual-report", "review.disparity") or not entry.draft.facts.get("groups"):
            continue
        report: dict[str, Any] = dict(entry.draft.facts)
        start, end = str(report["period_start"]), str(report["period_end"])
        apart = all(end < other["period_start"] or other["period_end"] < start for _, other in kept)
        over = sum(start <= each.day <= end for each in facts.deployments)
        if is_fixed(start, end) and apart and over != 1 and report.get("deployments") != 1:
            kept.append((index, report))
        else:
            left += 1
    return kept, left


def check_page(facts: SiteFacts) -> Page:
    """How to check the log, with Countersign and without."""
    trust = facts.record.trust
    witnesses: Block = Paragraph("No witness's signature was checked when this was written.", "warning")
    if trust.cosigned_by:
        times = ((name, local_words(time)) for name, time in trust.cosigned_by)
        witnesses = table("Witnesses that have cosigned the head", ("Key", "Cosigned"), times)
    log, proof, signature, openssl = COMMANDS
    read_from = (
        ("Log (origin)", trust.origin),
        ("Entries", f"{trust.size:,}"),
        ("Root (SHA-256)", trust.root.hex()),
        *(("Key of the log, as trusted when this was written", key) for key in trust.signed_by),
        ("Written", local_words(facts.now)),
    )
    offline = (
        ("Check one entry. A proof holds its entry, the way up to the root, and the signed head.",
         "countersign verify CODE/entry-N.tlog-proof --policy trust.policy"),
        ("Check every entry under the head, and answer every duty yourself. A changed byte stops it.",
         "countersign review log --deployment NAME --policy trust.policy"),
    )  # fmt: skip
    alone = (
        ("Hash every entry up to the root, and compare every tile and the head.", log),
        ("Do the same for one proof.", proof),
        ("Take the log's key (KEY) from somebody you trust, and print what it has signed.", signature),
        ("Check the signature. It answers: Signature Verified Successfully.", openssl),
    )
    copy = "Copy this whole site to a folder and go there."
    policy = "Get the file that says whom to trust (trust.policy) from somebody other than the force."
    return page(
        "check/index.html",
        "How to check",
        section(
            "What can be checked",
            Paragraph("You can check that nothing was altered since it was signed, and that no entry was left out of "
                      "the log's middle or put in later. Whether a statement is true cannot be seen from the log."),
            Paragraph("A report names the day and the head it was drawn under. It is drawn again when an entry, or "
                      "time, changes what it says."),
            who_signed(facts),
            table("What this site was written from", ("What", "Value"), read_from),
            links("The log's signed head; its tiles lie beside it", ("Checkpoint", "log/checkpoint")),
        ),
        section("Witnesses",
            Paragraph("A witness is someone outside the force who has seen the log grow and signs each head. Its "
                      "signature shows that everybody is shown the same log."),
            witnesses),
        _IN_YOUR_BROWSER,
        section("With Countersign, offline",
            Items((copy, policy), numbered=True), table("Steps with Countersign", _STEPS, offline)),
        section("Without Countersign",
            Paragraph("The forms are public (C2SP tlog-tiles, tlog-checkpoint, tlog-proof, tlog-cosignature, "
                      "signed-note). Other programs read them, such as the Go package golang.org/x/mod/sumdb. The "
                      "steps below need only Python 3 and OpenSSL 3."),
            Items((copy, "Read the program below before you run it."), numbered=True),
            table("Steps without it", _STEPS, alone),
            Paragraph("Last, compare the root with the one that a witness, or anyone else who reads this log, has."),
            links("The program, as a file", ("recount.py", PROGRAM))),
    )  # fmt: skip


_STEPS = ("Step", "Type this")
_IN_YOUR_BROWSER = section(
    "In your browser",
    Paragraph(
        "Save the page below, open it without a network, and drop a bundle, a proof (.tlog-proof) or the log's "
        "checkpoint on it, with the policy file. It sends nothing. A page from the force's own site could be altered: "
        "take it from somebody else, or compare it with theirs."
    ),
    links("One page", ("Verifier", VERIFIER)),
)


def _data() -> Page:
    files = (
        (linked("deployments.csv", "data/deployments.csv"), "For spreadsheets."),
        (linked("deployments.json", "data/deployments.json"), "For programs."),
        (linked("datapackage.json", "data/datapackage.json"), "Columns, with their types and meaning."),
        (linked("atrs.json", "atrs/atrs.json"), "The algorithmic transparency record."),
        (linked("feed.xml", "feed.xml"), "What is new, for a feed reader (Atom)."),
    )
    row = "One row for each deployment, with the counts that the force stated. A cell is empty where it stated none."
    return page(
        "data/index.html",
        "Open data",
        section("Files", Paragraph(row), table("Files of open data", ("File", "What it is"), files)),
        section("What is not in them", Paragraph(WHY_NOT_ONE)),
    )


def _changes(facts: SiteFacts, versions: list[dict[str, Any]]) -> Page:
    before = versions[-2]["size"] if len(versions) > 1 else 0
    new: dict[str, list[tuple[int, Entry]]] = {}
    for index, entry in facts.record.entries[before:]:
        new.setdefault(entry.draft.subject, []).append((index, entry))
    where = {deployment.subject: deployment for deployment in facts.deployments}

    def about(subject: str) -> Cell:
        if subject not in where:
            return linked(f"The programme of {subject}", "programme/index.html")
        there = where[subject]
        return linked(f"{there.state.place or subject}, {dated(there.day)}", page_path(there))

    rows = ((about(subject), f"{len(found):,}", kind_title(found[-1][1].draft.kind)) for subject, found in new.items())
    published = ((local_words(each["moment"]), f"{each['size']:,}", each["root"]) for each in reversed(versions))
    last = facts.record.trust.size - 1
    since = f"New since the publication before: entries {before} to {last}."
    since = since if before else f"This site was first published with entries 0 to {last}."
    stays = "An entry once published stays: a later log in which it differs has another root."
    return page(
        "changes/index.html",
        "What changed",
        section("New entries", Paragraph(since),
                table("By what the new entries are about", ("About", "New entries", "The last of them"), rows)),
        section("Publications", Paragraph(stays, "note"),
                table("All publications of this site", ("Written", "Entries", "Root (SHA-256)"), published)),
    )  # fmt: skip
