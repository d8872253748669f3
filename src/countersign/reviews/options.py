"""What is reviewed and how: the options of a review, and which kind of source is which.

>>> names_record("deployments.csv"), names_record("dossier.toml"), names_record("shipped:invented-well")
(False, True, True)
>>> names_record("shipped:invented-failing/uk.auth.rank")
True
"""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countersign.deployments.outside.reader import Reader
    from countersign.record.tlog.policy import Policy

#: The cases that ship, by the name after "shipped:".
CASES: tuple[str, ...] = ("bridges-2017-12-21", "bridges-2018-03-27", "met-2020-02-27", "met-2024")
CASES += ("invented-well", "invented-failing")
PREFIX = "shipped:"
#: What a review can be written as: the files of each format, in the order written.
FILES: dict[str, tuple[str, ...]] = {
    "html": ("review.html", "evidence.html"),
    "pdf": ("review.pdf",),
    "json": ("review.json",),
}
#: What a case file is called.
CASE_SUFFIX = ".toml"
#: The file that makes a folder a log's (docs/formats/record-folder.md).
LOG_FILE = "log.toml"
_BUNDLE_BEGINS = b'{"audience":'
#: Whose duties count where nothing else is asked for.
PROFILE = "england-and-wales"


@dataclass(frozen=True, slots=True)
class Options:
    """Everything a review may be asked for beside its source; what is not given is not used.

    Of a record: ``deployment`` names one of several, ``policy`` says whose signatures on its head are enough (a bundle
    needs it), ``reader`` who is outside the force, ``profile`` whose duties count. Of published data: ``claims``,
    ``groups``, ``baselines``, ``audit`` and ``corrections`` are files (``docs/formats``) or the word "shipped";
    ``columns`` maps another force's headings; ``row`` names the row whose duties are answered ("met-2023-2024:113";
    else the latest); ``ocr_layer`` reads scans by the text recognised under them, every figure marked.
    """

    deployment: str | None = None
    policy: Policy | None = None
    reader: Reader | None = None
    profile: str | None = None
    claims: str | Path | None = None
    groups: str | Path | None = None
    baselines: str | Path | None = None
    audit: str | Path | None = None
    corrections: str | Path | None = None
    columns: Path | tuple[Path, ...] | None = None
    as_of: datetime.date | None = None
    seed: int = 0
    row: str | None = None
    ocr_layer: bool = False

    def given(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of these options that are given.

        >>> Options(claims="shipped").given(OF_PUBLISHED)
        ('claims',)
        """
        return tuple(name for name in names if getattr(self, name) not in (None, 0))

    def line(self, sources: Sequence[str | Path]) -> str:
        """The command that reviews published data again, with the files by their names alone.

        >>> Options(claims="papers/claims.toml", seed=7).line(["shipped:met"])
        'countersign review shipped:met --claims claims.toml --seed 7'
        """
        words = [Path(source).name for source in sources]
        for name in ("claims", "groups", "baselines", "audit", "corrections"):
            given = getattr(self, name)
            words += [] if given is None else [f"--{name}", Path(given).name]
        maps = (self.columns,) if isinstance(self.columns, str | Path) else self.columns or ()
        words += [word for path in maps for word in ("--columns", Path(path).name)]
        words += ["--ocr-layer"] if self.ocr_layer else []
        words += ["--as-of", self.as_of.isoformat()] if self.as_of else []
        words += ["--row", self.row] if self.row else []
        words += ["--seed", str(self.seed)] if self.seed else []
        return shlex.join(["countersign", "review", *words])


#: The options that only a record takes, and those that only published data take.
OF_RECORD = ("deployment", "policy", "reader", "profile")
OF_PUBLISHED = ("audit", "baselines", "claims", "columns", "corrections", "groups", "ocr_layer", "row", "seed")


def names_record(source: str | Path) -> bool:
    """Whether a source is a record: a bundle, a log's folder or its published files, a case file, or a shipped case."""
    if isinstance(source, str) and source.startswith(PREFIX):
        return source.removeprefix(PREFIX).partition("/")[0] in CASES
    path = Path(source)
    if path.is_dir():
        return (path / LOG_FILE).exists() or (path / "checkpoint").exists()
    if CASE_SUFFIX in (path.suffix, path.parent.suffix):
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_BUNDLE_BEGINS)) == _BUNDLE_BEGINS
    except OSError:
        return False


def name_of(path: Path) -> str:
    """What a case file is called in a report: "shipped:..." for one that ships, else the file's name."""
    shipped = path.stem in CASES and path.resolve() == path_of(f"{PREFIX}{path.stem}").resolve()
    return f"{PREFIX}{path.stem}" if shipped else path.name


def path_of(source: str | Path) -> Path:
    """The path of a source; of a shipped case its file, and in it the duty named, if one is."""
    if isinstance(source, str) and source.startswith(PREFIX):
        folder = Path(str(resources.files("countersign"))) / "data" / "cases"
        name, _, duty = source.removeprefix(PREFIX).partition("/")
        return folder / f"{name}{CASE_SUFFIX}" / duty
    return Path(source)
