"""Which characters the shipped font can draw is read from the font; its licence lies beside it."""

from __future__ import annotations

from countersign.render.text import FOLDER, characters, drawable


def test_the_characters_reports_are_written_in_can_all_be_drawn() -> None:
    written = "ABCabc019 .,;:!?()[]%&£€–—‘’“”…·•×±≤≥→−½†‡§ŵŷŴŶáéíóúàèçñäöüßøåæŁłşğ"
    assert drawable(written) == written


def test_what_cannot_be_drawn_is_written_by_its_number() -> None:
    assert drawable("東 ع 👮") == "[U+6771] [U+0639] [U+1F46E]"


def test_the_set_is_of_the_size_the_font_states() -> None:
    # 2,505 characters by fontTools' TTFont.getBestCmap() on Inter-Regular.otf of fonts-inter 4.0~beta7+ds-1, and the
    # zero-width space, which the compiler leaves invisible whether or not the font has it.
    assert 2_500 <= len(characters()) <= 2_506


def test_the_licence_lies_beside_the_font() -> None:
    licence = (FOLDER / "LICENSE-Inter.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert sorted(path.name for path in FOLDER.glob("*.otf")) == ["Inter-Regular.otf", "Inter-SemiBold.otf"]
