"""Looking into a log by a bundle of it: each entry is shown to stand under the bundle's checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.record.bundle import BundleAltered, parse_bundle
from countersign.record.tlog.merkle import InclusionFails
from countersign.register.viewing import EntryNotThere, view_of_bundle

BUNDLE = Path(__file__).resolve().parents[1] / "fixtures" / "v0.1" / "bundles" / "court.bundle"


def part_of(tmp_path: Path, *places: int) -> Path:
    """The bundle with these entries alone."""
    whole = parse_bundle(BUNDLE.read_bytes())
    kept = tuple(entry for entry in whole.entries if entry.index in places)
    openings = tuple(opening for opening in whole.openings if opening.entry in places)
    path = tmp_path / "part.bundle"
    path.write_bytes(replace(whole, entries=kept, openings=openings).render())
    return path


def test_the_entries_held_and_no_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = part_of(tmp_path, 2, 5, 9)
    view = view_of_bundle(path)
    assert (list(view.places), view.size) == ([2, 5, 9], 161)
    assert len(view.read(0, 6)) == 2
    assert run(["record", "show", str(path), "3-9"]) == 0
    said = capsys.readouterr().out
    assert [line.split(":")[0] for line in said.splitlines() if line.startswith("entry")] == ["entry 5", "entry 9"]
    assert run(["record", "show", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(": 3 of 161 entries are in this bundle")
    for places in ("3", "161"):
        assert run(["record", "show", str(path), places]) == EntryNotThere.exit_code
        assert "[entry-not-there]" in capsys.readouterr().err


def test_an_altered_entry_is_refused(tmp_path: Path) -> None:
    whole = parse_bundle(BUNDLE.read_bytes())
    altered = replace(whole.entries[3], data=whole.entries[4].data)
    path = tmp_path / "altered.bundle"
    path.write_bytes(replace(whole, entries=(*whole.entries[:3], altered, *whole.entries[4:])).render())
    with pytest.raises(InclusionFails, match="entry 3"):
        view_of_bundle(path)
    path.write_bytes(BUNDLE.read_bytes().replace(b"operator", b"0perator", 1))
    with pytest.raises(BundleAltered):
        view_of_bundle(path)
