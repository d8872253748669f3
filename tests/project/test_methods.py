"""The page of methods says what is true: each method it calls used is reached, and each it calls offered is there."""

from __future__ import annotations

import re

import pytest
from tools import reachable
from tools.source import ROOT, read

#: It looks through the whole program as `make check` does.
pytestmark = pytest.mark.slow

ROWS = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8").split("## What is chosen")[1].split("\nDetails")[0]
LINES = [line for line in ROWS.splitlines() if line.startswith("| ") and "`" in line]


@pytest.fixture(scope="module")
def search() -> reachable.Search:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachable, "KEPT", {})
        return reachable.Search(read(), ROOT)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split("|")[1].strip())
def test_what_a_line_names_is_used_or_said_to_be_offered(line: str, search: reachable.Search) -> None:
    inference = {name.rpartition(".")[2]: name for name in search.contents if name.startswith("countersign.inference.")}
    for module, name in re.findall(r"`([a-z_]+)(?:\.([a-zA-Z_]+))?`", line.split("|")[2]):
        if module in inference:
            places = [(inference[module], name)]
        else:
            places = [(whole, module) for whole in inference.values() if module in search.contents[whole].definitions]
        assert places, f"there is no {module} in countersign.inference"
        whole, definition = places[0]
        assert not definition or definition in search.contents[whole].definitions, (
            f"there is no {definition} in {whole}"
        )
        assert ("*offered" in line) != any(place in search.reached for place in places), (module, name)
