"""No command goes round the door: every argument of the click tree, as a text and as a file, with every plant."""

from __future__ import annotations

import json
from itertools import cycle, islice
from pathlib import Path

import click
import pytest
from tests.cli.every_command import SERVING, arguments, leaves
from tests.plants import PLANTS, Plant, seen_again, text_of_all
from tests.published.forms_made import as_csv, table

from countersign.cli.main import run

COMMANDS = list(leaves())
IDS = ["-".join(path) for path, _ in COMMANDS]
OFFICES = ("e-mail", "telephone", "person")


def _names(command: click.Command) -> list[str | None]:
    """Every option that takes a value, and ``None`` for the call with only what must be given."""
    return [None, *(
        parameter.opts[0]
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.is_flag and not parameter.required
    )]  # fmt: skip


def _contents(plant: Plant) -> dict[str, str]:
    """A plant in a file of each kind that a command may take."""
    quoted = json.dumps(plant.text)
    return {
        "file.csv": as_csv(table(Location=[plant.text, "Ilford"])).decode(),
        "file.toml": f"title = {quoted}\nsubject = {quoted}\n[facts]\nnote = {quoted}\n",
        "file.json": json.dumps({"kind": "x", "title": plant.text, "facts": {"note": plant.text}, plant.text: 1}),
        "file.txt": f"{plant.text}\n{plant.text}+{plant.text}+{plant.text}\n",
    }


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=IDS)
def test_no_option_takes_a_plant(
    path: tuple[str, ...], command: click.Command, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("ordinary").write_text("ordinary\n")
    for plant, option in zip(cycle(PLANTS), _names(command), strict=False):
        call = arguments(path, command, file="ordinary", text=plant.text, also=option)
        call = call if plant.text in call else [*call, plant.text]
        assert run(call) == 2
        said = capfd.readouterr()
        assert "after" in said.err or "argument" in said.err
        assert not seen_again(plant, said.out + said.err), (option, plant.name)
    assert [each.name for each in tmp_path.iterdir()] == ["ordinary"]


def _files_with_a_plant(
    path: tuple[str, ...], command: click.Command, folder: Path, capfd: pytest.CaptureFixture[str], plants: list[Plant]
) -> None:
    for number, (plant, option) in enumerate((plant, option) for option in _names(command) for plant in plants):
        for name, content in _contents(plant).items():
            if path in SERVING:
                continue
            given = folder / f"{number}-{name}"
            given.write_text(content)
            out = folder / f"out-{number}"
            out.mkdir(exist_ok=True)
            call = arguments(path, command, file=given.name, text=given.name, also=option)
            for at, part in enumerate(call):
                if part in ("--out", "--limits-out", "--journal", "--answer", "--keep", "--sealed", "--public"):
                    call[at + 1] = str(out / "made")
            assert run(call) != 70, call
            said = capfd.readouterr()
            assert not seen_again(plant, said.out + said.err + text_of_all(out)), (option, name, plant.name)
            given.unlink()


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=IDS)
def test_no_file_brings_a_plant(
    path: tuple[str, ...], command: click.Command, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    turn = IDS.index("-".join(path)) % len(PLANTS)
    one = list(islice(cycle(PLANTS), turn, turn + 1))
    _files_with_a_plant(path, _required_only(command), tmp_path, capfd, one)


def _required_only(command: click.Command) -> click.Command:
    return click.Command(command.name, params=[each for each in command.params if each.required])


@pytest.mark.slow
@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=IDS)
def test_no_file_of_any_option_brings_any_plant(
    path: tuple[str, ...], command: click.Command, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    _files_with_a_plant(path, command, tmp_path, capfd, list(PLANTS))
