"""How much the door misses, and what it refuses without cause: 300 leaks and 300 innocent texts, unseen by its rules.

The corpus is made here: pictures and templates in spellings of every kind, marks of made-up persons, and the texts that
police tables, papers and claims truly hold. None of it was used to write the rules, and the rules were not changed to
better these figures. ``python tools/door_misses.py`` prints every miss and every false refusal.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import quopri
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import product

from countersign.leaks import leak_in

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1\x00\x18Exif", b"GIF89a", b"RIFF\x24\x00\x00\x00WEBP", b"BM\x36")


def _data(chance: random.Random) -> bytes:
    return chance.choice(_PICTURES) + chance.randbytes(180)


def _vector(chance: random.Random) -> list[float]:
    return [chance.gauss(0, 0.09) for _ in range(128)]


#: Spellings of a picture or a template, each made of chance.
ENCODINGS: dict[str, Callable[[random.Random], str]] = {
    "base64": lambda chance: base64.b64encode(_data(chance)).decode(),
    "base64 for addresses": lambda chance: base64.urlsafe_b64encode(_data(chance)).decode().rstrip("="),
    "base64 in lines of 76": lambda chance: base64.encodebytes(_data(chance)).decode(),
    "base64 in fours": lambda chance: _spaced(base64.b64encode(_data(chance)).decode(), 4),
    "base64, turned round": lambda chance: base64.b64encode(_data(chance)).decode()[::-1],
    "base64 after words": lambda chance: f"see the attached {base64.b64encode(_data(chance)).decode()} as agreed",
    "base32": lambda chance: base64.b32encode(_data(chance)).decode(),
    "base85": lambda chance: base64.b85encode(_data(chance)).decode(),
    "ascii85": lambda chance: base64.a85encode(_data(chance)).decode(),
    "hexadecimal": lambda chance: _data(chance).hex(),
    "hexadecimal by bytes": lambda chance: _data(chance).hex(" "),
    "hexadecimal with colons": lambda chance: _data(chance).hex(":").upper(),
    "bytes as 0x": lambda chance: ", ".join(f"0x{byte:02x}" for byte in _data(chance)),
    "escapes": lambda chance: "".join(f"\\x{byte:02x}" for byte in _data(chance)),
    "percent escapes": lambda chance: "".join(f"%{byte:02X}" for byte in _data(chance)),
    "quoted-printable": lambda chance: quopri.encodestring(_data(chance)).decode(),
    "packed by gzip": lambda chance: base64.b64encode(gzip.compress(_data(chance), mtime=0)).decode(),
    "packed by bzip2": lambda chance: bz2.compress(_data(chance)).hex(),
    "packed by zlib": lambda chance: base64.b64encode(zlib.compress(_data(chance))).decode(),
    "bytes as numbers": lambda chance: " ".join(map(str, _data(chance))),
    "bits": lambda chance: "".join(f"{byte:08b}" for byte in _data(chance)[:24]),
    "letters for hexadecimal": lambda chance: "".join(chr(97 + int(digit, 16)) for digit in _data(chance).hex()),
    "Braille": lambda chance: "".join(chr(0x2800 + byte) for byte in _data(chance)),
    "Hangul": lambda chance: "".join(chr(0xAC00 + byte * 40) for byte in _data(chance)),
    "ideographs": lambda chance: "".join(chr(0x4E00 + byte * 50) for byte in _data(chance)),
    "floats": lambda chance: ", ".join(f"{value:.5f}" for value in _vector(chance)),
    "floats in brackets": lambda chance: str([round(value, 3) for value in _vector(chance)]),
    "floats with powers": lambda chance: ";".join(f"{value:.3e}" for value in _vector(chance)),
    "small whole numbers": lambda chance: "|".join(str(round(value * 400)) for value in _vector(chance)),
    "packed floats": lambda chance: base64.b64encode(struct.pack("<128f", *_vector(chance))).decode(),
    "four words a byte": lambda chance: " ".join(chance.choices(("alpha", "bravo", "delta", "echo"), k=200)),
}


def _spaced(text: str, width: int) -> str:
    return " ".join(text[at : at + width] for at in range(0, len(text), width))


_FIRST = ("Amina", "Piotr", "Siân", "Kwame", "Niamh", "Rajesh", "Chloe", "Tomasz", "Fatima", "Owen")
_LAST = ("Okafor", "Kowalski", "Llewellyn", "Mensah", "O’Brien", "Patel", "Baker-Jones", "Nowak", "Rahman", "Pritchard")
_STREETS = ("Marlowe Road", "Castle Street", "Quarry Lane", "St Peter’s Avenue", "Heol y Parc", "Orchard Close")

#: Marks of a person: each a sentence with places for a name and made-up particulars.
PERSONS = """\
{first} {last} (DOB {d:02}/{m:02}/19{y})
{first} {last}, born on {d}.{m}.19{y}
{last}, {first}; 19{y}-{m:02}-{d:02}
{first} {last}, {age} years old, stopped at 14:10
a male aged {age} of {n} {street}
Mr {last} of {street}
Ms {first} {last} was engaged
nominal: {last}
{first}.{last}@mail.example.com
{first} at example dot org
{first}_{last} [at] example [dot] net
contact {first}@example。com
tel 0{p3} {q3} {r4}
+44 (0)7{p3} {q3}{q3}
0{p3}-{q3}-{r4}
mobile: 07{p3}{q3}{q3}
００{p3}{q3}{r4}
call on {p3} {q3} {r4}
{n} {street}, Testford
flat {n}, {street}
lives at {n}{a} {street}
AB{k} {k}BD
51.5{p3}, -0.1{q3}
{first} {last} ({age})
date of birth: {d} March 19{y}
né le {d}/{m}/19{y}
geboren am {d}.{m}.19{y}, {last}
subject {last} b. 19{y}
""".splitlines()
#: What the door does not look for: names alone, and what is spelt out in words.
BARE = """\
{first} {last}
{last} {first}, released
seen with {first}
the alert was {first} {last}
{first} of {street}
born in the spring of nineteen {first}
oh seven seven double oh nine
{first} dot {last} at the usual host
""".splitlines()


def leaks() -> Iterator[tuple[str, str]]:
    """Kind and text of 300 leaks."""
    chance = random.Random(20_261_130)
    for name, make in ENCODINGS.items():
        for _ in range(4):
            yield f"pictures and templates: {name}", make(chance)
    for kind, sentences, count in (("marks of a person", PERSONS, 140), ("bare names, words for numbers", BARE, 36)):
        for at in range(count):
            yield kind, sentences[at % len(sentences)].format_map(_particulars(chance))


def _particulars(chance: random.Random) -> dict[str, object]:
    """A made-up person: names, a street, days, an age and numbers."""
    names = {"first": chance.choice(_FIRST), "last": chance.choice(_LAST), "street": chance.choice(_STREETS)}
    ends = {"d": (1, 28), "m": (1, 12), "y": (50, 99), "age": (16, 80), "n": (2, 180), "k": (1, 9)}
    ends |= {"p3": (200, 999), "q3": (200, 999), "r4": (2000, 9999)}
    return names | {"a": chance.choice("ab")} | {name: chance.randint(*between) for name, between in ends.items()}


_PLACES = """\
Market Square, Testford
High St j/w Mill Lane
Broad Street o/s Marks & Spencer
St Mary’s Gate
A4174 ring road
Platform 4, Central Stn
Junction 12 services
Y Stryd Fawr, Bangor
The O2
Gate B2, Terminal 5
Plaça Major
Königstraße / Schlossplatz
Rue de la République
Unit 7 Retail Park
King’s Cross St Pancras
Bus Stn Bay 3
Stadium Way (North)
Pier Head
W12 Shopping Centre
Station Rd, opp Town Hall
High Road North, N22
""".splitlines()
_CELLS = """\
1 of 3
5hr 37m
10:00 - 16:30
1000-1600hrs
11/07/23
Tuesday 3rd September 2024
3 & 4 June 2025
0.64
0.00032%
1 in 33,000
c. 35,000
<5
N/A
Withheld s.31(1)(a)
2 (1 de-arrested)
over 12,000
FPIR 0.0003
13,941
NeoFace M40 v4.1.2
Use case 1, 2, 4
2023/24 Q3
Ref. LFR/0117/24
02/2024 to 04/2024
20 min
£14,200
""".splitlines()
_SENTENCES = """\
A true alert is confirmed once the officer has checked identity.
Deployment ended at 15:20 for a technical fault.
The watchlist was deleted within 24 hours; see section 7.4.2 of the policy.
R (Bridges) [2020] EWCA Civ 1058, at 91-94
Threshold lowered from 0.64 to 0.6 on 5 March 2025 after calibration.
Answer to FOI 01/FOI/24/037192, 12 May 2024
https://www.force.example/foi-ai/force/disclosure-2024/march-2024/lfr-deployments-2023/
DPIA v2.3, signed off 14/02/2024
Of 1,461 faces, 9 led to alerts: 8 true, 1 false; 6 arrests.
Three vans, 12 officers, two hours in total
The Commissioner said that the system is accurate.
Ethnicity as perceived by the officer (IC1 to IC6)
Population 16 to 64 years, Census 2021, table TS021
Counts under 5 are not shown; percentages may not sum to 100.
""".splitlines()
_BEFORE = ("", "Note 2: ", "Op Larch, ", "(provisional) ", "Page 4: ")


def innocent() -> Iterator[tuple[str, str]]:
    """Kind and text of 300 texts that hold nothing of a person."""
    for kind, texts in (("places", _PLACES), ("cells", _CELLS), ("sentences", _SENTENCES)):
        for before, text in product(_BEFORE, texts):
            yield kind, before + text


def figures() -> list[tuple[str, int, int]]:
    """Kind of texts, how many there are, and how many of them the door got wrong."""
    counted: dict[str, list[bool]] = {}
    for kind, text in leaks():
        counted.setdefault(f"leaks missed: {kind.partition(':')[0]}", []).append(leak_in(text) is None)
    for kind, text in innocent():
        wrong = leak_in(text, of_place=kind != "sentences") is not None
        counted.setdefault(f"refused without cause: {kind}", []).append(wrong)
    return [(kind, len(wrong), sum(wrong)) for kind, wrong in counted.items()]


def main() -> None:
    """Print each miss and each false refusal, and the figures."""
    for kind, text in leaks():
        if leak_in(text) is None:
            print(f"missed ({kind}): {text[:100]}")
    for kind, text in innocent():
        if (found := leak_in(text, of_place=kind != "sentences")) is not None:
            print(f"refused ({kind}, {found}): {text[:100]}")
    for figure in figures():
        print(*figure, sep="\t")


if __name__ == "__main__":
    main()
