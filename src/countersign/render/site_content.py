"""What stands on each page of the public site, as parts that ``site_pages`` draws.

Counts are those on the record, each as stated and by whom. Counts of false alerts by group are repeated for calendar
quarters and years alone, which do not overlap, none suppressed, and never for one deployment: few alerts at a known
place and time would say too much about single people, and overlapping periods could be subtracted to get them.

>>> is_fixed("2026-01-01", "2026-03-31"), is_fixed("2026-01-01", "2026-03-30")
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from countersign.events.periods import is_fixed
from countersign.record.entry import Entry
from countersign.render.site_deployment import (
    COUNTS,
    UNTOLD,
    WHY_NOT_ONE,
    count_text,
    deployment_page,
    page_path,
    pairs,
    plain_facts,
    who_signed,
)
from countersign.render.site_facts import FILTERS, PublicDeployment, SiteFacts
from countersign.render.site_pages import Grid, Links, Page, Part, Steps, Text, Title


def pages(facts: SiteFacts, versions: list[dict[str, Any]]) -> Iterator[Page]:
    """All pages but the reports; ``versions`` are the publications of this site, the newest last."""
    yield _start(facts)
    yield from _register(facts)
    for one in facts.deployments:
        yield deployment_page(facts, one)
    yield _programme(facts)
    yield from _years(facts)
    yield _check(facts)
    yield _data()
    yield _changes(facts, versions)


def _start(facts: SiteFacts) -> Page:
    trust = facts.record.trust
    counts = [sum(one.stands_in(name) for one in facts.deployments) for name in FILTERS]
    told = ((title, f"deployments/{name}.html", f"{count:,}. {why}")
            for (name, (title, why)), count in zip(FILTERS.items(), counts, strict=True))  # fmt: skip
    return Page(
        "index.html",
        "Live facial recognition: the public record",
        (
            Text(
                "What the force has put on record about its deployments of live facial recognition, and how to check "
                "it. What is stated here is stated by whoever signed it; that it stands here does not make it true.",
                "lead",
            ),
            who_signed(facts),
            Text(f"Written at {facts.now} from the log {trust.origin} with {trust.size:,} entries."),
            Title("Deployments"),
            Links((("All deployments", "deployments/index.html", f"{len(facts.deployments):,}."), *told)),
            Title("Newest"),
            _listing(facts.deployments[:10], "The newest deployments"),
            Text("No script runs here and nothing is fetched from elsewhere."),
            Links((("Feed of changes (Atom)", "feed.xml", ""),)),
        ),
    )


def _listing(found: tuple[PublicDeployment, ...], caption: str) -> Grid:
    rows = tuple(
        (
            (one.day, page_path(one)),
            (one.subject, ""),
            (one.state.place or "place not announced", ""),
            (one.state.stage, ""),
            ("; ".join(f"{late.what} since {late.since[:10]}" for late in one.late) or "nothing", ""),
        )
        for one in found
    )
    return Grid(caption, ("Day", "Deployment", "Place", "Stage", "Overdue"), rows)


def _register(facts: SiteFacts) -> Iterator[Page]:
    found = facts.deployments
    years = tuple((year, f"deployments/{year}.html", "") for year in facts.years())
    ways = tuple((title, f"deployments/{name}.html", "") for name, (title, _) in FILTERS.items())
    head = (Text("Choose a page; no script is needed."), Links((("All", "deployments/index.html", ""), *years, *ways)))
    yield Page("deployments/index.html", "Deployments", (*head, _listing(found, f"All {len(found):,} deployments")))
    for year in facts.years():
        chosen = tuple(one for one in found if one.day.startswith(year))
        listing = _listing(chosen, f"{len(chosen):,} deployments in {year}")
        yield Page(f"deployments/{year}.html", f"Deployments in {year}", (*head, listing))
    for name, (title, why) in FILTERS.items():
        chosen = tuple(one for one in found if one.stands_in(name))
        listing = _listing(chosen, f"{len(chosen):,} deployments")
        yield Page(
            f"deployments/{name}.html", f"Deployments: {title[0].lower()}{title[1:]}", (*head, Text(why), listing)
        )


def _programme(facts: SiteFacts) -> Page:
    parts: list[Part] = []
    for programme in facts.programmes:
        parts.append(Title(f"Programme of {programme.force}"))
        policies = tuple(
            ((one.version, ""), (one.published_at or UNTOLD, ""), (one.digest, ""), (f"{one.entry}", ""))
            for one in programme.policies.values()
        )
        parts.append(Grid("Versions of the policy", ("Version", "Published", "SHA-256", "Entry"), policies))
        for each in programme.moratoria:
            until = each.lifted_at or each.ends_at or "no end stated"
            parts.append(Text(f"Moratorium from {each.starts_at}; {until} (entry {each.entry}).", "warning"))
        open_findings = programme.unanswered()
        parts.append(Text(f"Findings of reviews that the force has not answered: {len(open_findings):,}."))
    rows = tuple(
        ((f"{index}", ""), (entry.draft.at, ""), (entry.draft.kind, ""), (plain_facts(entry.draft.facts), ""))
        for index, entry in facts.record.entries
        if "/" not in entry.draft.subject and entry.draft.kind.startswith("programme.")
    )  # fmt: skip
    parts += [
        Title("Late"),
        *(Text(f"{one.what}, since {one.since}, by {one.by}.", "warning") for one in facts.late),
        *(() if facts.late else (Text("No answer to a finding is late."),)),
        Title("Papers of the programme"),
        Grid("Entries about the programme", ("Entry", "Speaks for", "Kind", "Stated"), rows),
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
        for name, words in COUNTS[:7]:
            given = [one[name] for one in stated if one is not None and name in one]
            rows.append((words, f"{sum(given):,}" if given else UNTOLD, f"{len(given):,} of {len(chosen):,}"))
        totals = Grid(
            f"Sums of what was stated for {len(chosen):,} deployments",
            ("What", "Sum", "Deployments that state it"),
            tuple(((a, ""), (b, ""), (c, "")) for a, b, c in rows),
        )
        parts: list[Part] = [totals, Text("A sum over different engines, thresholds or ways of counting is no rate.")]
        for index, one in reported:
            if one["period_start"].startswith(year):
                caption = f"{one['period_start']} to {one['period_end']}, as stated in entry {index}"
                groups = tuple(
                    tuple((count_text(group.get(name, UNTOLD)), "") for name in ("characteristic", "group", "false"))
                    for group in one.get("groups", ())
                )
                parts.append(Grid(f"False alerts by group, {caption}", ("Characteristic", "Group", "False"), groups))
        yield Page(f"years/{year}.html", f"The year {year}", (*parts, Text(WHY_NOT_ONE, "note")))


def group_reports(facts: SiteFacts) -> tuple[list[tuple[int, dict[str, Any]]], int]:
    """Reports by group for fixed periods that overlap none before them, and how many others there are."""
    kept: list[tuple[int, dict[str, Any]]] = []
    left = 0
    for index, entry in facts.record.entries:
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


def _check(facts: SiteFacts) -> Page:
    trust = facts.record.trust
    rows = tuple(((name, ""), (time, "")) for name, time in trust.cosigned_by)
    witnesses: Part = Grid("Witnesses", ("Key", "Cosigned at"), rows) if rows else Text(
        "No witness's signature was checked when this was written."
    )  # fmt: skip
    return Page(
        "check/index.html",
        "How to check",
        (
            Text("What is checked is unaltered since it was signed; nothing is said about whether it is true.", "lead"),
            who_signed(facts),
            Grid(
                "The log's head, from which this was written",
                ("What", "Value"),
                pairs([("Origin", trust.origin), ("Entries", f"{trust.size}"), ("Root (SHA-256)", trust.root.hex())]),
            ),
            Links((("Checkpoint", "log/checkpoint", "signed note, C2SP tlog-checkpoint; tiles lie beside it"),)),
            Title("Witnesses"),
            witnesses,
            Title("With Countersign, offline"),
            Steps(
                (
                    ("Copy this site. Get the policy that says whom to trust from somebody else than the force.", ""),
                    ("Check a proof; it holds its entry.", "countersign verify FILE.tlog-proof --policy trust.policy"),
                    (
                        "Check every entry under the head and answer every duty yourself. A changed byte stops it.",
                        "countersign review log --deployment NAME --policy trust.policy",
                    ),
                )
            ),
            Title("Without Countersign"),
            Steps(
                (
                    ("The checkpoint is a C2SP signed note; check it with the keys of the log and the witnesses.", ""),
                    ("The tiles are C2SP tlog-tiles, SHA-256 as in RFC 6962: hash each entry of log/tile/entries and "
                     "compare with log/tile/0; hash each full tile and compare with the next level, to the root.", ""),
                    ("A .tlog-proof is a C2SP tlog-proof: the entry is its extra line, in base64; hash it up with the "
                     "proof's hashes and compare with the root in its checkpoint. The Go packages "
                     "golang.org/x/mod/sumdb/note and tlog do these sums.", ""),
                )
            ),
        ),
    )  # fmt: skip


def _data() -> Page:
    return Page(
        "data/index.html",
        "Open data",
        (
            Text("One row for each deployment, with the counts that the force stated; empty where it stated none."),
            Links(
                (
                    ("deployments.csv", "data/deployments.csv", "for spreadsheets"),
                    ("deployments.json", "data/deployments.json", "for programs"),
                    ("datapackage.json", "data/datapackage.json", "columns, with their types and meaning"),
                    ("atrs.json", "atrs/atrs.json", "the algorithmic transparency record"),
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
    where = {one.subject: page_path(one) for one in facts.deployments}
    rows = tuple(
        ((subject, where.get(subject, "programme/index.html")), (f"{len(found):,}", ""), (found[-1][1].draft.kind, ""))
        for subject, found in new.items()
    )
    told = tuple(
        ((one["moment"], ""), (f"{one['size']:,}", ""), (one["root"], "")) for one in reversed(versions)
    )  # fmt: skip
    return Page(
        "changes/index.html",
        "What changed",
        (
            Text(f"New in the last publication: entries {before} to {facts.record.trust.size - 1}."),
            Grid("By what the entries are about", ("About", "New entries", "The last of them"), rows),
            Grid("All publications of this site", ("Written at", "Entries", "Root (SHA-256)"), told),
        ),
    )
