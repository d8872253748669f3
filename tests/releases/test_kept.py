"""Forces by any of their names, the vault, and readings by the map that fits."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from countersign.errors import CountersignError
from countersign.published.files import shipped
from countersign.releases.changes import differences
from countersign.releases.forces import ForcesMalformed, ForceUnknown, find_force, read_forces
from countersign.releases.kept import LayoutMap, Readings
from countersign.releases.readings import Reading, read_release
from countersign.releases.release import Release
from countersign.releases.standing import standing
from countersign.releases.vault import BytesAltered, BytesNotHeld, Vault, taken


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Met", "metropolitan-police"),
        ("the Metropolitan Police", "metropolitan-police"),
        ("thames valley", "thames-valley-police"),
        ("Police Scotland", "police-scotland"),
        ("PSNI", "police-service-of-northern-ireland"),
        ("kent", "kent-police"),
    ],
)
def test_a_force_is_found_by_any_of_its_names(text: str, found: str) -> None:
    assert find_force(text).id == found


def test_every_name_of_the_list_finds_its_own_force() -> None:
    for force in read_forces().values():
        for name in (force.id, force.name, *force.aliases):
            assert find_force(name) is force


def test_a_misspelt_force_is_answered_with_the_nearest() -> None:
    with pytest.raises(ForceUnknown, match=r"'Souht Wales' is no .* South Wales Police \(south-wales-police\)$"):
        find_force("Souht Wales")
    with pytest.raises(ForceUnknown, match=r"no force of the list"):
        find_force("")


@pytest.mark.parametrize(
    "text", ["a = 1", "[A]\nname = 'x'", "[a]\nname = 3", "[a]\nname='x'\nlaw='france'", "[", "[a]"]
)
def test_a_list_of_forces_out_of_form_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "forces.toml"
    file.write_text(text)
    with pytest.raises(ForcesMalformed):
        read_forces(file)


def test_what_the_vault_holds_is_for_its_owner_and_held_to_its_digest(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    name = vault.put(b"a release")
    [file] = (path for path in (tmp_path / "vault").rglob("*") if path.is_file())
    assert (file.stat().st_mode & 0o777, (tmp_path / "vault").stat().st_mode & 0o777) == (0o600, 0o700)
    for bit in range(8):
        file.write_bytes(bytes([b"a release"[0] ^ (1 << bit)]) + b" release")
        with pytest.raises(BytesAltered):
            vault.get(name)
    vault.erase(name)
    with pytest.raises(BytesNotHeld):
        vault.get(name)


def test_a_data_package_is_kept_as_one_archive_and_read_as_itself() -> None:
    content = taken(shipped("met-later"))
    assert content == taken(shipped("met-later"))
    reading = read_release(content, "deployments", ())
    assert (reading.form, reading.record is not None and len(reading.record.rows)) == ("data package", 214)


A = b"Day,Where,Hits,Wrong hits\n2026-03-01,High Street,9,2\n2026-03-08,High Street,4,0\n"


def _map(folder: Path, name: str, alerts: str, more: str = "") -> LayoutMap:
    file = folder / f"{name}.toml"
    file.write_text(f'[columns]\ndate = "Day"\nplace = "Where"\nalerts = "{alerts}"\n{more}')
    return LayoutMap.read(file)


def test_of_several_maps_the_one_that_fits_the_layout_and_reads_most_is_taken(tmp_path: Path) -> None:
    old = _map(tmp_path, "old", "Possible matches")
    less, more = _map(tmp_path, "less", "Hits"), _map(tmp_path, "more", "Hits", 'false_alerts = "Wrong hits"\n')
    reading = read_release(A, "a", (old, less, more))
    assert (reading.map_name, reading.because) == ("more", "")
    assert reading.record is not None
    assert [row.false_alerts for row in reading.record.rows] == [2, 0]


def test_where_no_map_fits_the_reading_is_missing_and_says_why(tmp_path: Path) -> None:
    old = _map(tmp_path, "old", "Possible matches")
    reading = read_release(A, "a", (old,), without=False)
    assert reading.record is None
    assert reading.because == "old: a, line 1: 2 headings are not known: 'Hits' (column 3) and 'Wrong hits' (column 4)"
    fewer = _map(tmp_path, "fewer", "Hits", 'false_alerts = "Wrong hits"\narrests = "Taken in"\n')
    because = read_release(A, "a", (fewer,), without=False).because
    assert because == "fewer: a: the map's heading 'Taken in' for arrests is not there"
    assert str(tmp_path) not in reading.because
    assert read_release(b"\x89PNG\r\n\x1a\n", "a", ()).record is None


def test_a_reading_whose_file_is_altered_is_made_again(tmp_path: Path) -> None:
    kept = Readings(tmp_path)
    reading = read_release(A, "a", (_map(tmp_path, "m", "Hits"),))
    name = kept.keep(reading)
    assert kept.read(name, Reading) == reading
    [file] = tmp_path.rglob(f"{name}.json")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert kept.read(name, Reading) is None
    other = read_release(A, "a", (_map(tmp_path, "m", "Hits", 'false_alerts = "Wrong hits"\n'),))
    elsewhere = kept.keep(other)
    file.write_bytes((tmp_path / elsewhere[:2] / f"{elsewhere}.json").read_bytes())
    assert kept.read(name, Reading) is None
    drawn = Readings(tmp_path / "worked-out", named=True)
    assert drawn.made("ab" * 32, Reading, lambda: reading) == reading == drawn.read("ab" * 32, Reading)


def _reading(*lines: str) -> Reading:
    return read_release(("date,place,alerts,false_alerts\n" + "".join(f"{line}\n" for line in lines)).encode(), "a", ())


def _release(reading: Reading, number: int, **more: object) -> Release:
    day = f"2026-0{number + 1}-01"
    return Release("force-a", "deployments", reading.release, number, day, f"{day}T09:00:00Z", "by-hand", **more)  # type: ignore[arg-type]


JANUARY, FEBRUARY, MARCH = ("2026-01-05,A,5,1", "2026-02-05,B,6,0", "2026-03-05,C,7,2")


def test_rows_that_a_later_release_covers_and_lacks_are_gone_and_others_are_not() -> None:
    whole, middle = _reading(JANUARY, FEBRUARY, MARCH), _reading(JANUARY, MARCH)
    found = differences(whole, middle)
    assert ([row.place for row in found.gone], found.before, found.after, found.revised) == (["B"], (), (), True)
    found = differences(_reading(JANUARY), _reading(FEBRUARY, MARCH))
    assert ([row.place for row in found.before], found.gone, found.revised, found.same) == (["A"], (), False, False)
    found = differences(whole, _reading(JANUARY, FEBRUARY))
    assert ([row.place for row in found.after], found.gone, found.revised) == (["C"], (), True)
    year = (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
    assert [row.place for row in differences(whole, _reading(JANUARY, FEBRUARY), year).gone] == ["C"]


def test_a_row_for_a_day_that_was_covered_came_late_and_a_value_altered_is_named() -> None:
    found = differences(_reading(JANUARY, MARCH), _reading("2026-01-05,A,5,3", FEBRUARY, MARCH, "2026-04-05,D,1,0"))
    assert [row.place for row in found.late] == ["B"]
    assert [row.place for row in found.new] == ["D"]
    assert [(change.column, change.before, change.after) for item in found.altered for change in item.changes] == [
        ("false_alerts", "1", "3")
    ]


def test_what_stands_is_of_each_day_the_latest_release_that_covers_it() -> None:
    first, second = _reading(JANUARY, FEBRUARY), _reading("2026-02-05,B,6,4", MARCH)
    releases = [_release(second, 2), _release(first, 1)]
    rows = standing(releases, {first.release: first, second.release: second}).rows
    assert [(held.row.place, held.row.false_alerts, held.release.digest) for held in rows] == [
        ("A", 1, first.release), ("B", 4, second.release), ("C", 2, second.release),
    ]  # fmt: skip
    assert len({held.row.document for held in rows}) == 2
    alone = standing(releases, {first.release: first}).rows
    assert [held.row.place for held in alone] == ["A", "B"]


def test_files_that_cannot_be_taken_are_refused(tmp_path: Path) -> None:
    (tmp_path / "face.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    for path in (tmp_path / "face.csv", tmp_path / "none", tmp_path):
        with pytest.raises(CountersignError):
            taken(path)
