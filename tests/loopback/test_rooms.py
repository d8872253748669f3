"""The private folder: whose it is, what goes, what a killed program left."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.loopback import readings
from countersign.loopback.readings import LONGEST_NAME, PREFIX, House, NoRoom, safe_name


def test_a_house_is_its_users_alone_and_leaves_nothing(temporary: Path) -> None:
    house = House.build()
    assert stat.S_IMODE(house.path.stat().st_mode) == 0o700
    with suppress(RuntimeError), house.room() as room:
        (room / "given.pdf").write_bytes(b"x")
        assert stat.S_IMODE(room.stat().st_mode) == 0o700
        raise RuntimeError
    assert list(house.path.iterdir()) == []
    house.remove()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_program_left_is_swept_and_what_a_living_one_holds_is_not(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    living = House.build()
    (temporary / f"{PREFIX}killed" / "room").mkdir(parents=True)
    (temporary / f"{PREFIX}file").write_text("not a folder")
    (temporary / "elsewhere").mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary / "elsewhere")
    House.build().remove()
    assert (temporary / f"{PREFIX}killed").exists()  # it is young: its program may not hold its lock yet
    monkeypatch.setattr(readings, "YOUNG", -1.0)
    House.build().remove()
    assert sorted(path.name for path in temporary.iterdir()) == sorted(
        ["elsewhere", f"{PREFIX}file", f"{PREFIX}link", living.path.name]
    )
    living.remove()


def test_no_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(NoRoom):
        House.build()


@given(st.text(max_size=300) | st.sampled_from(["..", ".", "/", "a/../..", "\x00", "shipped:met", "-rf", ".toml", "…"]))
def test_a_safe_name_names_a_file_in_its_folder_and_nothing_else(given_name: str) -> None:
    name = safe_name(given_name)
    assert name
    assert name not in {".", ".."}
    assert not name.startswith(("-", "."))
    assert not set(name) & set('/\\:\x00"\r\n<>|*?')
    assert len(name) <= LONGEST_NAME
    assert Path(os.path.normpath(Path("folder") / name)).parent == Path("folder")
