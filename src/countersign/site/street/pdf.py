"""The sign (A3) and the leaflet (A5) as PDF: tagged, produced as PDF/UA-1 in their language, with the shipped font.

Each paper is one fixed typst template; every text goes in as data, never as markup. The QR code holds the page's
address and nothing else, and is drawn as lines with a text alternative. No clock takes part: the same facts give the
same bytes. On the sign the letters of the title are at least 25 mm high without ascenders (seen from ten metres, 8.6
minutes of arc) and those of "you may walk round it" at least 14.5 mm (5 minutes of arc, what an eye of normal acuity,
6/6, just reads).

>>> _safe({"title": "#panic()\\u202e"})
{'title': '#panic()[U+202E]'}
>>> day_in_words(datetime.date(2026, 3, 2), "cy")
'2 Mawrth 2026'
"""

from __future__ import annotations

import datetime
import io
import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from countersign.errors import NotReached
from countersign.render.text import FOLDER, breakable, drawable, shown
from countersign.site.street.papers import Contact, Language, PaperFacts
from countersign.words import dates

MONTHS: dict[Language, tuple[str, ...]] = {
    "en": dates.MONTHS,
    "cy": ("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin", "Gorffennaf", "Awst", "Medi", "Hydref",
           "Tachwedd", "Rhagfyr"),
}  # fmt: skip


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fixed words of both papers in one language."""

    sign_title: tuple[str, str, str]
    sign_what: str
    sign_round: tuple[str, str]
    find: str
    code: str
    outside: str
    inside: str
    qr: str
    title: str
    happening: str
    using: str
    where: str
    when: str
    until: str
    why: str
    how: str
    face: str
    measured: str
    no_alert: tuple[str, str]
    alert: tuple[str, str]
    listed: tuple[str, str]
    video: tuple[str, str]
    round: str
    may: str
    way: str
    rights: str
    rights_items: tuple[str, ...]
    ask: str
    complain: str
    to_force: str
    to_outside: str
    more: str
    post: str
    telephone: str
    email: str
    web: str


#: By language, from ``templates/phrases.toml``.
_TEXT = resources.files("countersign.site.street").joinpath("templates", "phrases.toml").read_text(encoding="utf-8")
PHRASES = msgspec.convert(tomllib.loads(_TEXT), dict[Language, Phrases])


def sign_words(facts: PaperFacts, language: Language) -> dict[str, object]:
    """The texts of the sign, by place on it."""
    words = PHRASES[language]
    return {
        "language": language,
        "title": " ".join(words.sign_title),
        "lines": list(words.sign_title),
        "round": list(words.sign_round),
        "what": words.sign_what,
        "who": f"{facts.force.within(language)} · {facts.place.within(language)}",
        "when": _when(facts, language),
        **_finding(facts, language),
    }


def leaflet_words(facts: PaperFacts, language: Language) -> dict[str, object]:
    """The texts of the leaflet, by place on it."""
    words, kept = PHRASES[language], facts.kept
    return {
        "language": language,
        "title": words.title,
        "happening": words.happening,
        "using": words.using.format(force=facts.force.within(language)),
        "facts": [
            [words.where, facts.place.within(language)],
            [words.when, _when(facts, language)],
            [words.why, facts.why.within(language)],
        ],
        "how": words.how,
        "face": words.face,
        "kept": [
            words.measured,
            words.no_alert[0 if kept.no_alert_at_once else 1],
            _said(words.alert, kept.alert_hours),
            _said(words.listed, kept.list_hours),
            _said(words.video, kept.cctv_days),
        ],
        "round": words.round,
        "may": words.may,
        "way": "" if facts.way_round is None else words.way.format(way=facts.way_round.within(language)),
        "rights": words.rights,
        "rights_items": list(words.rights_items),
        "ask": words.ask,
        "contact": _office(facts.contact, language),
        "complain": words.complain,
        "to_force": words.to_force,
        "to_outside": words.to_outside,
        "bodies": [_office(one, language) for one in facts.complaints],
        "more": words.more,
        **_finding(facts, language),
    }


def day_in_words(day: datetime.date, language: Language) -> str:
    """A day with its month in words."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


def _when(facts: PaperFacts, language: Language) -> str:
    day = day_in_words(facts.date, language)
    return PHRASES[language].until.format(day=day, start=f"{facts.start:%H:%M}", end=f"{facts.end:%H:%M}")


def _said(pair: tuple[str, str], count: int | None) -> str:
    return pair[1] if count is None else pair[0].format(count=f"{count:,}")


def _finding(facts: PaperFacts, language: Language) -> dict[str, object]:
    words = PHRASES[language]
    host = words.outside if facts.page.outside else words.inside
    return {
        "find": words.find,
        "address": facts.address,
        "code": f"{words.code}: {facts.code}",
        "host": host.format(host=facts.page.host.within(language)),
        "qr": words.qr.format(address=facts.address),
    }


def _office(office: Contact, language: Language) -> dict[str, object]:
    words = PHRASES[language]
    ways = (
        (words.post, office.post),
        (words.telephone, office.telephone),
        (words.email, office.email),
        (words.web, office.web),
    )
    return {
        "name": office.name.within(language),
        "about": "" if office.about is None else office.about.within(language),
        "ways": [[name, value] for name, value in ways if value],
    }


_TEMPLATES = Path(__file__).parent / "templates"
#: ISO/IEC 18004 asks for four modules of white around the code, and has level M restore about 15% of it.
QUIET_MODULES = 4
#: Texts of letters and digits alone that are typed or read aloud: nothing invisible may stand in them.
_WHOLE = frozenset({"address", "qr"})


class QrMakerMissing(NotReached, next_step="Install segno beside countersign, then run the command again."):
    """The library that makes QR codes is not installed."""


def papers(facts: PaperFacts) -> dict[str, bytes]:
    """All papers of a deployment by file name: ``sign-en.pdf``, ``leaflet-en.pdf``, and in Welsh with ``-cy``. Raises
    ``QrMakerMissing``.
    """
    code = qr_svg(facts.address)
    made: dict[str, bytes] = {}
    for language in facts.languages:
        made[f"sign-{language}.pdf"] = _compiled("sign.typ", sign_words(facts, language), code)
        made[f"leaflet-{language}.pdf"] = _compiled("leaflet.typ", leaflet_words(facts, language), code)
    return made


def qr_svg(address: str) -> str:
    """The QR code of an address as a drawing. Raises ``QrMakerMissing``."""
    try:
        import segno
    except ImportError:
        raise QrMakerMissing("QR codes are made with the library segno, which is not installed") from None
    drawing = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawing, kind="svg", border=QUIET_MODULES, xmldecl=False, dark="#000000", light="#ffffff")
    return drawing.getvalue().decode("utf-8")


def _compiled(template: str, words: dict[str, object], code: str) -> bytes:
    # Imported here: only who asks for a PDF pays for the compiler.
    import typst

    pdf: bytes = typst.compile(
        _TEMPLATES / template,
        format="pdf",
        font_paths=[FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"words": json.dumps(_safe(words)), "code": code},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    return pdf


def _safe(node: Any, key: str = "") -> Any:
    """The tree with every text on one line, drawable by the shipped font, and places in very long words to break."""
    if isinstance(node, dict):
        return {name: _safe(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [_safe(value) for value in node]
    return node if key in _WHOLE else breakable(drawable(shown(node)))
