"""What must never come through a door, planted: pictures and templates in several spellings, and marks of a person."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import NamedTuple

_CHANCE = random.Random(11)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + _CHANCE.randbytes(1_500)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + _CHANCE.randbytes(400)
FLOATS = tuple(f"{_CHANCE.gauss(0, 0.06):.7f}" for _ in range(512))


class Plant(NamedTuple):
    """A text that is planted, and parts of it of which none may be seen again."""

    name: str
    text: str
    needles: tuple[str, ...]


def _pieces(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 12] for at in range(0, len(text) - 12, 12))


_BASE64, _HEX = base64.b64encode(PNG).decode(), JPEG.hex()
PLANTS = (
    Plant("base64 PNG", _BASE64, _pieces(_BASE64)),
    Plant("hex JPEG", _HEX, _pieces(_HEX)),
    Plant("data URI", f"data:image/png;base64,{_BASE64[:160]}", _pieces(_BASE64[:160])),
    Plant("512 floats", " ".join(FLOATS), FLOATS[:40]),
    Plant("e-mail", "write to jo.bloggs@example.org", ("jo.bloggs", "example.org")),
    Plant("telephone", "ring 07700 900123", ("07700", "900123")),
    Plant("person", "Jo Bloggs, born 3 May 1980, 12 High Street", ("Bloggs", "3 May 1980", "12 High")),
)


def seen_again(plant: Plant, text: str) -> list[str]:
    """The parts of a plant that stand in ``text``, as they are or escaped."""
    return [needle for needle in plant.needles if needle in text]


def text_of_all(folder: Path, but: frozenset[Path] = frozenset()) -> str:
    """Every file below a folder as text, with its name, but for some."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in but]
    return "\n".join(f"{path.name}\n{path.read_bytes().decode('utf-8', errors='replace')}" for path in files)
