"""The command ``countersign publish``: a site from published files, what it tells, and a sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.making.published import small

from countersign.cli.main import run

AT = ("--at", "2026-11-01T10:00:00Z")


@pytest.mark.slow
def test_it_writes_the_site_and_again_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small(tmp_path / "public")
    command = ["publish", str(tmp_path / "public"), "--out", str(tmp_path / "site"), *AT]
    assert run(command) == 0
    told = capsys.readouterr().out
    assert "No policy was given" in told
    assert "3 deployments, 9 entries\n" in told
    before = {path: path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    assert run(command) == 0
    assert {path: path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()} == before
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_store_that_is_none_and_a_folder_that_is_no_site_are_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["publish", str(tmp_path / "none"), "--out", str(tmp_path / "site"), *AT]) == 5
    small(tmp_path / "public")
    assert run(["publish", str(tmp_path / "public"), "--out", str(tmp_path / "public"), *AT]) == 4
    assert "not-a-site" in capsys.readouterr().err
    assert run(["publish", str(tmp_path / "public"), "--out", str(tmp_path / "site"), "--profile", "moon", *AT]) != 0
    assert not (tmp_path / "site").exists()
