"""What must never come through a door, planted: pictures and templates in several spellings, and marks of a person."""

from __future__ import annotations

import base64
import random
import re
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


_OFFSETS = re.compile(rb"\n[0-9]{10} [0-9]{5} [nf]")
_HEXADECIMAL = re.compile(rb"<FEFF((?:[0-9A-F]{4})*)>")


def text_of_all(folder: Path, but: frozenset[Path] = frozenset()) -> str:
    """Every file below a folder as text, with its name, but for some; of a PDF the titles as they read, and without
    the offsets of its objects, in which any five digits stand by chance."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in but]
    return "\n".join(f"{path.name}\n{_text(path.read_bytes())}" for path in files)


def _text(data: bytes) -> str:
    plain = _HEXADECIMAL.sub(
        lambda title: bytes.fromhex(title[1].decode()).decode("utf-16-be", errors="replace").encode(),
        _OFFSETS.sub(b"", data),
    )
    return plain.decode("utf-8", errors="replace")
