"""Reading groups.csv and baselines.csv: strict, every complaint with line and column."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from countersign.errors import CountersignError
from countersign.published.files import shipped
from countersign.published.group_counts import (
    Baseline,
    GroupCount,
    ImpossibleGroupCount,
    read_baselines,
    read_groups,
    study,
)  # fmt: skip
from countersign.published.strict_csv import CsvMalformed, CsvNotRead

HEADER = "period_from,period_to,force,event,attribute,group,count,of,label_source,source"
GOOD = "2024-09-17,2025-09-09,Met,false_alerts,ethnicity,Black,8,10,not stated,annual report"
SHARES = "attribute,group,share,what,source,share_low,share_high"


def written(folder: Path, text: str, name: str = "groups.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_the_shipped_counts_are_those_of_the_facts(shared: Path) -> None:
    met = shipped("met")
    facts = (shared / "facts" / "groups.csv").read_bytes()
    # A remark of the facts' compiler has its percentage in the form of the house.
    assert (met / "groups.csv").read_bytes() == facts.replace(b"24 per cent", b"24%")


def test_the_shipped_counts_are_read() -> None:
    black, npl, essex = read_groups(shipped("met") / "groups.csv")
    assert (black.count, black.of, black.group, black.labels_stated) == (8, 10, "Black", False)
    assert (black.period_from, black.period_to) == (datetime.date(2024, 9, 17), datetime.date(2025, 9, 9))
    assert (npl.count, npl.of, npl.event_name, npl.threshold) == (7, 7, "false_alerts", Decimal("0.60"))
    assert (essex.count, essex.of, essex.threshold, essex.labels_stated) == (4, 6, None, True)
    (own,) = read_baselines(shipped("met") / "baselines.csv")
    assert own.concerns(essex)
    assert not own.concerns(black)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_change_nothing(end: str, mark: str, tmp_path: Path) -> None:
    (found,) = read_groups(written(tmp_path, mark + HEADER + end + GOOD + end))
    assert (found.count, found.of, found.line) == (8, 10, 2)


def with_cell(column: str, text: str) -> str:
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | {column: text}
    return f"{HEADER}\n{','.join(cells.values())}\n"


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("", CsvMalformed, "is empty"),
        (HEADER, CsvMalformed, "no line below it"),
        (f"{HEADER};x\n{GOOD}", CsvMalformed, "line 1: unknown column 'source;x' (did you mean 'source'?)"),
        (f"{HEADER},name\n{GOOD},x", CsvMalformed, "unknown column 'name'"),
        (f"{HEADER},group\n{GOOD},x", CsvMalformed, "column 'group' stands there twice"),
        (HEADER.replace(",of,", ",") + "\n" + GOOD, CsvMalformed, "column 'of' is missing"),
        (f"{HEADER}\n{GOOD},9", CsvMalformed, "line 2: has 11 cells, the header 10"),
        (f'{HEADER}\n"{GOOD}', CsvMalformed, "is not CSV"),
        (with_cell("count", '"8,0"'), CsvMalformed, "line 2, column 'count': '8,0' is not a whole number"),
        (with_cell("count", "8.0"), CsvMalformed, "'8.0' is not a whole number"),
        (with_cell("count", "=4+4"), CsvMalformed, "'=4+4' is not a whole number"),
        (with_cell("of", '"1,000"'), CsvMalformed, "column 'of'"),
        (with_cell("of", "٨"), CsvMalformed, "is not a whole number"),
        (with_cell("group", " "), CsvMalformed, "column 'group': is empty"),
        (with_cell("period_from", "17/09/2024"), CsvMalformed, "is not a date (YYYY-MM-DD)"),
        (with_cell("period_from", "2024-02-30"), CsvMalformed, "is not a date"),
        (with_cell("count", "11"), ImpossibleGroupCount, "line 2: 11 of 10: a group cannot have more events"),
        (f"{HEADER}\n{GOOD.replace(',8,10,', ',0,0,')}", ImpossibleGroupCount, "'of' must be at least 1"),
        (with_cell("event", "faces"), ImpossibleGroupCount, "event 'faces' is not one of"),
        (with_cell("period_to", "2024-01-01"), ImpossibleGroupCount, "before it begins"),
        (f"{HEADER},faces,faces_of\n{GOOD},10,", ImpossibleGroupCount, "come together"),
        (f"{HEADER},faces,faces_of\n{GOOD},10,10", ImpossibleGroupCount, "some of the faces, not all"),
        (f"{HEADER},looked_at\n{GOOD},0", ImpossibleGroupCount, "at least one group"),
        (f"{HEADER},looked_at\n{GOOD},999999999999999999", ImpossibleGroupCount, "at most 10,000"),
    ],
)
def test_what_is_wrong_is_said_with_the_place(
    text: str, error: type[CountersignError], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(error) as caught:
        read_groups(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("cell", "fewest", "most", "said"),
    [
        ("<5", 0, 4, "0 to 4 of 10"),
        ("fewer than 5", 0, 4, "0 to 4 of 10"),
        ("3 to 5", 3, 5, "3 to 5 of 10"),
        ("over 7", 8, 10, "8 to 10 of 10"),
        ("8", 8, 8, "8 of 10"),
    ],
)
def test_a_bound_is_read_as_all_that_it_allows(cell: str, fewest: int, most: int, said: str, tmp_path: Path) -> None:
    (found,) = read_groups(written(tmp_path, with_cell("count", cell)))
    assert (found.count, found.highest, found.in_words) == (fewest, most, said)
    baseline = Baseline(attribute="ethnicity", group="Black", share=0.2, what="w", source="s", low=0.1, high=0.3)
    (studied,) = study([found], baselines=[baseline])
    inside = [study([msgspec.structs.replace(found, count=k, most=None)], baselines=[baseline])[0]
              for k in range(fewest, most + 1)]  # fmt: skip
    assert studied.share.low == min(each.share.low for each in inside)
    assert studied.share.high == max(each.share.high for each in inside)
    assert studied.baselines[0].interval.low == min(each.baselines[0].interval.low for each in inside)
    assert studied.baselines[0].interval.high == max(each.baselines[0].interval.high for each in inside)
    assert studied.baselines[0].rejected == all(each.baselines[0].rejected for each in inside)
    assert (studied.estimate is None) == (fewest < most)


@pytest.mark.parametrize("cell", ["over 10", "<20", "withheld"])
def test_a_bound_that_the_events_cannot_have_is_refused(cell: str, tmp_path: Path) -> None:
    with pytest.raises((CsvMalformed, ImpossibleGroupCount), match="line 2"):
        read_groups(written(tmp_path, with_cell("count", cell)))


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ('ethnicity,Black,"0,135",census,ONS,,', CsvMalformed, "'0,135' is not a share between 0 and 1"),
        ("ethnicity,Black,13.5,census,ONS,,", CsvMalformed, "is not a share"),
        ("ethnicity,Black,0.0,census,ONS,,", ImpossibleGroupCount, "needs 0 < low"),
        ("ethnicity,Black,0.135,census,ONS,0.2,", ImpossibleGroupCount, "line 2: share 0.135 in the range 0.2"),
    ],
)
def test_a_share_that_is_none_is_refused(line: str, error: type[CountersignError], said: str, tmp_path: Path) -> None:
    with pytest.raises(error) as caught:
        read_baselines(written(tmp_path, f"{SHARES}\n{line}\n", "baselines.csv"))
    assert said in str(caught.value)


def test_one_group_looked_at_is_read_as_one(tmp_path: Path) -> None:
    assert [line.looked_at for line in read_groups(written(tmp_path, f"{HEADER},looked_at\n{GOOD},1\n"))] == [1]


def test_a_range_of_shares_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"{SHARES}\nethnicity,Black,0.135,census,ONS,0.1,.2\n", "baselines.csv")
    assert read_baselines(path) == (
        Baseline(attribute="ethnicity", group="Black", share=0.135, what="census", source="ONS", low=0.1, high=0.2),
    )


def test_an_image_and_nothing_at_all(tmp_path: Path) -> None:
    image = tmp_path / "groups.csv"
    image.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    with pytest.raises(CsvMalformed, match="not UTF-8 text"):
        read_groups(image)
    with pytest.raises(CsvNotRead, match=r"absent\.csv: cannot be read"):
        read_groups(tmp_path / "absent.csv")


def test_an_impossible_count_cannot_be_built() -> None:
    with pytest.raises(ImpossibleGroupCount, match="-1 of 3"):
        GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=-1, of=3)
