"""The site of a library: forces side by side, a page a force, what changed as a page and a feed; no script, no server.

A force's page says what it publishes, how late and in which form, what it never published, which duties that answers,
and how requests to it stand. Nothing of the vault is on it. Written whole or not at all, as the site of a log; what was
worked out of readings before is taken as it is, and so is a page of the old site that would be drawn from the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from countersign.document import Block, Cell, Column, Document, Finding, Items, Link, Links, Paragraph, Section, Table
from countersign.following.changes import Change, changes, stands
from countersign.following.library import Library
from countersign.following.overview import Held, held, proved
from countersign.following.requests import Standing, standings
from countersign.following.sides import NEVER_SUMMED, page_of, sides
from countersign.progress import Progress, silent
from countersign.published.claims.file import read_claims
from countersign.published.files import digest
from countersign.releases.forces import Force
from countersign.releases.kept import PROGRAM
from countersign.releases.release import Release, lateness
from countersign.releases.table import NOT_PUBLISHED, SUMS, Line, Side
from countersign.render.html import render_html
from countersign.reviews.duties import row_duties
from countersign.reviews.published.evidence import promises_of
from countersign.reviews.published.promises import promises
from countersign.rulebook.catalogue import DUTIES
from countersign.site.again import Drawn, digests, laid, made_by
from countersign.site.open_data import News, atom
from countersign.site.write import MANIFEST, Manifest, manifest_of, replacing
from countersign.surroundings import current
from countersign.words.dates import dated, day, local_words, span
from countersign.words.lists import capital, counted, listing

FORM = "library-site/1"
#: Changes on a force's own page, and in the feed.
MOST_CHANGES, FEED_LENGTH = 10, 100
_KINDS = {"force": "the force", "ours": "our reading", "claim": "a claim"}


class _Answered(msgspec.Struct, frozen=True):
    asked: int
    duties: tuple[tuple[str, str], ...]


class _Page(NamedTuple):
    """A file of the site: its name, a digest of all that it is drawn from but the day, and what draws it."""

    name: str
    key: str
    draw: Callable[[], bytes]


def write_library_site(library: Library, out: Path, *, progress: Progress = silent) -> int:
    """Write the site of a library to a folder, in the place of an older one; returns how many files were drawn.

    A page of the old site stands where all that it was drawn from is the same and its bytes are as they were written;
    it then goes on saying on which day it was drawn. Raises ``NotASite``, ``SiteBeingWritten``, ``CannotWrite``, and
    what reading the library raises; then the old site stands unchanged.
    """
    pages, today, new = _pages(library, progress), str(current().now().date()), 0
    with replacing(out) as staging:
        old, drawn = manifest_of(out.resolve(), FORM), dict[str, Drawn]()
        for number, page in enumerate(pages):
            progress("writing pages", number, len(pages))
            before = old.drawn.get(page.name)
            if before is not None and before.key == page.key and laid(out.resolve(), staging, before.files):
                drawn[page.name] = before
                continue
            (staging / page.name).write_bytes(page.draw())
            drawn[page.name] = Drawn(page.key, today, "", "", digests(staging, [page.name]))
            new += 1
        manifest = Manifest(FORM, [], sorted(drawn), drawn)
        (staging / MANIFEST).write_bytes(msgspec.json.encode(manifest, order="deterministic") + b"\n")
    return new


def _pages(library: Library, progress: Progress) -> list[_Page]:
    found, lines, changed = sides(library, progress=progress), held(library), changes(library, progress=progress)
    letters = standings(library.state.steps, current().now().date())
    by_force, addresses, pages = {each.force: each for each in found}, library.addresses(), list[_Page]()
    for name in library.state.followed:
        force, own = library.force(name), [change for change in changed if change.force == name][:MOST_CHANGES]
        asked = [letter for letter in letters if letter.force == name]
        of = [line for line in lines if line.force == name]
        releases = [(each, library.state.latest(each), addresses.get(each.digest)) for each in library.state.of(name)]
        file = library.claims(force)
        claims = digest(file.read_bytes()) if file else ""
        key = _key(library.title, force, by_force.get(name), of, releases, own, [each.said for each in asked], claims)
        draw = partial(_page, library, force, by_force.get(name), of, own, asked)
        pages.append(_Page(f"{name}.html", key, partial(_drawn, draw)))
    key = _key(library.title, [page.key for page in pages], proved(library), changed)
    return [
        _Page("index.html", key, partial(_drawn, partial(_home, library, found, lines))),
        _Page("changes.html", key, partial(_drawn, partial(_changes, library, changed))),
        _Page("feed.xml", key, partial(_feed, library, changed)),
        *pages,
    ]


def _key(*parts: object) -> str:
    return digest(repr((made_by(), PROGRAM, parts)).encode())


def _drawn(make: Callable[[], Document]) -> bytes:
    return render_html(
        make(), back=(("All forces", "index.html"), ("What changed", "changes.html"), ("Feed", "feed.xml"))
    )


def _about(library: Library) -> tuple[str, ...]:
    return (library.title, f"Drawn on {day(current().now().date())}")


def _home(library: Library, found: list[Side], lines: list[Held]) -> Document:
    beside = page_of(library, found, linked=True)
    columns = ("Force", "Publishes", "Last published", "How late", "Form")
    rows = [(Cell(line.name, link=f"{line.force}.html#short"), *map(Cell, _last(library, line))) for line in lines]
    releases = counted(len(library.state.releases), "release")
    first: list[Block] = [
        Paragraph(f"{releases} of {counted(len(found), 'force')}. {NEVER_SUMMED}", "lead"),
        _table("forces", "Each force, and the last release of each of its lists", columns, rows),
        Paragraph(capital(proved(library)), "note"),
    ]  # fmt: skip
    return Document(
        library.title, "", "en-GB", (Section("forces", "The forces", tuple(first)), *beside.sections), _about(library)
    )


def _last(library: Library, line: Held) -> tuple[str, ...]:
    release = line.releases[-1]
    glimpse = library.glimpse(release)
    form = glimpse.form if glimpse is not None else NOT_READ
    period = None if glimpse is None else release.period(glimpse)
    late = lateness(release.published, period[1] if period else None) or "not known"
    published = dated(release.published) if release.published else "day not known"
    return (line.series.replace("-", " "), published, late, form)


#: Stands where a release could not be read.
NOT_READ = "could not be read"


def _table(place: str, caption: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    columns = tuple(Column(f"c{number}", heading) for number, heading in enumerate(headings))
    return Table(f"table-{place}", caption, columns, tuple(map(tuple, rows)))


def _page(
    library: Library, force: Force, own: Side | None, lines: list[Held], changed: list[Change], asked: list[Standing]
) -> Document:
    sections = [Section("short", "In short", tuple(_short(force, own, lines)))]
    if lines:
        sections.append(Section("releases", "What it published, and when", tuple(_releases(library, lines))))
    if own is not None and own.lines:
        sections.append(Section("years", "Year by year", tuple(_years(own))))
        sections.append(Section("duties", "Duties that published data can answer", tuple(_duties(library, force))))
    if promised := _promised(library, force):
        sections.append(Section("promises", "What was promised, and what was counted since", promised))
    if asked:
        said = Items(tuple(f"{letter.letter}: {letter.said}." for letter in asked))
        sections.append(Section("requests", "Requests", (said,)))
    sections.append(Section("changes", "What changed", tuple(_findings(changed[:MOST_CHANGES]))))
    return Document(force.name, "What it publishes, how late, in which form", "en-GB", tuple(sections), _about(library))


def _short(force: Force, own: Side | None, lines: list[Held]) -> Iterator[Block]:
    if not lines:
        yield Paragraph(f"No release of {force.name} is held.", "lead")
        return
    yield Paragraph(" ".join(f"{capital(line.said)}." for line in lines), "lead")
    if own is None:
        return
    last = [line for line in own.lines if line.year == own.lines[-1].year]
    missing = {label: _boxes(own.lines, shown) for label, shown in _QUANTITIES.items()}
    no_more = [label for label, shown in _QUANTITIES.items() if not missing[label] and _boxes(last, shown)]
    never = [label for label, gone in missing.items() if gone]
    yield Paragraph(
        f"Never published: {listing(never)}." if never else "Each quantity of the table was published once."
    )
    if no_more:
        yield Paragraph(f"Published before, and not of {own.lines[-1].year}: {listing(no_more)}.")
    if own.notes:
        yield Items(own.notes)


#: The quantities of the table in plain words, and what a line shows of each.
_QUANTITIES: Mapping[str, Callable[[Line], str]] = {
    "single deployments": lambda line: line.sums[0],
    "hours": lambda line: line.sums[1],
    "faces": lambda line: line.sums[2],
    "alerts": lambda line: line.sums[3],
    "false alerts": lambda line: line.sums[4],
    "how many alerts stayed unconfirmed": lambda line: line.sums[5],
    "people engaged": lambda line: line.sums[6],
    "arrests": lambda line: line.sums[7],
    "the size of the watchlist": lambda line: line.lists,
    "the threshold": lambda line: line.thresholds,
    "use cases": lambda line: line.use_cases,
}


def _boxes(lines: Iterable[Line], shown: Callable[[Line], str]) -> bool:
    """Whether none of these lines shows a quantity."""
    return all(shown(line) == NOT_PUBLISHED for line in lines)


def _releases(library: Library, lines: list[Held]) -> Iterator[Block]:
    addresses = library.addresses()
    headings = ("Published", "Kept here", "Covers", "Form", "Rows", "Faults", "Digest (SHA-256)", "From")
    for line in lines:
        rows = [_release(library, release, addresses) for release in reversed(line.releases)]
        yield _table(f"releases-{line.series}", capital(line.series.replace("-", " ")), headings, rows)


def _release(library: Library, release: Release, addresses: Mapping[str, str]) -> list[Cell]:
    glimpse = library.glimpse(release)
    published = dated(release.published) if release.published else "day not known"
    source = addresses.get(release.digest) or release.source.replace("-", " ")
    texts = [published, dated(release.fetched[:10])]
    if glimpse is None or not glimpse.read:
        texts += ["not known", glimpse.form if glimpse is not None else "not known", NOT_READ, "not looked for"]
    else:
        period = release.period(glimpse)
        texts += [span(*period) if period else "no date printed", glimpse.form]
        texts += [f"{glimpse.rows:,}", f"{glimpse.faults:,}"]
    return [Cell(text) for text in (*texts, f"{release.digest[:16]}…", source)]


def _years(own: Side) -> Iterator[Block]:
    years = [f"{line.year}, {line.system}" if line.system else line.year for line in own.lines]
    pairs = list(zip(years, own.lines, strict=True))
    yield _table(
        "counts", "Counts", ("Year", *SUMS.values()), [[Cell(year), *map(Cell, line.sums)] for year, line in pairs]
    )
    settings = [[Cell(year), Cell(line.lists), Cell(line.thresholds), Cell(line.use_cases)] for year, line in pairs]
    yield _table("settings", "Settings", ("Year", "Entries on the watchlist", "Threshold", "Use cases"), settings)
    rates = [
        [Cell(text) for text in (rated.regime, rated.measure, rated.counts, rated.rate, rated.at_most or NOT_PUBLISHED)]
        for line in own.lines
        for rated in line.rates
    ]
    if rates:
        headings = ("Regime", "Rate", "Counts", "With a 95% interval", "If every unconfirmed alert was false")
        yield _table("rates", "Error rates, each of one regime", headings, rates)


def _promised(library: Library, force: Force) -> tuple[Block, ...]:
    """The dated promises in the claims kept for a force (by it, or by anyone else) beside counts, without a verdict."""
    file = library.claims(force)
    made = promises_of(read_claims(file)) if file else ()
    rows = stands(library, library.state.of(force.id)).record.rows if made else ()
    return (promises(made, rows),) if rows else ()


def _duties(library: Library, force: Force) -> Iterator[Block]:
    releases = library.state.of(force.id)
    key = digest(repr(("duties", PROGRAM, [(each, library.state.latest(each)) for each in releases])).encode())

    def made() -> _Answered:
        duties, _ = row_duties(stands(library, releases).record, None, None)
        shown = [duty for duty in duties if duty.state != "not shown" and duty.id in DUTIES]
        said = tuple((DUTIES[duty.id].title, f"{duty.state}: {duty.because}") for duty in shown)
        return _Answered(len(duties), said)

    found = library.drawn.made(key, _Answered, made)
    many = "none" if not found.duties else f"{len(found.duties):,}"
    yield Paragraph(f"Of {counted(found.asked, 'duty')}, what is published of the latest deployment answers {many}.")
    if found.duties:
        yield _table("duties", "Answered", ("Duty", "How it stands"), [list(map(Cell, both)) for both in found.duties])


def _changes(library: Library, changed: list[Change]) -> Document:
    names = {force: library.force(force).name for force in library.state.followed}
    blocks: list[Block] = [
        Paragraph(
            "What a force changed, what we read otherwise (by another map or version of the program), and claims that "
            "turned stand apart.",
            "lead",
        ),
        Links("By force", tuple(Link(name, "", f"{force}.html") for force, name in names.items())),
    ]
    blocks += _findings(changed)
    return Document(
        "What changed",
        library.title,
        "en-GB",
        (Section("changes", "The latest first", tuple(blocks)),),
        _about(library),
    )


def _findings(changed: list[Change]) -> Iterator[Block]:
    for change in changed:
        details = tuple((capital(label), text) for label, text in change.items)
        place = f"change-{change.entry}-{change.kind}"
        yield Finding(
            place,
            _KINDS[change.kind],
            change.title,
            f"In the library since {local_words(change.at)}.",
            details,
            fold=True,
        )
    if not changed:
        yield Paragraph("Nothing yet.")


def _feed(library: Library, changed: list[Change]) -> bytes:
    news = [
        News(change.title, f"{library.title} {change.entry} {change.kind} {change.force}", change.at,
             f"{change.force}.html", "; ".join(f"{label}: {text}" for label, text in change.items[:MOST_CHANGES]))
        for change in changed[:FEED_LENGTH]
    ]  # fmt: skip
    updated = max((change.at for change in changed), default=current().time_text())
    return atom(f"{library.title}: what changed", library.title, updated, library.title, news)
