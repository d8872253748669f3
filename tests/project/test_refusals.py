"""Every refusal of the rules, the gates and the register says which rule it is by, the reason in words and the way out.

The places are taken from the code: each ``raise`` of an error for people in ``deployments``, ``register`` and
``rulebook``, with its sentence.
"""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any, NamedTuple

import countersign
from countersign.errors import DEFECT, CountersignError, EvidenceWrong, NotAllowed, NotReached, WrongForm
from countersign.rulebook.catalogue import DUTIES

FAMILIES = (CountersignError, EvidenceWrong, NotAllowed, NotReached, WrongForm)


class Place(NamedTuple):
    where: str
    error: type[CountersignError]
    sentence: str


def _sentence(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr():
            return "".join(_sentence(part) for part in node.values)
        case ast.BinOp():
            return _sentence(node.left) + _sentence(node.right)
        case ast.FormattedValue():
            return f"{{{ast.unparse(node.value)}}}"
    return f"{{{ast.unparse(node)}}}"


def _places() -> list[Place]:
    root = Path(countersign.__path__[0])
    found = []
    for package in ("deployments", "register", "rulebook"):
        for file in sorted((root / package).rglob("*.py")):
            module = importlib.import_module(".".join(file.relative_to(root.parent).with_suffix("").parts))
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                    error: Any = module
                    for part in ast.unparse(node.exc.func).split("."):
                        error = getattr(error, part, None)
                    if isinstance(error, type) and issubclass(error, CountersignError):
                        where = f"{file.relative_to(root)}:{node.lineno}"
                        found.append(Place(where, error, _sentence(node.exc.args[0])))
    return found


PLACES = _places()
_POLICY = r"policy|\.clause\}"
_DUTY = r"\((?:[^)]*; )?(uk\.[a-z0-9.-]+)\)"
_ROLES = r"separation of roles|nobody else"
_OTHER = r"entry|proposed|authority|approv|already|not before|listed|digest|moratorium|finding|waits|limits|the list"

#: Of each refusal: what its sentence names as the rule. A refusal that is not here has not been thought about.
RULES: dict[str, str] = {
    "ClockRunsBack": r"before|still to come|is late",
    "CorrectionRefused": r"entry|correct`|would break a rule|\{fault\}",
    "CovertRefused": _DUTY,
    "DisowningRefused": r"entry|\{fault\}",
    "DraftNotOurs": r"log|key|kind",
    "DutyUnmet": r"not met or not shown.*\{'; '\.join\(why\)\}",
    "EventsAfterDeletion": r"deleted since",
    "FindingsUnanswered": r"not answered by their day",
    "JudgeNotRegistered": r"no operator's or engagement officer's",
    "KeyNotRegistered": r"role|\{digits\}",
    "KeyOfARehearsal": r"rehearsal",
    "LastRegistrar": r"only registrar",
    "LimitsExceeded": rf"{_POLICY}|authority's|limits declare",
    "ListNotAllowed": rf"{_POLICY}|{_DUTY}|authority|expired|expires|totals",
    "LogFolderExists": r"already|there",
    "LogStoreExists": r"already",
    "MadeUp": r"evidence",
    "MoratoriumStands": r"the moratorium of .* has stood since",
    "NotForThisLog": r"the log of a body|is about",
    "NotInPolicy": rf"{_POLICY}|{_DUTY}",
    "NotTheSame": rf"{_DUTY}|{_OTHER}|declares|contradict|come to|may be",
    "OutsideProposal": r"\{wider\}",
    "OutsideWindow": rf"{_POLICY}|{_DUTY}|not after it starts",
    "PolicyMissing": _POLICY,
    "RankTooLow": _DUTY,
    "RoleNotHeld": r"is for|role",
    "RolesConflict": rf"{_DUTY}|{_ROLES}|both",
    "StepOutOfOrder": r"comes when|not before",
    "SubjectWrong": r"about|never in|for|public before",
    "TooManyHours": r"more than",
    "WindowsOverlap": r"overlap|is with",
    "ZoneTooLarge": _POLICY,
}


def test_each_refusal_has_its_rule_its_reason_and_the_way_out() -> None:
    assert len(PLACES) > 250
    for place in PLACES:
        _hold(place)


def _hold(place: Place) -> None:
    error, sentence = place.error, place.sentence
    # A sentence of another error is passed on with its place; else there are words of its own.
    passed_on = re.search(r"\{(str\()?(error|fault|receipt|broken\.sentence|_without_cell)", sentence)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"\{[^}]*\}", "", sentence))
    assert passed_on or len(words) >= 2 or "'no such file'" in sentence, sentence
    assert not sentence.endswith("."), sentence
    assert error.exit_code == DEFECT or error.next_step not in {family.next_step for family in FAMILIES}, error
    assert len(error.next_step.split()) >= 4
    for duty in re.findall(r"\buk\.[a-z0-9.-]*[a-z0-9]", sentence):
        assert duty in DUTIES, sentence
    if issubclass(error, NotAllowed):
        assert re.search(RULES[error.__name__], sentence, re.DOTALL), f"{error.__name__} names no rule: {sentence}"


def test_every_rule_of_the_table_is_that_of_a_refusal() -> None:
    refused = {place.error.__name__ for place in PLACES if issubclass(place.error, NotAllowed)}
    assert set(RULES) == refused
