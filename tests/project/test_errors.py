"""Every error has a code of its own, an exit code of the table, a next step, and a section in a page."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import countersign
from countersign.errors import EXIT_CODES, CountersignError

PAGES = Path(__file__).resolve().parents[2] / "docs" / "errors"


def all_errors() -> list[type[CountersignError]]:
    for module in pkgutil.walk_packages(countersign.__path__, "countersign."):
        # The desk's modules need Django set up; its errors stand in one that does not.
        if not module.name.endswith("__main__") and not module.name.startswith("countersign.desk."):
            importlib.import_module(module.name)
    importlib.import_module("countersign.desk.folder")
    found: list[type[CountersignError]] = [CountersignError]
    for error in found:
        found.extend(error.__subclasses__())
    return [error for error in dict.fromkeys(found) if error.__module__.startswith("countersign.")]


def test_each_error_has_code_exit_sentence_and_page() -> None:
    documented = {
        heading
        for page in PAGES.glob("*.md")
        for heading in re.findall(r"^## `([a-z0-9-]+)`$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    errors = all_errors()
    codes = [error.code for error in errors]
    assert len(codes) == len(set(codes)), "two errors share a code"
    for error in errors:
        assert re.fullmatch(r"[a-z0-9-]+", error.code), error
        assert error.exit_code in EXIT_CODES, error
        assert error.next_step.endswith("."), error
        assert (error.__doc__ or "").strip(), error
        assert error.code in documented, f"{error.code} has no section in a page under docs/errors"


def test_no_section_documents_an_error_that_is_gone() -> None:
    codes = {error.code for error in all_errors()}
    for page in PAGES.glob("*.md"):
        for heading in re.findall(r"^## `([a-z0-9-]+)`$", page.read_text(encoding="utf-8"), re.MULTILINE):
            assert heading in codes, f"{page.name} documents {heading}"
