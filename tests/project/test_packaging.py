"""Units for systemd and the container file: what they run exists, gets few rights, and fetches nothing.

A build would need an image from a registry, so the container file is read line by line (it was built once by hand, with
buildah on Debian 12's Python); systemd checks its units itself.
"""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from countersign.cli.main import cli

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "packaging" / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
CONTAINER = (ROOT / "packaging" / "Containerfile").read_text(encoding="utf-8")


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text(encoding="utf-8"))
    return read


def test_there_are_units_for_what_runs_on_and_on() -> None:
    assert [path.name for path in UNITS] == [
        "countersign-desk.service",
        "countersign-library-fetch.service",
        "countersign-library-fetch.timer",
        "countersign-witness.service",
    ]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_runs_a_command_that_is_there_with_options_it_has(path: Path) -> None:
    program, *words = unit(path)["Service"]["ExecStart"].split()
    assert program == "/opt/countersign/bin/countersign"
    command: click.Command = cli
    with click.Context(cli) as context:
        while isinstance(command, click.Group):
            found = command.get_command(context, words.pop(0))
            assert found is not None
            command = found
        known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert unit(path)["Unit"]["Documentation"].startswith("man:countersign-")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_unit_has_no_right_that_it_does_not_need(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["User"] == "countersign"
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert service[name] == "yes", name
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"], service["UMask"]) == ("strict", "", "0077")
    reaches_out = "library-fetch" in path.name
    assert (service.get("IPAddressDeny") == "any") != reaches_out


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_a_unit(path: Path, tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("needs systemd-analyze")
    for each in UNITS:
        text = each.read_text(encoding="utf-8").replace("/opt/countersign/bin/countersign", sys.executable)
        (tmp_path / each.name).write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE), "utf-8")
    said = subprocess.run([analyse, "verify", str(tmp_path / path.name)], capture_output=True, text=True)
    # What it says of other units of this machine is not ours.
    assert not [line for line in said.stderr.splitlines() if path.name in line], said.stderr


def test_the_container_fetches_nothing_and_does_not_run_as_root() -> None:
    lines = [line for line in CONTAINER.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    words = [line.split(maxsplit=1) for line in lines]
    names = [name for name, _ in words]
    assert names[0] == "FROM"
    assert set(names) == {"FROM", "COPY", "RUN", "USER", "WORKDIR", "VOLUME", "ENV", "ENTRYPOINT", "CMD"}
    assert re.search(r":3\.11-slim", words[0][1])
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(words)["USER"] == "countersign"
    assert not re.search(r"https?:|curl|wget|pip install|apt", CONTAINER)
    for made in ("SHA256SUMS", "install.sh"):  # by tools/bundle_offline.py
        assert made in CONTAINER
        assert made in (ROOT / "tools" / "bundle_offline.py").read_text(encoding="utf-8")
