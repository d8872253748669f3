"""Fetching, only from the sources that the operator wrote down in ``sources.toml``: each a file, or a page and a rule.

A source names its force, its address (HTTPS), and, where that is a page, which links of it are releases: same host, a
pattern of paths, and at most so many. What robots.txt bars is not asked for; between two requests to a host there is a
pause. Every visit is kept as WARC, and is an entry of the log; bytes that are new are added as a release. What fails is
named and leaves everything as it was.
"""

from __future__ import annotations

import html
import json
import re
import urllib.robotparser
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import unquote, urljoin

import msgspec

from countersign.door import hold
from countersign.errors import CountersignError, WrongForm
from countersign.following.adding import SERIES, Added, Given, add
from countersign.following.library import Desk, Library, LibraryMalformed
from countersign.following.visiting import AGENT, LARGEST_PAGE, NotServed, Place, SourceRefused, Visitor, warc_of
from countersign.inputs import json_of, read_input, toml_of
from countersign.output import write_whole
from countersign.progress import Progress, silent
from countersign.published.files import digest
from countersign.record.entries.forms import fits
from countersign.releases.readings import form_of
from countersign.surroundings import current
from countersign.words.lists import counted

#: Links of one page that are followed, unless the source says fewer; no source may say more.
LIMIT, MOST_LINKS = 20, 200
MOST_SOURCES = 500
_HREF = re.compile(rb"""<a\s[^>]*?href\s*=\s*(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')""", re.I)
#: What a file's name promises, and the form its bytes have then.
_PROMISED = {".pdf": "PDF", ".xlsx": "spreadsheet (XLSX)", ".xls": "spreadsheet (XLS)", ".ods": "spreadsheet (ODS)",
             ".docx": "document (DOCX)", ".csv": "CSV"}  # fmt: skip


class SourcesMalformed(
    WrongForm, next_step="Correct the file at that place; docs/formats/library.md describes sources.toml."
):
    """A library's sources.toml is not in its form."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place to fetch from: whose releases, of which series, where; ``match``: the paths of links that are releases,
    if the address is a page; ``limit``: at most so many; ``each``: each is a list of its own, named after its file;
    ``private``: addresses of the host that may be private."""

    force: str
    address: str
    series: str = SERIES
    match: str = ""
    limit: int = LIMIT
    each: bool = False
    private: tuple[str, ...] = ()


class Visited(NamedTuple):
    """What came of one source: the outcome of the log's entry, in a sentence, and the releases that were new."""

    source: str
    outcome: str
    said: str
    added: tuple[Added, ...] = ()


def read_sources(library: Library) -> dict[str, Source]:
    """The sources of a library by id. Raises ``SourcesMalformed``, ``ForceUnknown`` or ``SourceRefused``."""
    file = library.path / "sources.toml"
    if not file.exists():
        return {}
    tables = hold("library", toml_of(read_input(file), str(file), SourcesMalformed), str(file))
    if len(tables) > MOST_SOURCES:
        raise SourcesMalformed(f"{file}: names more than {MOST_SOURCES:,} sources")
    found = {}
    for name, table in tables.items():
        try:
            source = msgspec.convert(table, Source)
        except msgspec.ValidationError as error:
            raise SourcesMalformed(f"{file}: [{name}]: {error}") from None
        if not fits("token", name) or not fits("token", source.series):
            raise SourcesMalformed(f"{file}: [{name}]: an id and a series are short names like force-a-grid")
        if not 1 <= source.limit <= MOST_LINKS:
            raise SourcesMalformed(f"{file}: [{name}]: limit is 1 to {MOST_LINKS}")
        Place.of(source.address)
        found[name] = msgspec.structs.replace(source, force=library.force(source.force).id)
    return found


def fetch(
    desk: Desk,
    names: Sequence[str] = (),
    *,
    visitor: Callable[[Source], Visitor] = lambda source: Visitor(frozenset(source.private)),
    progress: Progress = silent,
) -> list[Visited]:
    """Visit sources, those named or all, one after another; what fails in one leaves the others.

    Raises ``SourcesMalformed`` for the file, or for a name that it has not.
    """
    sources = read_sources(desk.library)
    if unknown := [name for name in names if name not in sources]:
        raise SourcesMalformed(f"sources.toml: has no source {unknown[0]!r}")
    found = []
    for number, name in enumerate(names or sources):
        progress(f"visiting {name}", number, len(names or sources))
        found.append(_visit(desk, name, sources[name], visitor(sources[name])))
    return found


def _visit(desk: Desk, name: str, source: Source, visitor: Visitor) -> Visited:
    library = desk.library
    added: list[Added] = []
    try:
        robots = _robots(source, visitor)
        versions = _versions(library)
        for address in _addresses(source, visitor, robots):
            release = _file(desk, name, source, address, visitor, versions)
            if release is not None and not release.held:
                added.append(release)
        many = counted(len(added), "new release")
        visited = Visited(name, "new" if added else "unchanged", many if added else "nothing new", tuple(added))
    except (NotServed, SourceRefused) as error:
        outcome = "refused" if isinstance(error, SourceRefused) else "not-served"
        visited = Visited(name, outcome, str(error), tuple(added))
    except CountersignError as error:
        visited = Visited(name, "not-added", str(error), tuple(added))
    facts = {"source": name, "outcome": visited.outcome, "requests": len(visitor.records)}
    if visitor.records:
        kept = warc_of(visitor.records)
        stamp = current().time_text().replace(":", "")
        write_whole(library.path / "warc" / f"{stamp}-{name}.warc.gz", kept, secret=True)
        facts["warc"] = digest(kept)
    desk.append([desk.entry("library.visit", source.force, facts)])
    return visited


def _file(
    desk: Desk, name: str, source: Source, address: str, visitor: Visitor, versions: dict[str, list[str]]
) -> Added | None:
    """Fetch one file and add it; ``None`` where it is the version that was fetched before."""
    etag, known = versions.get(address, ["", ""])
    answer = visitor.get(address, etag=etag if desk.library.vault.holds(known) else "")
    if answer.unchanged:
        return None
    ending = re.search(r"\.[a-z]{3,4}\Z", Place.of(address).target.partition("?")[0].lower())
    promised = _PROMISED.get(ending[0]) if ending else None
    if promised is not None and (form := form_of(answer.content)) in ("web page", "another form") and form != promised:
        raise NotServed(f"{address}: {promised} is promised, and {form} is served")
    force = desk.library.force(source.force)
    library = Library.open(desk.library.path)
    at = desk._replace(library=library)
    series = _series(address) if source.each else source.series
    added = add(at, Given(force, answer.content, series, source=name, address=answer.address))
    versions[address] = [answer.etag, added.release.digest]
    write_whole(library.path / "fetched.json", json.dumps(versions, indent=1).encode() + b"\n", secret=True)
    return added


def _series(address: str) -> str:
    """The name of a list after its file.

    >>> _series("https://force-a.example/docs/LFR%20grid_2025.pdf?v=2")
    'lfr-grid-2025'
    """
    name = unquote(Place.of(address).target.partition("?")[0]).rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or SERIES


def _versions(library: Library) -> dict[str, list[str]]:
    """By address: the version (ETag) fetched last and the digest of its bytes. Raises ``LibraryMalformed``."""
    file = library.path / "fetched.json"
    if not file.exists():
        return {}
    found = hold("library", json_of(read_input(file), str(file), LibraryMalformed), str(file))
    try:
        return msgspec.convert(found, dict[str, list[str]])
    except msgspec.ValidationError as error:
        raise LibraryMalformed(f"{file}: {error}") from None


def _robots(source: Source, visitor: Visitor) -> urllib.robotparser.RobotFileParser:
    """What robots.txt of the source's host says; where there is none, all may be asked for (RFC 9309)."""
    robots = urllib.robotparser.RobotFileParser()
    answer = visitor.get(urljoin(source.address, "/robots.txt"), most=LARGEST_PAGE, missing=True)
    robots.parse(answer.content.decode("utf-8", "replace").splitlines())
    pause = robots.crawl_delay(AGENT)
    visitor.pause = max(visitor.pause, min(float(pause or 0), 60.0)) if visitor.pause else 0.0
    _hold_to_robots(robots, source.address)
    return robots


def _hold_to_robots(robots: urllib.robotparser.RobotFileParser, address: str) -> None:
    if not robots.can_fetch(AGENT, address):
        raise SourceRefused(f"{address}: robots.txt asks us not to fetch it")


def _addresses(source: Source, visitor: Visitor, robots: urllib.robotparser.RobotFileParser) -> list[str]:
    """The addresses of releases: the source's own, or those of the links of its page that match."""
    if not source.match:
        return [source.address]
    page = visitor.get(source.address, most=LARGEST_PAGE)
    host = Place.of(source.address).named
    found: list[str] = []
    for link in _HREF.findall(page.content):
        address = urljoin(page.address, html.unescape((link[0] or link[1]).decode("utf-8", "replace")).strip())
        address = address.partition("#")[0]
        try:
            place = Place.of(address)
        except SourceRefused:
            continue
        if place.named == host and fnmatchcase(place.target, source.match) and address not in found:
            found.append(address)
    if not found:
        raise NotServed(f"{source.address}: has no link whose path is like {source.match}")
    for address in found[: source.limit]:
        _hold_to_robots(robots, address)
    return found[: source.limit]
