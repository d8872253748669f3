"""Telling a record from what was published, by looking and not by asking: bundles, logs, case files, shipped cases.

>>> names_record("deployments.csv"), names_record("dossier.toml"), names_record("shipped:invented-well")
(False, True, True)
>>> names_record("shipped:invented-failing/uk.auth.rank")
True
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

#: The cases that ship, by the name after "shipped:".
CASES: tuple[str, ...] = (
    "bridges-2017-12-21", "bridges-2018-03-27", "met-2020-02-27", "met-2024", "invented-well", "invented-failing",
)  # fmt: skip
PREFIX = "shipped:"
#: What a case file is called.
CASE_SUFFIX = ".toml"
#: The file that makes a folder a log's (docs/formats/record-folder.md).
LOG_FILE = "log.toml"
_BUNDLE_BEGINS = b'{"audience":'


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
    """The path of a source; of a shipped case the file that ships, and in it the duty named, if one is."""
    if isinstance(source, str) and source.startswith(PREFIX):
        folder = Path(str(resources.files("countersign"))) / "data" / "cases"
        name, _, duty = source.removeprefix(PREFIX).partition("/")
        return folder / f"{name}{CASE_SUFFIX}" / duty
    return Path(source)
