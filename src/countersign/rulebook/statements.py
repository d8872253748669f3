"""Attested duties: whether the named role has answered the duty's questions, and what makes an answer empty.

An answer is empty if it is too short, copied (from the question, from another answer, or from a text it should weigh),
or only a conclusion: what is left once words such as *necessary* and *proportionate* are taken out says too little.
These are crude, and meant to be: they find what says nothing at all, and never judge what says something.

A text much like an earlier deployment's is no fault by itself. It is shown beside it, with the question "what differs
here?" (``likeness``). Texts are sealed; whoever has not been given them sees *not shown*.

>>> emptiness("I am satisfied that it is necessary and proportionate in all the circumstances of this deployment.")
'only the conclusion is stated'
>>> emptiness("Necessary.")
'it is too short to hold a reason'
>>> likeness("people wanted for knife crime were seen here", "people wanted for knife crime were seen there")
0.75
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from countersign.deployments.kinds import COMPILER
from countersign.rulebook.catalogue import Duty
from countersign.rulebook.conditions.look import Line, Look
from countersign.rulebook.conditions.points import Point

#: Fewer words than this hold no reason: about one short sentence.
LEAST_WORDS = 8
#: So many different words must be left once conclusions and small words are taken out.
LEAST_CONTENT = 5
#: From this share of common five-word stretches on, two texts are shown beside each other.
ALIKE = 0.5
#: Length of the stretches compared, in words.
STRETCH = 5
DIFFERS = "What differs here?"

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "being",
        "but",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "i",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "she",
        "should",
        "so",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
        "all",
        "any",
        "each",
        "every",
        "some",
    ]
)
_CONCLUSION = frozenset(
    [
        "accordance",
        "adequate",
        "appropriate",
        "appropriately",
        "balance",
        "balanced",
        "believe",
        "circumstances",
        "clear",
        "complied",
        "complies",
        "comply",
        "considered",
        "consider",
        "decided",
        "deployment",
        "fair",
        "fully",
        "impact",
        "intrusion",
        "justified",
        "justification",
        "lawful",
        "lawfully",
        "legal",
        "legitimate",
        "lfr",
        "met",
        "minimal",
        "necessary",
        "necessity",
        "objective",
        "only",
        "policing",
        "policy",
        "proper",
        "properly",
        "proportionality",
        "proportionate",
        "proportionately",
        "reason",
        "reasonable",
        "reasonably",
        "reasons",
        "satisfied",
        "requirement",
        "requirements",
        "strict",
        "strictly",
        "sufficient",
        "therefore",
        "use",
        "used",
        "lesser",
        "means",
    ]
)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def emptiness(text: str, others: Iterable[str] = ()) -> str | None:
    """Why an answer says nothing, for a sentence; ``None`` if it says something. ``others``: not to be copied."""
    words = _words(text)
    if len(words) < LEAST_WORDS:
        return "it is too short to hold a reason"
    if any(likeness(text, other) > 0.9 for other in others if len(_words(other)) >= STRETCH):
        return "it is copied"
    if len({word for word in words if word not in _SMALL and word not in _CONCLUSION}) < LEAST_CONTENT:
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
    """Answers much like an earlier deployment's to the same question; ``earlier`` is answers by deployment.

    The most alike first. Contents must have been opened to the caller; nothing of them is kept.
    """
    found = [
        Likeness(question, deployment, share)
        for question, text in answers.items()
        for deployment, texts in earlier.items()
        if (share := likeness(text, texts.get(question, ""))) >= ALIKE
    ]
    return tuple(sorted(found, key=lambda one: (-one.share, one.question, one.earlier)))


def answers_of(look: Look, duty: Duty) -> tuple[list[tuple[Line, dict[str, str]]], list[Line]]:
    """Answers open to this reader by statement, and the statements whose text is not open."""
    opened: list[tuple[Line, dict[str, str]]] = []
    closed: list[Line] = []
    for line in look.lines("attestation"):
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


def texts_not_to_copy(look: Look, duty: Duty) -> list[str] | None:
    """The texts that answers of this duty may not be copied from; ``None`` where they are not open to this reader."""
    if not duty.not_from:
        return []
    noun, _, field = duty.not_from.partition(".")
    opened = [texts for line in look.lines(noun) if (texts := line(field)) is not None]
    return [text for texts in opened for text in texts.values()] if opened else None


def statement_points(look: Look, duty: Duty) -> tuple[list[Point], tuple[str, ...]]:
    """The points of an attested duty's statement, and the questions it leaves open.

    The latest statement that is open answers; each question needs an answer that is not empty, by the named role.
    """
    opened, closed = answers_of(look, duty)
    asked = tuple(question.text for question in duty.questions)
    if not opened:
        if closed:
            return [
                Point(None, "a statement is committed to, and its text is not open to this reader", (tuple(closed),))
            ], asked
        return [Point(None, f"no statement of the {duty.role.replace('-', ' ')} is on the record")], asked
    line, texts = max(opened, key=lambda one: (one[0].statement.at, one[0].entry))
    group = ((line,),)
    if line.statement.role not in (duty.role, COMPILER) and not duty.text_in:
        role = line.statement.role.replace("-", " ")
        return [Point(None, f"the statement is signed as {role}, not as {duty.role.replace('-', ' ')}", group)], asked
    copied_from = texts_not_to_copy(look, duty)
    if copied_from is None:
        return [
            Point(None, "the text that the answers should weigh is not open to this reader to compare", group)
        ], asked
    points, left = [], []
    for question in duty.questions:
        text = texts.get(question.id, "")
        others = [question.text, *copied_from, *(other for key, other in texts.items() if key != question.id)]
        why = "it is not there" if not text else emptiness(text, others)
        if why is not None:
            left.append(question.text)
            points.append(Point(None, f"the answer to “{question.text}” is empty: {why}", group))
    if not points:
        role = line.statement.role.replace("-", " ")
        number = len(duty.questions)
        told = "the question" if number == 1 else f"{number} questions"
        points.append(Point(True, f"the {role} answered {told} and signed", group))
    return points, tuple(left)
