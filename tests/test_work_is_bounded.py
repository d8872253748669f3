"""Work is in proportion to what is read: texts of one repeated sign, and files made to end a parser, at each reader."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.test_door import READERS

from countersign import leaks
from countersign.door import LeakAtTheDoor, hold
from countersign.errors import CountersignError
from countersign.inputs import LARGEST_TOML, MOST_VALUES, json_of, toml_of
from countersign.leaks import LONGEST_MESSAGE, cut_up, leak_in, redacted
from countersign.record.entries.forms import LONGEST_TEXT, find_leak
from countersign.register.papers.reading import PaperMalformed, read_batch

#: Before a repeated sign: what begins a pattern, so that the repeated sign stands in the middle of one.
BEGUN = ["", "aged", "1.123", "1.123 N", "a@", "a at", "Mr ", "Ab Cd", "born", "a(at)b", "1", "'", "‘", "name", "12 a"]
SIGNS = [
    ".",
    " ",
    "\t",
    "0",
    "9",
    "a",
    "A",
    "-",
    "(",
    "[",
    "'",
    "‘",
    "é",
    "1.",
    "a ",
    "Ab ",
    "A-",
    "at-",
    "at at-",
    "%40",
]
SIGNS += ["(at)", "'\\", "\\'", " \t", "&#1", "%2", "1,", "0 0", "😀", "a@", "aa ", "1 h ", "12 a "]
FEW = [("", "."), ("", "1."), ("", "A-"), ("", "at-"), ("1.123", " "), ("aged", " "), ("", "‘")]
ALL = [(begun, sign) for begun in BEGUN for sign in SIGNS]
#: Processor seconds for 20,000 signs; each took from three seconds to minutes.
MOST_SECONDS = 1.0


def _seconds(work: Callable[[str], object], text: str) -> float:
    leaks._search.cache_clear()
    begun = time.process_time()
    work(text)
    return time.process_time() - begun


@pytest.mark.parametrize("texts", [FEW, pytest.param(ALL, marks=pytest.mark.slow)], ids=["few", "all"])
@pytest.mark.parametrize("work", [leak_in, redacted, find_leak, lambda text: cut_up([text])])
def test_no_text_takes_more_time_than_in_proportion_to_its_length(
    work: Callable[[str], object], texts: list[tuple[str, str]]
) -> None:
    for begun, sign in texts:
        length = 20_000 if texts is FEW else 6_000
        text = begun + (sign * length)[:length]
        assert _seconds(work, text) < MOST_SECONDS, (begun, sign)


def test_rules_of_the_record_look_at_all_that_an_entry_may_hold() -> None:
    assert find_leak("." * (LONGEST_TEXT - 13) + "jo@example.org"[:13]) is not None
    assert find_leak("1.123" + " " * 900 + "1.123") is not None


def test_a_characters_number_too_long_for_an_integer_is_no_character() -> None:
    assert leak_in("&#" + "1" * 5_000 + ";") == leaks.ENCODED
    assert leaks.undone("jo&#" + "0" * 5_000 + "64;example.org") == "jo@example.org"


def test_a_message_is_a_sentence_however_long_what_it_quotes() -> None:
    message = str(CountersignError("line 2: " + "x y " * 20_000 + "is no date"))
    assert message.startswith("line 2: ")
    assert message.endswith("is no date")
    assert len(message) < LONGEST_MESSAGE


#: Files made to end a parser or to keep it for minutes, each small.
TOML = {
    "lists in lists": "a = " + "[" * 50_000,
    "tables in tables": "a = " + "{a=" * 50_000,
    "an integer of 5,000 digits": "a = " + "1" * 5_000,
    "a hexadecimal integer": "a = 0x" + "f" * 20_000,
    "an exponent": "a = 1e999999999",
    "a key of dotted names": ".".join("a" * 20_000) + " = 1",
    "a heading of dotted names": "[" + ".".join("a" * 20_000) + "]",
    "tables in headings": "".join(f"[[{'.'.join(['a'] * depth)}]]\n" for depth in range(1, 40)),
    "20,000 dots": 'a = "' + "." * 20_000 + '"',
    "line ends alone": 'a = """' + "\n" * 20_000 + '"""',
    "a text without end": 'a = """' + '\\"""' * 20_000,
    "a long key": "a" * 20_000 + " = 1",
    "half a pair": 'a = "\\ud800"',
    "no text": "\x00" * 100,
}
JSON = {
    "lists in lists": "[" * 50_000,
    "objects in objects": '{"kind": "k", "facts": ' + '{"a":' * 900 + "1" + "}" * 900 + "}",
    "an integer of 5,000 digits": "1" * 5_000,
    "dots": '{"kind": "' + "." * 20_000 + '", "facts": {}}',
}
CSV = {"commas": "a" + "," * 20_000, "quotes": '"' * 20_000, "a long cell": "date,place\n2024-01-01," + "." * 20_000}
FILES = [("toml", name) for name in TOML] + [("json", name) for name in JSON] + [("csv", name) for name in CSV]


@pytest.mark.parametrize(("suffix", "name"), FILES)
@pytest.mark.parametrize("form", READERS)
def test_every_reader_refuses_a_hostile_file_in_a_sentence(form: str, suffix: str, name: str, tmp_path: Path) -> None:
    content = {"toml": TOML, "json": JSON, "csv": CSV}[suffix][name]
    for read, _ in READERS[form]:
        file = tmp_path / ("paper.json" if read is read_batch or suffix == "json" else "file.toml")
        file.write_text(content, "utf-8", newline="")
        begun = time.process_time()
        with pytest.raises(CountersignError):
            read(file)
        assert time.process_time() - begun < MOST_SECONDS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\n" + "#" * LARGEST_TOML, "larger than"),
        (".".join("a" * 17) + " = 1", "a key of more than 16 names"),
        ('"a"."b".' + ".".join("a" * 17) + " = 1", "a key of more than 16 names"),
        ("a = " + "1" * 400, "a word or a number of 400 signs"),
        ("a = " + "[" * 17 + "]" * 17, "nested more than 16 deep"),
        ('a = """b', "begins in line 1 does not end"),
        ("a = [1, 2", "is not TOML"),
    ],
)
def test_toml_beyond_the_limits(text: str, said: str) -> None:
    with pytest.raises(PaperMalformed, match=said):
        toml_of(text, "a.toml", PaperMalformed)


def test_toml_within_the_limits() -> None:
    text = (
        "a.b.c = '''x''''\n[d]\ne = \"\"\"\n\"quoted\" \\\"\"\"\"\n# it's\nf = 'g.h' # \"\ni = [[1], [2]]\nj = 0.25\n"
    )
    assert toml_of(text.encode(), "a.toml", PaperMalformed) == {
        "a": {"b": {"c": "x'"}},
        "d": {"e": '"quoted" "', "f": "g.h", "i": [[1], [2]], "j": 0.25},
    }


def test_json_beyond_the_limits() -> None:
    with pytest.raises(PaperMalformed, match="more than 1,000,000 values"):
        json_of(b"[" + b"1," * MOST_VALUES + b"1]", "a.json", PaperMalformed)
    with pytest.raises(PaperMalformed, match="nested more than 16 deep"):
        json_of(b"[" * 18 + b"]" * 18, "a.json", PaperMalformed)


def test_an_integer_too_long_to_be_shown_is_refused_at_the_door() -> None:
    with pytest.raises(LeakAtTheDoor, match="more than 17 figures"):
        hold("claims", {"claim": [{"value": 16**20_000}]}, "claims.toml")
