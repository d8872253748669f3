"""What each extra brings: the core alone works and says what is missing; the wheel holds all that it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from countersign.errors import DONE, EVIDENCE_WRONG, NOT_REACHED
from countersign.extras import EXTRAS

ROOT = Path(__file__).parents[2]
#: Runs the command line where the libraries of every extra are missing.
CORE = f"""
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {set(EXTRAS)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {set(EXTRAS)!r} else found(name, package)
sys.meta_path.insert(0, Missing())
from countersign.cli.main import main
main()
"""


def core(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CORE, *words], cwd=folder, capture_output=True, text=True)


def test_every_library_of_an_extra_is_in_it() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for library, extra in EXTRAS.items():
        # Some are brought under a longer name: django-allauth, django-csp, argon2-cffi.
        named = library.replace("_", "-")
        assert any(named in name for name in declared["optional-dependencies"][extra]), f"{library} is not in {extra}"
        assert not any(named in name for name in declared["dependencies"])


@pytest.mark.slow
def test_the_core_alone_reviews_and_says_that_it_sets_no_pdf(tmp_path: Path) -> None:
    ran = core(tmp_path, "review", "shipped:essex", "--out", "report")
    assert ran.returncode == DONE, ran.stderr
    assert "countersign[pdf]" in ran.stderr
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "evidence.html",
        "review.html",
        "review.json",
    ]


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("review", "shipped:essex", "--format", "html,pdf", "--out", "report"), "pdf"),
        (("trial", "evaluate", "searches.csv", "--threshold", "0.6"), "trials"),
        (("trial", "simulate", "--group", "a=9", "--out", "made-up"), "trials"),
    ],
)
def test_what_needs_an_extra_refuses_before_any_work_and_says_how_to_get_it(
    words: tuple[str, ...], extra: str, tmp_path: Path
) -> None:
    ran = core(tmp_path, *words)
    assert ran.returncode == NOT_REACHED
    assert f'pip install "countersign[{extra}]"' in ran.stderr
    assert list(tmp_path.iterdir()) == []


def interpreter(version: str) -> str | None:
    """A Python of this version that starts, if there is one."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for candidate in (f"python{version}", *map(str, kept)):
        try:
            ran = subprocess.run([candidate, "-c", "import venv"], capture_output=True)
        except FileNotFoundError:
            continue
        if ran.returncode == 0:
            return candidate
    return None


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_the_wheel_and_the_lock_work_in_an_empty_environment_of_another_python(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} is here")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "wheel", str(ROOT)]
    subprocess.run(build, cwd=tmp_path, check=True)
    (wheel,) = (tmp_path / "wheel").iterdir()
    subprocess.run([python, "-m", "venv", "empty"], cwd=tmp_path, check=True)
    pip = [str(tmp_path / "empty" / "bin" / "python"), "-m", "pip", "install", "-q"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "run.lock")], cwd=tmp_path, check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], cwd=tmp_path, check=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

    def run(*words: str) -> int:
        program = str(tmp_path / "empty" / "bin" / "countersign")
        return subprocess.run([program, *words], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL).returncode

    assert run("check", "shipped:met", "--json") == EVIDENCE_WRONG
    assert run("review", "shipped:essex", "--out", "report") == DONE
    assert run("rehearse", "quiet-high-street", "--out", "rehearsal") == DONE
    verified = ("verify", "rehearsal/quiet-high-street.bundle", "--policy", "rehearsal/trust.policy")
    assert run(*verified) == DONE


@pytest.mark.slow
def test_the_wheel_works_from_outside_the_tree(tmp_path: Path) -> None:
    """Its files are those of the source; the libraries come from the environment that runs the tests."""
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "wheel", str(ROOT)]
    subprocess.run(build, cwd=tmp_path, check=True)
    (wheel,) = (tmp_path / "wheel").iterdir()
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], cwd=tmp_path, check=True)
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (place,) = (tmp_path / "env").glob("lib/python*/site-packages")
    (place / "libraries.pth").write_text("\n".join(libraries), "utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-m", "countersign", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    where = subprocess.run(
        [str(python), "-c", "import countersign; print(countersign.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(place))
    assert run("check", "shipped:met", "--json").returncode == EVIDENCE_WRONG
    assert run("review", "shipped:met-2024", "--out", "report").returncode == DONE
    assert json.loads((tmp_path / "report" / "review.json").read_bytes())["schema"] == "countersign-review/2"
    rehearsed = run("rehearse", "quiet-high-street", "--out", "rehearsal")
    assert rehearsed.returncode == DONE, rehearsed.stderr
    simulated = run("trial", "simulate", "--group", "a=30", "--group", "b=30", "--out", "made-up")
    assert simulated.returncode == DONE, simulated.stderr
