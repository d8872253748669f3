"""People counted passing: what the file takes, what the counts say, and what a claim about a ratio then is."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scipy.stats import nchypergeom_fisher

from countersign.cli.main import run
from countersign.document import Finding, Paragraph
from countersign.published.audit_blocks import NONE_FITS, audit_blocks, sentence
from countersign.published.audit_samples import (
    COLUMNS,
    GROUPS,
    LISTS,
    AuditCount,
    AuditImpossible,
    AuditStudy,
    audit_studies,
    read_audit,
)
from countersign.published.claims.claim import Claim
from countersign.published.claims.judge import Judged, judge
from countersign.published.group_counts import Baseline, GroupCount
from countersign.published.strict_csv import CsvMalformed
from countersign.published.table.record import Record

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "formats" / "audit.md"
DAY = datetime.date(2026, 3, 2)
#: Of one day, and of no day in particular.
BLACK = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10, source="s",
                   period_from=DAY, period_to=DAY)  # fmt: skip
UNDATED = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10, source="s")
GOOD = ["2026-03-02", "observer", "perceived", "every-nth", "ethnicity"]


def written(folder: Path, *lines: str) -> Path:
    path = folder / "audit.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines, ""]), encoding="utf-8")
    return path


def sheet(black: int, white: int, unknown: int = 0, by: str = "observer", how: str = "every-nth",
          day: datetime.date = DAY) -> list[AuditCount]:  # fmt: skip
    people = (("black", black), ("white", white), ("unknown", unknown))
    return [AuditCount(day, by, "perceived", how, "ethnicity", group, counted) for group, counted in people]


def study(*counts: AuditCount, group: GroupCount = BLACK, publishers: tuple[str, ...] = ()) -> AuditStudy:
    return audit_studies([group], counts, publishers)[0]


def test_the_documented_example_and_lists_are_the_legal_ones(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    path = tmp_path / "audit.csv"
    path.write_text(text.split("```csv\n")[1].split("```")[0], encoding="utf-8")
    assert [count.counted for count in read_audit(path)] == [135, 310, 55, 12]
    for value in {value for values in (*LISTS.values(), *GROUPS.values()) for value in values}:
        assert f"`{value}`" in text, value


@pytest.mark.parametrize(
    ("lines", "error", "said"),
    [
        ([[*GOOD, "black", "3"]], AuditImpossible, "only one group of ethnicity was counted"),
        ([[*GOOD, "black", "3"], [*GOOD, "unknown", "3"]], AuditImpossible, "only one group"),
        ([[*GOOD, "black", "3"], [*GOOD, "black", "4"]], AuditImpossible, "line 3: 'black' stands twice"),
        ([[*GOOD, "Ann Smith", "3"]], AuditImpossible, "'Ann Smith' is none of asian, black"),
        ([[*GOOD[:4], "name", "black", "3"]], AuditImpossible, "column 'attribute': 'name' is none of"),
        ([["2026-03-02", "me", *GOOD[2:], "black", "3"]], AuditImpossible, "column 'counted_by'"),
        ([["", *GOOD[1:], "black", "3"]], AuditImpossible, "the day of the count is missing"),
        ([[*GOOD, "black", "3.5"]], CsvMalformed, "not a whole number"),
        ([[*GOOD, "black", "3"], [*GOOD[:2], "self-described", *GOOD[3:], "white", "3"]], AuditImpossible, "differ"),
        ([[*GOOD, "black", "500000"], [*GOOD, "white", "1"]], AuditImpossible, "more than anybody counts"),
        ([[*GOOD, "black", "3", "a remark"]], CsvMalformed, "cells"),
    ],
)
def test_what_is_wrong_is_said_with_the_place(
    lines: list[list[str]], error: type[Exception], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, *(",".join(cells) for cells in lines))
    with pytest.raises(error, match=said) as caught:
        read_audit(path)
    assert str(path) in str(caught.value)


def test_no_column_takes_free_text(tmp_path: Path) -> None:
    path = tmp_path / "audit.csv"
    path.write_text(",".join((*COLUMNS, "note")) + "\n", encoding="utf-8")
    with pytest.raises(CsvMalformed, match="unknown column 'note'"):
        read_audit(path)


def test_the_ratio_is_that_of_fishers_noncentral_law() -> None:
    found = study(*sheet(135, 365))
    assert found.ratio == pytest.approx(8 * 365 / (2 * 135))
    # P(X >= 8) at the lower end and P(X <= 8) at the upper end are a fortieth, by SciPy.
    law = {end: nchypergeom_fisher(510, 143, 10, end) for end in (found.interval.low, found.interval.high)}
    assert law[found.interval.low].sf(7) == pytest.approx(0.025, rel=1e-6)
    assert law[found.interval.high].cdf(8) == pytest.approx(0.025, rel=1e-6)
    assert (found.in_group, found.known, found.unknown, found.days) == (135, 500, 0, 1)
    assert found.over_shares.low < found.interval.low
    assert found.rejected


def test_people_of_unknown_group_widen_the_answer() -> None:
    clear, unclear = study(*sheet(135, 365)), study(*sheet(135, 365, unknown=400))
    assert unclear.interval.low < clear.interval.low
    assert unclear.interval.high > clear.interval.high
    assert clear.rejected
    assert unclear.rejected is False


def test_days_that_differ_widen_the_range_of_the_share() -> None:
    days = [DAY + datetime.timedelta(days=number) for number in range(4)]
    alike = study(*(count for day in days for count in sheet(30, 70, day=day)), group=UNDATED)
    apart = study(*(count for day, black in zip(days, (5, 55, 2, 58), strict=True)
                    for count in sheet(black, 100 - black, day=day)), group=UNDATED)  # fmt: skip
    assert apart.share.width > alike.share.width
    assert apart.over_shares.low < alike.over_shares.low


def test_what_settles_nothing() -> None:
    assert study(*sheet(135, 365, how="convenience")).rejected is None
    assert study(*sheet(400, 100, by="force")).rejected is None
    assert study(*sheet(135, 365, by="force")).rejected is True
    assert study(*sheet(135, 365), group=UNDATED).rejected is None
    days = [count for day in range(8) for count in sheet(30, 110 + day, day=DAY + datetime.timedelta(days=day))]
    assert study(*days, group=UNDATED).rejected is True
    # Two days leave so much open that they show less than eight, never more.
    assert study(*days[:6], group=UNDATED).over_shares.low < study(*days, group=UNDATED).over_shares.low


def test_samples_of_other_days_attributes_and_forces_are_beside_nothing() -> None:
    dated = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10, force="Met",
                       period_to=DAY - datetime.timedelta(days=1))  # fmt: skip
    assert audit_studies([dated], sheet(135, 365)) == ()
    women = GroupCount(event="false_alerts", attribute="gender", group="Female", count=8, of=10)
    assert audit_studies([women], sheet(135, 365)) == ()
    elsewhere = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10, force="Essex")
    assert audit_studies([elsewhere], sheet(135, 365), ["Met"]) == ()
    assert audit_studies([elsewhere], sheet(135, 365), ["Essex Police"])
    assert audit_studies([BLACK], sheet(0, 0, unknown=9)) == ()
    other = GroupCount(event="false_alerts", attribute="ethnicity", group="ethnic minority", count=7, of=7)
    assert audit_studies([other], sheet(135, 365)) == ()


def test_a_group_that_nobody_saw_pass_has_no_upper_end() -> None:
    found = study(*sheet(0, 300))
    assert math.isinf(found.ratio)
    assert math.isinf(found.interval.high)
    assert math.isinf(found.over_shares.high)
    none = study(*sheet(0, 300), group=GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=0,
                                                 of=10))  # fmt: skip
    assert math.isnan(none.ratio)
    (finding,) = [block for block in audit_blocks([none], given=True) if isinstance(block, Finding)]
    assert "no ratio can be formed" in finding.text


def test_a_bounded_count_is_set_beside_all_that_it_allows() -> None:
    people = sheet(135, 365)
    bounded = study(*people, group=msgspec.structs.replace(BLACK, count=5, most=8))
    inside = [study(*people, group=msgspec.structs.replace(BLACK, count=events)) for events in range(5, 9)]
    assert bounded.interval.low == min(each.interval.low for each in inside)
    assert bounded.interval.high == max(each.interval.high for each in inside)
    assert bounded.over_shares.low == min(each.over_shares.low for each in inside)
    assert bounded.over_shares.high == max(each.over_shares.high for each in inside)
    assert bounded.evidence == pytest.approx(min(each.evidence for each in inside))
    assert "5 to 8 of 10" in str(audit_blocks([bounded], given=True))


def claim(relation: str, *value: str) -> Claim:
    return Claim(id="c", statement="s", quantity=("ratio_of_false_alert_rates:ethnicity=Black",), relation=relation,
                 value=tuple(map(Decimal, value)))  # fmt: skip


def judged(asked: Claim, *counts: AuditCount, baselines: tuple[Baseline, ...] = ()) -> Judged:
    audits = audit_studies([BLACK], counts)
    return judge([asked], Record((), ()), groups=[BLACK], audits=audits, baselines=baselines)[0]


def test_a_claim_about_a_ratio_can_be_checked_when_somebody_counts() -> None:
    for relation, value in (("no_difference", ()), ("at_least", ("1.5",)), ("at_most", ("1.5",))):
        assert judged(claim(relation, *value)).verdict == "cannot be checked"
    same = judged(claim("no_difference"), *sheet(135, 365))
    assert same.verdict == "does not hold"
    assert "people counted passing" in same.because
    assert any("does not separate the engine from the watchlist" in step for step in same.arithmetic)
    assert judged(claim("at_least", "1.2"), *sheet(135, 365)).verdict == "holds"
    assert judged(claim("at_least", "5"), *sheet(135, 365)).verdict == "neither shown nor refuted"
    assert judged(claim("at_most", "1.2"), *sheet(135, 365)).verdict == "does not hold"
    assert judged(claim("no_difference"), *sheet(400, 100)).verdict == "neither shown nor refuted"
    assert judged(claim("no_difference"), *sheet(135, 365, how="convenience")).verdict == "cannot be checked"
    split = [*sheet(135, 365), *sheet(400, 100, by="researcher")]
    assert judged(claim("no_difference"), *split).verdict == "cannot be checked"
    share = Baseline(attribute="ethnicity", group="Black", share=0.1, what="w", source="s", low=0.1, high=0.1)
    assert judged(claim("at_least", "5"), baselines=(share,)).verdict == "holds"
    assert judged(claim("at_least", "5"), *sheet(490, 10), baselines=(share,)).verdict == "does not hold"


def test_several_counts_of_a_group_are_taken_together() -> None:
    counts = [*sheet(135, 365)]
    two = audit_studies([BLACK, BLACK], counts)
    texts = [block.text for block in audit_blocks(two, given=True) if isinstance(block, Paragraph)]
    assert any(
        text.startswith("Over 2 counts of false alerts of ‘black’, people counted by an observer") for text in texts
    )
    assert two[0].evidence > 20
    assert audit_blocks((), given=False) == ()
    assert NONE_FITS in [block.text for block in audit_blocks((), given=True) if isinstance(block, Paragraph)]


def test_the_sentence_says_what_each_interval_supposes() -> None:
    one = sentence(study(*sheet(135, 365)))
    assert "if people pass apart from each other, " in one
    assert "over the whole range of the share (one day shows no clumps)" in one
    three = [sheet(black, 150 - black, day=DAY + datetime.timedelta(days=k)) for k, black in enumerate((20, 45, 70))]
    group = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10)
    several = sentence(study(*(count for each in three for count in each), group=group))
    assert "if groups come in clumps by day; " in several


@pytest.mark.slow
def test_both_intervals_cover_the_true_ratio() -> None:
    """People come in clumps by day; the ratio of rates is three. 300 records: at least 94 in a hundred cover it."""
    draw = np.random.default_rng(8)
    covered = over = false = 0
    for _ in range(300):
        share, ratio = 0.25, 3.0
        shares = draw.beta(share * 40, (1 - share) * 40, 6)
        counts = [count for number, part in enumerate(shares) for count in _drawn(draw, number, part)]
        errors = share * ratio / (share * ratio + 1 - share)
        of = 30
        fell = int(draw.binomial(of, errors))
        group = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=fell, of=of)
        found = study(*counts, group=group)
        hull = found.interval.hull(found.over_shares)
        covered += ratio in hull
        over += ratio in found.over_shares
        equal = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", of=of,
                           count=int(draw.binomial(of, share)))  # fmt: skip
        false += bool(study(*counts, group=equal).rejected)
    assert covered >= 282
    assert over >= 282
    assert false <= 18


def _drawn(draw: np.random.Generator, number: int, share: float) -> list[AuditCount]:
    black = int(draw.binomial(150, share))
    return sheet(black, 150 - black, day=DAY + datetime.timedelta(days=number))


@pytest.mark.slow
def test_the_command_reports_it_and_the_file_of_the_review_holds_it(tmp_path: Path) -> None:
    (tmp_path / "record.csv").write_text(
        "date,place,faces_seen,alerts,true_alerts,false_alerts\n2026-03-02,High Street,9000,40,30,10\n",
        encoding="utf-8",
    )
    (tmp_path / "groups.csv").write_text(
        "period_from,period_to,force,event,attribute,group,count,of,label_source,source\n"
        "2026-03-02,2026-03-02,,false_alerts,ethnicity,Black,8,10,not stated,annual report\n",
        encoding="utf-8",
    )
    lines = (",".join([*GOOD, group, number]) for group, number in (("black", "135"), ("white", "365")))
    audit = written(tmp_path, *lines)
    record, groups, out = (str(tmp_path / name) for name in ("record.csv", "groups.csv", "out"))
    given = ["--groups", groups, "--audit", str(audit), "--out", out, "--format", "json,html"]
    assert run(["review", record, *given]) == 0
    (line,) = json.loads((tmp_path / "out" / "review.json").read_bytes())["audits"]
    assert (line["in_group"], line["known"], line["rejected"], line["counted_by"]) == (135, 500, True, "observer")
    assert line["interval"]["low"] == pytest.approx(2.1, abs=0.05)
    page = (tmp_path / "out" / "evidence.html").read_text(encoding="utf-8")
    assert "People counted passing the cameras" in page
    assert "does not separate the engine from the watchlist" in page
