"""``countersign-review/2`` is frozen: its schema stays as it is, and files in it are read for ever, as those in /1 are.

A test that fails here says that the form changed. What belongs in a review and has no place in /2 comes with /3, beside
the two schemas that stand (docs/formats/review-json.md).
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.reviews.schema_subset import check
from tools.review_schema import schema

from countersign.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "review-2"
SCHEMAS = ROOT / "src" / "countersign" / "reviews" / "schema"
#: SHA-256 of each form: its schema without descriptions, as JSON with sorted names.
FORMS = {
    "review-1": "a5795dfede67d73ef61fbf6f6904bac1d6da804069ea9d00ffaacae5ea66b7f0",
    "review-2": "c52d7f54d92e3d8fb20795a579d871b3c5d0e5741d17a76f89b2b294d039c444",
}
#: SHA-256 of each review as written, and how many duties have each state.
REVIEWS = {
    "published": ("2931fa87092c8fca4e818fde9b7dcd73c0172134949f3d53e79185df2284e79e", {"not shown": 103}),
    "deployment": (
        "025d7ace9d7eb489a3606aa414d85032be67d83d2e550650853e6cdb5895cb60",
        {"met": 1, "not met": 86, "not shown": 11, "stated": 5},
    ),
}


def form(made: Any) -> Any:
    """A schema without its descriptions, which are words for people and promise nothing."""
    if isinstance(made, dict):
        return {
            name: form(value) for name, value in made.items() if not (name == "description" and isinstance(value, str))
        }
    return [form(value) for value in made] if isinstance(made, list) else made


def digest(made: Any) -> str:
    return sha256(json.dumps(form(made), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@pytest.mark.parametrize("name", sorted(FORMS))
def test_the_form_is_frozen(name: str) -> None:
    assert digest(json.loads((SCHEMAS / f"{name}.json").read_bytes())) == FORMS[name]


def test_the_types_still_make_the_frozen_form() -> None:
    assert digest(schema()) == FORMS["review-2"]


SPOILS: list[Callable[[Any], Any]] = [
    lambda defs: defs["Review"]["properties"].update(more={"type": "string"}),
    lambda defs: defs["Totals"]["required"].pop(),
    lambda defs: defs["Duty"]["properties"].pop("state"),
    lambda defs: defs["Chart"]["properties"]["kind"]["enum"].append("pie"),
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_name_a_type_or_a_null_would_change_the_form(spoil: Callable[[Any], Any]) -> None:
    made = schema()
    spoil(made["$defs"])
    assert digest(made) != FORMS["review-2"]


def test_other_words_would_not_change_the_form() -> None:
    made = schema()
    made["$defs"]["Review"]["description"] = "Other words."
    assert digest(made) == FORMS["review-2"]


@pytest.mark.parametrize("name", sorted(REVIEWS))
def test_a_review_in_the_frozen_form_is_read_for_ever(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = lzma.decompress((FIXTURES / f"{name}.json.xz").read_bytes())
    whole, of_states = REVIEWS[name]
    assert sha256(content).hexdigest() == whole
    review, shape = json.loads(content), json.loads((SCHEMAS / "review-2.json").read_bytes())
    check(review, shape, shape["$defs"])
    states = [duty["state"] for duty in review["duties"]]
    assert {state: states.count(state) for state in sorted(set(states))} == of_states
    (tmp_path / "review.json").write_bytes(content)
    letters = tmp_path / "letters"
    assert run(["ask", str(tmp_path / "review.json"), "--date", "2026-12-01", "--out", str(letters)]) == 0
    assert capsys.readouterr().err == ""
    written = "".join(path.read_text(encoding="utf-8") for path in sorted(letters.iterdir()))
    assert written.count("\n") > 50
    assert "\n2026-12-01\n" in written


def test_a_form_that_is_not_known_is_refused_and_not_guessed_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "review.json").write_text('{"schema": "countersign-review/3", "not_shown": []}')
    assert run(["ask", str(tmp_path / "review.json"), "--date", "2026-12-01", "--out", str(tmp_path / "out")]) == 2
    assert "this version reads countersign-review/1 and countersign-review/2" in capsys.readouterr().err
