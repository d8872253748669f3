"""How hard a text is to read: the Flesch-Kincaid grade, and the length of sentences.

Grade = 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid et al., 1975, Research Branch Report 8-75). The
syllables of a word are its groups of vowels, less a silent e at the end; the rule is the whole of the counter, so that
it cannot change under a test. Numbers, names and at most 25 terms of the field are left out before counting.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

#: Words of the field that have no plainer one, and are left out of the grade.
FIELD_TERMS = frozenset(
    {
        *("deployment", "deployments", "alert", "alerts", "watchlist", "watchlists", "unconfirmed", "interval"),
        *("ethnicity", "evidence", "threshold", "facial", "recognition", "estimate", "published", "contradiction"),
        *("confidence", "certainty"),
    }
)
assert len(FIELD_TERMS) <= 25

_QUOTED = re.compile(r"“[^”]*”")
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“])")


def sentences(texts: Iterable[str]) -> list[str]:
    """The sentences of texts, each text ending one; quotations are somebody else's words and are left out."""
    whole = (_QUOTED.sub("it", text) for text in texts)
    return [sentence for text in whole for sentence in _END.split(text.strip()) if sentence]


def syllables(word: str) -> int:
    """The syllables of a word.

    >>> [syllables(word) for word in ("cat", "recorded", "places", "made", "people", "the", "the cameras")]
    [1, 3, 2, 1, 2, 1, 4]
    """
    small = word.lower()
    groups = len(re.findall(r"[aeiouy]+", small))
    if re.search(r"[^aeiouyl]e$|[^aeiouy]l?[^aeiouydtlscgxz]es$|[^aeiouydt]ed$", small) and groups > 1:
        groups -= 1
    return max(1, groups)


def grade(texts: Iterable[str], names: Collection[str] = ()) -> float:
    """The Flesch-Kincaid grade of texts without numbers, ``names`` and ``FIELD_TERMS``."""
    told = sentences(texts)
    left_out = {name.casefold() for name in names} | FIELD_TERMS
    words = [word for sentence in told for word in _WORD.findall(sentence) if word.casefold() not in left_out]
    return 0.39 * len(words) / len(told) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def longest(texts: Iterable[str]) -> tuple[int, str]:
    """The number of words, numbers among them, of the longest sentence, and that sentence."""
    return max((len(sentence.split()), sentence) for sentence in sentences(texts))
