"""Telling a record from what was published, by looking and not by asking: bundles, logs, case files, shipped cases.

>>> names_record("deployments.csv"), names_record("dossier.toml"), names_record("shipped:invented-well")
(False, True, True)
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
_BUNDLE_BEGINS = b'{"audience":'


def names_record(source: str | Path) -> bool:
    """Whether a source is a record: a bundle, a log's folder or its published files, a case file, or a shipped case."""
    if isinstance(source, str) and source.startswith(PREFIX):
        return source.removeprefix(PREFIX) in CASES
    path = Path(source)
    if path.is_dir():
        return (path / "log.toml").exists() or (path / "checkpoint").exists()
    if path.suffix == CASE_SUFFIX:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_BUNDLE_BEGINS)) == _BUNDLE_BEGINS
    except OSError:
        return False


def path_of(source: str | Path) -> Path:
    """The path of a source; of a shipped case the file that ships."""
    if isinstance(source, str) and source.startswith(PREFIX):
        folder = Path(str(resources.files("countersign"))) / "data" / "cases"
        return folder / f"{source.removeprefix(PREFIX)}{CASE_SUFFIX}"
    return Path(source)
