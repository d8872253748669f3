"""The notebooks run from first cell to last, and show what is kept of them in the file and on the page."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.notebooks import FOLDER, executed, files

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_three_and_each_has_its_page() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["forces", "met", "trial"]
    assert all(path.with_suffix(".md").is_file() for path in NOTEBOOKS)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_is_kept_of_it(
    path: Path, need: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("nbclient") is None or importlib.util.find_spec("ipykernel") is None:
        need("nbclient and ipykernel (requirements/peers.lock)")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    shown = files(path, executed(path))
    assert len(shown) >= 3  # the notebook, its page, a chart
    for place, content in shown.items():
        assert place.read_text(encoding="utf-8") == content, f"{place.name}: `python -m tools.notebooks` writes it anew"
