"""Column maps: any engine's CSV becomes events without code; what is neither mapped nor ignored refuses the file."""

from __future__ import annotations

import pytest

from countersign.events.door.line import Event, EventRefused
from countersign.events.door.lines import EventColumnsWrong, parse_map, rows

MAP = b"""
times = "%d/%m/%Y %H:%M:%S"
ignore = ["Note"]
[columns]
source = "Camera"
sequence = "No"
sent_at = "Time"
subject = "Track"
"content.at" = "Time"
"content.camera" = "Camera"
"content.score" = "Score"
"content.entry" = "Entry"
"content.outcome" = "Result"
"content.adjudications.0.person" = "Operator"
"content.adjudications.0.decided_at" = "Time"
"content.adjudications.0.seconds" = "Seconds"
[constants]
type = "live.hour/alerts"
"content.threshold" = "0.640"
"content.adjudications.0.role" = "operator"
"content.adjudications.0.decision" = "reject"
"content.adjudications.0.seen_other" = false
"content.adjudications.0.subject_factors" = []
"content.adjudications.0.system_factors" = []
"content.adjudications.0.environment_factors" = []
[values."content.outcome"]
FP = "false"
"""
HEAD = b"Camera,No,Time,Track,Score,Entry,Result,Operator,Seconds,Note\n"
ROW = b"camera-1,1,07/03/2026 10:00:09,t-1,0.7010,12,FP,op-1,9,anything\n"


def events(*lines: bytes) -> list[Event | EventRefused | None]:
    return [one.event for one in rows([HEAD, *lines], parse_map(MAP, "map.toml"), "export.csv")]


def test_a_row_becomes_an_event_and_the_score_keeps_its_text() -> None:
    [event] = events(ROW)
    assert isinstance(event, Event)
    assert (event.source, event.sequence, event.sent_at) == ("camera-1", 1, "2026-03-07T10:00:09Z")
    assert (event.content["score"], event.content["threshold"], event.content["outcome"]) == (
        "0.7010",
        "0.640",
        "false",
    )
    assert event.content["adjudications"][0]["seconds"] == 9


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b",1,", b",1.0,", "sequence"),
        (b"07/03/2026", b"2026-03-07", "sent_at"),
        (b",t-1,", b",Jane Public,", "subject"),
        (b"0.7010", b".7", "content.score"),
        (b",op-1,", b",J\xff,", "content.adjudications.0.person"),
        (b",anything", b"", "the line"),
        (b",FP,", b",,", "content.outcome"),
    ],
)
def test_a_bad_cell_refuses_its_row_alone_and_names_the_field(old: bytes, new: bytes, field: str) -> None:
    bad, good = events(ROW.replace(old, new), ROW)
    assert isinstance(bad, EventRefused)
    assert bad.field == field
    assert isinstance(good, Event)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"Note\n", b"Name\n", "column 10 is neither mapped nor ignored"),
        (b"Score", b"Points", "has no column"),
        (b"Note", b"Score", "two columns have one heading"),
    ],
)
def test_headings_that_do_not_fit_refuse_the_file(old: bytes, new: bytes, said: str) -> None:
    with pytest.raises(EventColumnsWrong, match=said):
        list(rows([HEAD.replace(old, new), ROW], parse_map(MAP, "map.toml"), "export.csv"))


def test_semicolons_latin_letters_and_quotes_are_read_where_the_map_says_so() -> None:
    said = b'delimiter = ";"\nencoding = "windows-1252"\n' + MAP.replace(b'"Note"', '"Caf\u00e9"'.encode())
    head, row = (line.replace(b",", b";").replace(b"Note", b"Caf\xe9") for line in (HEAD, ROW))
    quoted = row.replace(b"camera-1", b'"camera-1"').replace(b"anything", b'"a ""b""; c"')
    made = [one.event for one in rows([head, row, quoted], parse_map(said, "map.toml"), "export.csv")]
    assert [type(one) for one in made] == [Event, Event]
    assert made[0] == made[1]


def test_a_quote_that_is_never_closed_costs_its_own_row_alone() -> None:
    bad, good, again = events(ROW.replace(b"anything", b'"open'), ROW, ROW.replace(b",1,", b",2,"))
    assert isinstance(bad, EventRefused)
    assert "not a line of CSV" in bad.reason
    assert [type(one) for one in (good, again)] == [Event, Event]


def test_a_line_too_long_is_refused_though_its_cut_cells_would_fit() -> None:
    bad, good = events(ROW.rstrip(b"\n") + b"x" * 70_000 + b"\n", ROW)
    assert isinstance(bad, EventRefused)
    assert "longer than" in bad.reason
    assert isinstance(good, Event)


def test_the_wrong_delimiter_is_named() -> None:
    with pytest.raises(EventColumnsWrong, match="seem to be separated by ';'"):
        list(rows([HEAD.replace(b",", b";")], parse_map(MAP, "map.toml"), "export.csv"))


@pytest.mark.parametrize("said", [b'encoding = "utf-16"\n', b'delimiter = "::"\n'])
def test_other_encodings_and_delimiters_are_refused(said: bytes) -> None:
    with pytest.raises(EventColumnsWrong, match=r"map\.toml"):
        parse_map(said + MAP, "map.toml")


def test_headings_that_are_no_csv_are_refused() -> None:
    with pytest.raises(EventColumnsWrong, match="line 1"):
        list(rows([b'"Camera,No\n', ROW], parse_map(MAP, "map.toml"), "export.csv"))


def test_a_file_without_headings_is_refused() -> None:
    with pytest.raises(EventColumnsWrong, match="no line of headings"):
        list(rows([], parse_map(MAP, "map.toml"), "export.csv"))


@pytest.mark.parametrize(
    "data",
    [
        b"columns = 1",
        b"\xff",
        b"[columns]\n'Bad Path' = 'x'",
        b"[columns]\na = 'x'\n[constants]\na = 1",
        b"#" * 300_000,
    ],
)
def test_a_map_out_of_form_is_refused(data: bytes) -> None:
    with pytest.raises(EventColumnsWrong, match=r"map\.toml"):
        parse_map(data, "map.toml")
