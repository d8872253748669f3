"""What is committed can be handed to anyone: no path of a machine, no outward reference in what users open."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import countersign

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".csv", ".html", ".css", ".j2", ".typ", ".lock", ".cfg", ".yml", ""}


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in out.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_path_of_a_machine() -> None:
    machine = re.compile(r"(?<![\w./])/(work|opt/pypi|opt/wheels|root|home/\w+)/")
    for path in tracked():
        if path.suffix in TEXT and path != Path(__file__).resolve():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not machine.search(text), f"{path.relative_to(ROOT)}: {machine.search(text)}"


def test_nothing_shipped_loads_from_elsewhere() -> None:
    outward = re.compile(r"""(src|href)\s*=\s*["']https?://|url\(\s*["']?https?://|@import|cdn\.|unpkg|jsdelivr""")
    for path in tracked():
        if path.is_relative_to(ROOT / "src") and path.suffix in {".html", ".css", ".j2", ".typ", ".js", ".svg"}:
            assert not outward.search(path.read_text(encoding="utf-8")), path.relative_to(ROOT)


def test_the_scripts_can_be_run() -> None:
    for script in (ROOT / ".ci" / "run", ROOT / "tools" / "lock"):
        assert script.stat().st_mode & 0o111, script.name
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_version_is_one_and_every_release_stands_in_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    released = [heading for heading in headings if heading != "Not yet released"]
    assert project["version"] == countersign.__version__ == released[0]
    assert headings[:2] in (released[:2], ["Not yet released", released[0]])
    upgrade = (ROOT / "docs/upgrade.md").read_text(encoding="utf-8")
    assert f" to {'.'.join(released[0].split('.')[:2])}\n" in upgrade, "what somebody has to do who comes from the last"
    if (ROOT / ".git").exists():
        tags = subprocess.run(["git", "tag", "--list", "v*"], cwd=ROOT, check=True, capture_output=True, text=True)
        assert {tag.removeprefix("v") for tag in tags.stdout.split()} <= {*released}
