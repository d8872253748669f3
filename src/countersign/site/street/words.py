"""The words of the sign and the leaflet, in plain English and plain Welsh, filled from a deployment's facts.

What happens to a face, and for how long anything is kept, is told as what the force says; where it has not said, that
is told. That one may walk round the cameras, and that doing so is not suspicious, stands on both papers (duty
``uk.open.avoidance-not-suspicion``). No mark of this program stands on either. The Welsh has yet to be read by a
translator (docs/formats/site.md).

>>> day_in_words(datetime.date(2026, 3, 2), "cy")
'2 Mawrth 2026'
"""

from __future__ import annotations

import datetime
from typing import NamedTuple

from countersign.site.street.papers import Contact, Language, PaperFacts
from countersign.words import dates

MONTHS: dict[Language, tuple[str, ...]] = {
    "en": dates.MONTHS,
    "cy": ("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin", "Gorffennaf", "Awst", "Medi", "Hydref",
           "Tachwedd", "Rhagfyr"),
}  # fmt: skip


class Phrases(NamedTuple):
    """The fixed words of both papers in one language."""

    sign_title: tuple[str, str]
    sign_scanning: str
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


#: By language. A pair holds what the force says, and what stands there where it has not said.
PHRASES: dict[Language, Phrases] = {
    "en": Phrases(
        sign_title=("Live facial", "recognition"),
        sign_scanning="Police cameras are scanning faces here.",
        sign_round=("You may walk round it.", "Doing so is not suspicious."),
        find="To find out more, scan the code or type this address:",
        code="Short code",
        outside="This page is kept by {host}, not by the police, so looking at it does not tell the police who looked.",
        inside="This page is kept by {host}.",
        qr="QR code for the address {address}",
        title="Live facial recognition: what it is, and your rights",
        happening="What is happening",
        using="{force} is using live facial recognition.",
        where="Where",
        when="When",
        until="{day}, from {start} to {end}",
        why="Why here, in the force’s words",
        how="Cameras pick out the faces of people who pass. A computer compares each face with a list made by the "
        "police. If two look alike to it, it gives an alert. An alert is not proof: the computer can be wrong. "
        "Officers look at the alert and decide what to do.",
        face="What happens to your face",
        measured="Your face is measured as you pass, and the measurements are compared with the list.",
        no_alert=(
            "If there is no alert: the force says that the measurements of your face are deleted at once.",
            "If there is no alert: the force has not said when the measurements of your face are deleted.",
        ),
        alert=(
            "If there is an alert: the force says that the measurements and the picture are deleted within {count} "
            "hours, unless the law allows them to be kept.",
            "If there is an alert: the force has not said when the measurements and the picture are deleted.",
        ),
        listed=(
            "The list: the force says that it is deleted from the system within {count} hours of the end.",
            "The list: the force has not said when it is deleted from the system.",
        ),
        video=(
            "Video from the cameras: the force says that it is deleted within {count} days, unless the law allows it "
            "to be kept.",
            "Video from the cameras: the force has not said when it is deleted.",
        ),
        round="You may walk round it",
        may="You do not have to walk past the cameras. You may turn back or go another way. Doing so is not "
        "suspicious, and is not by itself a reason to stop you.",
        way="A way round: {way}",
        rights="Your rights",
        rights_items=(
            "If an officer speaks to you, you may ask why, and under which power.",
            "You may ask the force what information it holds about you. You may ask it to correct what is wrong and "
            "to delete what it should not keep. This is free.",
            "You may ask a solicitor or a law centre for advice, and you may take the force to court.",
        ),
        ask="Ask the force",
        complain="How to complain",
        to_force="To the force: to the office named under “Ask the force”.",
        to_outside="To a body outside the force:",
        more="Find out more",
        post="Post",
        telephone="Telephone",
        email="Email",
        web="Web",
    ),
    "cy": Phrases(
        sign_title=("Adnabod", "wynebau byw"),
        sign_scanning="Mae camerâu’r heddlu yn sganio wynebau yma.",
        sign_round=("Cewch fynd ffordd arall.", "Nid yw hynny’n amheus."),
        find="I ddysgu mwy, sganiwch y cod neu teipiwch y cyfeiriad hwn:",
        code="Cod byr",
        outside="{host} sy’n cadw’r dudalen hon, nid yr heddlu, felly nid yw edrych arni’n dweud wrth yr heddlu pwy "
        "sydd wedi edrych.",
        inside="{host} sy’n cadw’r dudalen hon.",
        qr="Cod QR ar gyfer y cyfeiriad {address}",
        title="Adnabod wynebau byw: beth ydyw, a’ch hawliau",
        happening="Beth sy’n digwydd",
        using="Mae {force} yn defnyddio technoleg adnabod wynebau byw.",
        where="Ble",
        when="Pryd",
        until="{day}, o {start} tan {end}",
        why="Pam yma, yng ngeiriau’r heddlu",
        how="Mae camerâu’n canfod wynebau pobl sy’n mynd heibio. Mae cyfrifiadur yn cymharu pob wyneb â rhestr a wnaed "
        "gan yr heddlu. Os yw dau wyneb yn edrych yn debyg iddo, mae’n rhoi rhybudd. Nid yw rhybudd yn brawf: gall y "
        "cyfrifiadur fod yn anghywir. Mae swyddogion yn edrych ar y rhybudd ac yn penderfynu beth i’w wneud.",
        face="Beth sy’n digwydd i’ch wyneb",
        measured="Mae eich wyneb yn cael ei fesur wrth i chi fynd heibio, ac mae’r mesuriadau’n cael eu cymharu â’r "
        "rhestr.",
        no_alert=(
            "Os nad oes rhybudd: mae’r heddlu’n dweud bod mesuriadau eich wyneb yn cael eu dileu ar unwaith.",
            "Os nad oes rhybudd: nid yw’r heddlu wedi dweud pryd y mae mesuriadau eich wyneb yn cael eu dileu.",
        ),
        alert=(
            "Os oes rhybudd: mae’r heddlu’n dweud bod y mesuriadau a’r llun yn cael eu dileu o fewn {count} awr, oni "
            "bai bod y gyfraith yn caniatáu eu cadw.",
            "Os oes rhybudd: nid yw’r heddlu wedi dweud pryd y mae’r mesuriadau a’r llun yn cael eu dileu.",
        ),
        listed=(
            "Y rhestr: mae’r heddlu’n dweud ei bod yn cael ei dileu o’r system o fewn {count} awr ar ôl y diwedd.",
            "Y rhestr: nid yw’r heddlu wedi dweud pryd y mae’n cael ei dileu o’r system.",
        ),
        video=(
            "Fideo o’r camerâu: mae’r heddlu’n dweud ei fod yn cael ei ddileu o fewn {count} diwrnod, oni bai bod y "
            "gyfraith yn caniatáu ei gadw.",
            "Fideo o’r camerâu: nid yw’r heddlu wedi dweud pryd y mae’n cael ei ddileu.",
        ),
        round="Cewch fynd ffordd arall",
        may="Does dim rhaid i chi gerdded heibio’r camerâu. Cewch droi’n ôl neu fynd ffordd arall. Nid yw gwneud "
        "hynny’n amheus, ac nid yw ynddo’i hun yn rheswm i’ch stopio.",
        way="Ffordd arall: {way}",
        rights="Eich hawliau",
        rights_items=(
            "Os bydd swyddog yn siarad â chi, cewch ofyn pam, ac o dan ba bŵer.",
            "Cewch ofyn i’r heddlu pa wybodaeth sydd ganddo amdanoch. Cewch ofyn iddo gywiro’r hyn sy’n anghywir a "
            "dileu’r hyn na ddylai ei gadw. Mae hyn am ddim.",
            "Cewch ofyn am gyngor gan gyfreithiwr neu ganolfan y gyfraith, a chewch fynd â’r heddlu i’r llys.",
        ),
        ask="Gofyn i’r heddlu",
        complain="Sut i gwyno",
        to_force="I’r heddlu: i’r swyddfa a enwir o dan “Gofyn i’r heddlu”.",
        to_outside="I gorff y tu allan i’r heddlu:",
        more="Dysgu mwy",
        post="Post",
        telephone="Ffôn",
        email="E-bost",
        web="Gwefan",
    ),
}


def sign_words(facts: PaperFacts, language: Language) -> dict[str, object]:
    """The texts of the sign, by place on it."""
    words = PHRASES[language]
    return {
        "language": language,
        "title": " ".join(words.sign_title),
        "lines": list(words.sign_title),
        "round": list(words.sign_round),
        "scanning": words.sign_scanning,
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
