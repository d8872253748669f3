"""Duties that people answer: attested ones by a role's signed statement, judged ones by an independent reviewer.

An attested duty needs an answer to each question by the named role. An answer is empty if it is too short, copied, or
only a conclusion. These tests are crude: they find what says nothing, and never judge what says something. A text much
like an earlier deployment's is no fault; it is shown beside it (``likeness``). Sealed texts are *not shown*.

A judgement names the digests it was made on and carries over to later deployments until one of them changes. Made by a
reviewer who is not independent, or copied in by a compiler, it is only *stated*. Two reviewers who differ: the duty is
*not met* until it is settled.

>>> emptiness("I am satisfied that it is necessary and proportionate in all the circumstances of this deployment.")
'only the conclusion is stated'
>>> emptiness("Necessary.")
'it is too short to hold a reason'
>>> likeness("people wanted for knife crime were seen here", "people wanted for knife crime were seen there")
0.75
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from importlib import resources

import msgspec

from countersign.deployments.kinds import COMPILER
from countersign.deployments.view import AsFound
from countersign.record.entries import canonical
from countersign.rulebook.catalogue import Duty
from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.results import SEALED, Condition, lacking
from countersign.words.lists import counted
from countersign.words.names import role_name, token

#: Fewer words than this hold no reason: about one short sentence.
LEAST_WORDS = 8
#: So many different words must be left once conclusions and small words are taken out.
LEAST_CONTENT = 5
#: From this share of common five-word stretches on, two texts are shown beside each other.
ALIKE = 0.5
#: Length of the stretches compared, in words.
STRETCH = 5
DIFFERS = "What differs here?"
ATTESTATION = "attestation"

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def _without_reason() -> frozenset[str]:
    text = resources.files("countersign.rulebook").joinpath("data", "empty_words.toml").read_text(encoding="utf-8")
    return frozenset(word for words in tomllib.loads(text).values() for word in words.split())


_EMPTY = _without_reason()


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def emptiness(text: str, others: Iterable[str] = ()) -> str | None:
    """Why an answer says nothing, for a sentence; ``None`` if it says something. ``others``: not to be copied."""
    words = _words(text)
    if len(words) < LEAST_WORDS:
        return "it is too short to hold a reason"
    if any(likeness(text, other) > 0.9 for other in others if len(_words(other)) >= STRETCH):
        return "it is copied"
    if len({word for word in words if word not in _EMPTY}) < LEAST_CONTENT:
        return "only the conclusion is stated"
    return None


def _stretches(text: str) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    return frozenset(tuple(words[at : at + STRETCH]) for at in range(len(words) - STRETCH + 1))


def likeness(text: str, other: str) -> float:
    """The share of ``text``'s stretches of five words that also stand in ``other``, 0 to 1."""
    own = _stretches(text)
    return len(own & _stretches(other)) / len(own) if own else 0.0


class Likeness(msgspec.Struct, frozen=True):
    """Two texts much alike: the answer, the earlier deployment, the share they have in common, and what to ask."""

    question: str
    earlier: str
    share: float
    asks: str = DIFFERS


def alike(answers: Mapping[str, str], earlier: Mapping[str, Mapping[str, str]]) -> tuple[Likeness, ...]:
    """Answers much like an earlier deployment's to the same question; ``earlier`` is answers by deployment. The most
    alike first. Contents must have been opened to the caller; nothing of them is kept.
    """
    found = [
        Likeness(question, deployment, share)
        for question, text in answers.items()
        for deployment, texts in earlier.items()
        if (share := likeness(text, texts.get(question, ""))) >= ALIKE
    ]
    return tuple(sorted(found, key=lambda alike: (-alike.share, alike.question, alike.earlier)))


def answer_digest(question: str, text: str, nonce: str | None) -> str:
    """What ``review.attestation`` says of an answer in public, in hexadecimal: SHA-256 of the canonical JSON of
    question, text and sealed nonce (version 2), or of the text alone (version 1, which has none).

    >>> answer_digest("harm", "None is known.", "00" * 32)[:16], answer_digest("harm", "None is known.", None)[:16]
    ('f8caaad1e4e06746', '8c26712265d0c083')
    """
    said = text.encode() if nonce is None else canonical.render({"nonce": nonce, "question": question, "text": text})
    return sha256(said).hexdigest()


def answers_of(look: Look, duty: Duty) -> tuple[list[tuple[Line, dict[str, str]]], list[Line]]:
    """Answers open to this reader by statement, and the statements whose text is not open."""
    opened: list[tuple[Line, dict[str, str]]] = []
    closed: list[Line] = []
    for line in look.lines(ATTESTATION):
        if line("duty") != duty.id:
            continue
        texts = line("sealed.answers.answers")
        if texts is None:
            closed.append(line)
        else:
            opened.append((line, {item["question"]: item["text"] for item in texts}))
    if duty.text_in:
        noun, _, field = duty.text_in.partition(".")
        for line in look.lines(noun):
            texts = line(field)
            if texts is None:
                closed.append(line)
            else:
                opened.append((line, {key.replace("_", "-"): text for key, text in texts.items()}))
    return opened, closed


def _as_found(line: Line, duty: Duty) -> AsFound | None:
    """What was fixed of a statement's texts before they were erased."""
    of_attestation = line.statement.noun == ATTESTATION
    if of_attestation and _not_asked([item["question"] for item in line("answers")], duty):
        return None
    label = "answers" if of_attestation else duty.text_in.split(".")[2]
    return line.statement.as_found.get((label, duty.id))


_HOLDS = {"met": True, "stated": True, "not-met": False}


def _found_words(found: AsFound) -> str:
    return f"as found before erasure: {token(found.result)} (entry {found.entry})"


def as_found(condition: Condition, duty: Duty) -> Condition:
    """A condition that sealed values leave open, as someone found the duty before they were erased: of every hour (or
    other entry of one kind) whose values are gone, by whoever fixed it. Else the condition as it is.
    """
    if not condition.sealed:
        return condition
    by_noun: dict[str, list[tuple[Line, AsFound | None]]] = {}
    for line in (line for group in condition.grounds for line in group if line.statement.sealed):
        fixed = (found for (_, name), found in line.statement.as_found.items() if name == duty.id)
        by_noun.setdefault(line.statement.noun, []).append((line, next(fixed, None)))
    for lines in by_noun.values():
        known = [(line, found) for line, found in lines if found is not None and found.result in _HOLDS]
        if len(known) == len(lines):
            worst = min((found for _, found in known), key=lambda found: (_HOLDS[found.result], found.entry))
            # Whoever fixed it supplied what is left of the evidence.
            said = [
                line._replace(statement=replace(line.statement, supplied_by=found.supplied_by)) for line, found in known
            ]
            return Condition(_HOLDS[worst.result], _found_words(worst), tuple((line,) for line in said))
    return condition


def _strange(line: Line, texts: Mapping[str, str], duty: Duty) -> str | None:
    """Why the texts under an attestation's seal do not belong to it, or to the duty; ``None`` where they do."""
    if line.statement.noun != ATTESTATION:
        return None
    given = [(item["question"], item["digest"], item["characters"]) for item in line("answers")]
    if not_asked := _not_asked([question for question, _, _ in given], duty):
        return f"it answers what the duty does not ask ({', '.join(not_asked)})"
    nonce = line("sealed.answers.nonce")
    sealed = [(question, answer_digest(question, text, nonce), len(text)) for question, text in texts.items()]
    return None if sorted(given) == sorted(sealed) else "the answers under its seal are not those of its digests"


def _not_asked(questions: Iterable[str], duty: Duty) -> list[str]:
    return sorted(set(questions) - {question.id for question in duty.questions})


def texts_not_to_copy(look: Look, duty: Duty) -> list[str] | None:
    """The texts that answers of this duty may not be copied from; ``None`` where they are not open to this reader."""
    if not duty.not_from:
        return []
    noun, _, field = duty.not_from.partition(".")
    opened = [texts for line in look.lines(noun) if (texts := line(field)) is not None]
    return [text for texts in opened for text in texts.values()] if opened else None


def attested(look: Look, duty: Duty) -> tuple[list[Condition], tuple[str, ...]]:
    """The conditions of an attested duty's statement, and the questions it leaves open. The latest statement that is
    open answers; each question needs an answer that is not empty, by the named role.
    """
    opened, closed = answers_of(look, duty)
    asked = tuple(question.text for question in duty.questions)
    erased = [(line, found) for line in closed if (found := _as_found(line, duty)) is not None]
    if not opened and erased:
        line, found = erased[-1]
        holds = _HOLDS.get(found.result)
        return [Condition(holds, _found_words(found), ((line,),))], () if holds else asked
    if not opened and closed:
        sealed = f"a statement is committed to, and its text is {SEALED}"
        return [Condition(None, sealed, (tuple(closed),))], asked
    if not opened:
        return [lacking(f"no statement of the {role_name(duty.role)} is on the record")], asked
    line, texts = max(opened, key=lambda answered: (answered[0].statement.at, answered[0].entry))
    role = role_name(line.statement.role)
    if line.statement.role not in (duty.role, COMPILER) and not duty.text_in:
        return [Condition(None, f"the statement is signed as {role}, not as {role_name(duty.role)}", ((line,),))], asked
    if (why := _strange(line, texts, duty)) is not None:
        return [Condition(None, why, ((line,),))], asked
    copied_from = texts_not_to_copy(look, duty)
    if copied_from is None:
        sealed = f"the text that the answers should weigh is {SEALED}"
        return [Condition(None, sealed, ((line,),))], asked
    left = {}
    for question in duty.questions:
        text = texts.get(question.id, "")
        others = [question.text, *copied_from, *(other for key, other in texts.items() if key != question.id)]
        why = emptiness(text, others) if text else "it is not there"
        if why is not None:
            left[question.text] = Condition(None, f"the answer to “{question.text}” is empty: {why}", ((line,),))
    if left:
        return list(left.values()), tuple(left)
    number = len(duty.questions)
    questions = "the question" if number == 1 else counted(number, "question")
    return [Condition(True, f"the {role} answered {questions} and signed", ((line,),))], ()


def bound_digests(look: Look, duty: Duty) -> tuple[frozenset[str], tuple[Line, ...]]:
    """The digests a judgement of this duty must name, from the latest versions on the record, and their lines."""
    digests: set[str] = set()
    lines: list[Line] = []
    for path in duty.binds:
        noun, _, field = path.partition(".")
        for line in look.current(noun):
            if (digest := line(field)) is not None:
                digests.add(digest)
                lines.append(line)
    return frozenset(digests), tuple(lines)


def judged(look: Look, duty: Duty) -> tuple[list[Condition], tuple[str, ...]]:
    """The conditions of a judged duty, and the question if it is still open."""
    digests, lines = bound_digests(look, duty)
    asked = (duty.question,)
    nouns = ", ".join(sorted({token(path.partition(".")[0]) for path in duty.binds}))
    judgements = [line for line in look.lines("judgement") if line("duty") == duty.id]
    against = [line for line in judgements if line("result") == "not-met"]
    if not digests and against:
        # A reviewer (or a court) said so; that the papers it was judged on are kept back cannot better it.
        return [_judgement(line) for line in against], ()
    if not digests:
        return [lacking(f"what a reviewer would judge ({nouns}) is not on the record")], asked
    judgements.sort(key=lambda line: (line.statement.at, line.entry))
    latest = {line.statement.key: line for line in judgements}
    standing = [line for line in latest.values() if digests <= set(line("documents"))]
    if standing:
        return [_judgement(line) for line in standing], ()
    if latest:
        changed = f"the {nouns} changed since it was judged, so it has to be judged again"
        return [Condition(None, changed, (tuple(latest.values()),))], asked
    return [Condition(None, f"no independent reviewer has judged it: {duty.question}", (lines,))], asked


def _judgement(line: Line) -> Condition:
    if line("result") == "not-met":
        return Condition(False, "a reviewer judged it not met", ((line,),))
    apart = "operational-team" in line("independent_of")
    because = "a reviewer judged it met" if apart else "a reviewer from the operational team judged it met"
    return Condition(True, because, ((line,),) if apart else (), (line,))
