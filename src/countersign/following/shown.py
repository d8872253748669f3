"""The Python interface to a library: what it holds, the forces side by side, what changed, a review of each.

>>> import countersign
>>> countersign.library("no-such-folder")
Traceback (most recent call last):
countersign.following.library.LibraryMissing: no-such-folder: is no library: it has no library.toml
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.document import Block, Document, Paragraph, Point, Section
from countersign.following.changes import Change, changes
from countersign.following.library import Library
from countersign.following.overview import held, proved
from countersign.following.sides import NEVER_SUMMED, chart_of, reviewed, sides
from countersign.progress import Progress, silent
from countersign.releases.table import SUMS, Side
from countersign.render.shown import Shown, frame_of
from countersign.reviews.published.assemble import PublishedReview
from countersign.words.lists import counted

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, repr=False)
class Followed(Shown):
    """A library: what is held of each force, and what follows from it. Forces are never added up."""

    kept: Library

    @cached_property
    def sides(self) -> list[Side]:
        """Each force by year and system, in words as ``library table`` prints them."""
        return sides(self.kept)

    @cached_property
    def changes(self) -> list[Change]:
        """What releases changed, what we read otherwise, which claims turned: the latest first."""
        return changes(self.kept)

    @cached_property
    def brief(self) -> Document:
        """What is held, and the forces side by side as a chart."""
        lines = held(self.kept)
        forces = len({line.force for line in lines})
        releases = counted(len(self.kept.state.releases), "release")
        chart = chart_of(self.sides)
        said: tuple[Block, ...] = (
            Paragraph(f"{releases} of {counted(forces, 'force')}; {proved(self.kept)}", "lead"),
            *(
                Point(
                    f"held-{number}", f"{line.name}, {line.series}: {counted(len(line.releases), 'release')}", line.said
                )
                for number, line in enumerate(lines)
            ),
            *([chart] if chart is not None else []),
            Paragraph(NEVER_SUMMED, "note"),
        )
        return Document(self.kept.title, "What the library holds", "en-GB", (Section("held", "Held", said),))

    def to_frame(self) -> pandas.DataFrame:
        """A release a row: force, name, series, day of publication (missing where not known), moment of fetching, first
        and last day covered, rows, faults, and the SHA-256 of its bytes. Raises ``PandasMissing``.
        """
        return frame_of(self._releases(), _COLUMNS)

    def _releases(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for line in held(self.kept):
            for release in line.releases:
                seen = self.kept.glimpse(release)
                period = release.period(seen) if seen is not None and seen.read else release.stated
                known = (seen.rows, seen.faults) if seen is not None and seen.read else (None, None)
                days = period or (None, None)
                values = (line.force, line.name, line.series, release.published or None, release.fetched, *days, *known)
                rows.append(dict(zip(_COLUMNS, (*values, release.digest), strict=True)))
        return rows

    @property
    def by_force(self) -> pandas.DataFrame:
        """A force, year and system a row: rows, single deployments (missing where the force prints none), and the sums
        as printed in words, with how many rows print each. Nothing is summed over forces. Raises ``PandasMissing``.
        """
        return frame_of(
            {
                "force": side.force, "name": side.name, "year": line.year, "system": line.system, "rows": line.rows,
                "single_deployments": line.deployments, **dict(zip(SUMS, line.sums, strict=True)),
                "watchlist": line.lists, "threshold": line.thresholds, "use_cases": line.use_cases,
            }
            for side in self.sides
            for line in side.lines
        )  # fmt: skip

    def review(self, force: str, as_of: datetime.date | None = None, *, progress: Progress = silent) -> PublishedReview:
        """The review of one force, by its id or a name of it. Raises ``ForceUnknown``, ``NothingRead``."""
        return reviewed(self.kept, self.kept.force(force), as_of, progress)


_COLUMNS = ("force", "name", "series", "published", "fetched", "first_day", "last_day", "rows", "faults", "sha256")


def library(folder: str | Path) -> Followed:
    """The library in a folder, to be read: made and filled by ``countersign library``. Raises ``LibraryMissing``,
    ``LibraryMalformed``.
    """
    return Followed(Library.open(Path(folder)))
