"""The command ``countersign papers``: files written, what it tells, and a sentence for what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.site.test_papers import EXAMPLE

from countersign.cli.main import run


def test_it_writes_sign_and_leaflet_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], need: Callable[[str], None]
) -> None:
    try:
        import segno
    except ImportError:
        need("segno")
    assert segno
    (tmp_path / "d.toml").write_text(EXAMPLE, encoding="utf-8")
    assert run(["papers", str(tmp_path / "d.toml"), "--out", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["leaflet-cy.pdf", "leaflet-en.pdf", "sign-cy.pdf", "sign-en.pdf"]
    assert "https://lfr.overseer.example/R9F-8DW/" in capsys.readouterr().out


def test_a_wrong_file_is_a_sentence_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "d.toml").write_text("form = 1\n", encoding="utf-8")
    assert run(["papers", str(tmp_path / "d.toml"), "--out", str(tmp_path / "out")]) == 2
    assert "papers-malformed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert run(["papers", str(tmp_path / "none.toml")]) == 5
