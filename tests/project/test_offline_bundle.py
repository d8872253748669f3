"""``make bundle-offline``: it runs where there is no network, and says what it holds and under which licences."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from countersign.errors import EVIDENCE_WRONG

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], None]) -> Path:
    if not Path(sys.executable).with_name("cyclonedx-py").is_file():
        need("cyclonedx-py (requirements/peers.lock)")
    out = tmp_path_factory.mktemp("bundle") / "offline"
    made = subprocess.run(
        [sys.executable, "-m", "tools.bundle_offline", "--out", str(out)], cwd=ROOT, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return out


def test_it_is_what_its_sums_say_and_lists_every_part_with_its_licence(bundle: Path) -> None:
    sums = dict(line.split("  ")[::-1] for line in (bundle / "SHA256SUMS").read_text("utf-8").splitlines())
    held = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert set(sums) == held
    for name, said in sums.items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == said, name
    sbom = json.loads((bundle / "sbom.cdx.json").read_text("utf-8"))
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
    parts = {re.sub(r"[-_.]+", "-", part["name"]).lower() for part in sbom["components"]}
    wheels = {re.sub(r"[-_.]+", "-", path.name.split("-")[0]).lower() for path in (bundle / "wheels").iterdir()}
    assert wheels - parts <= {"countersign"}
    licences = (bundle / "LICENCES.md").read_text("utf-8")
    assert licences.count("\n| ") >= len(wheels)
    assert "not stated" not in licences
    assert not re.search(r"/(home|root|tmp|work)/", licences + json.dumps(sbom))
    for text in re.findall(r"`(countersign/[^`]+)`", licences):
        assert (ROOT / "src" / text).is_file()


def test_it_installs_and_runs_where_there_is_no_network(
    bundle: Path, tmp_path: Path, need: Callable[[str], None]
) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False).returncode:
        need("network namespaces (unshare -rn)")
    alone = [str(unshare), "-rn"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "HOME": str(tmp_path)}
    place = tmp_path / "environment"

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [*alone, *map(str, words)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    reached = run(sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 2)")
    assert "OSError" in reached.stderr  # there is no network at all
    installed = run("sh", bundle / "install.sh", place)
    assert installed.returncode == 0, installed.stderr
    assert run(place / "bin" / "countersign", "check", "shipped:met", "--json").returncode == EVIDENCE_WRONG
    assert run(place / "bin" / "countersign", "review", "shipped:essex", "--out", "report").returncode == 0
    assert (tmp_path / "report" / "review.pdf").is_file()
