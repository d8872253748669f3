"""Two engines on the same searches: what was planted is named, the rest is not, and other searches are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from tests.reviews.schema_subset import check
from tests.trials.conftest import DESIGN
from tools.trial_schema import side_by_side_schema

from countersign.cli.trial.command import command
from countersign.document import Point
from countersign.inference.checks import CountOutOfRange
from countersign.inference.difference import paired, tango
from countersign.made_up.trials import Group, Trial, simulate
from countersign.results.side_by_side import TwoEngines, side_by_side
from countersign.results.trial import Trying
from countersign.trials.counting.evaluate import QuestionWrong
from countersign.trials.metrics.side_by_side import NotTheSameSearches

NAMES = ("Engine A 5.2", "Engine A 6.0")


def test_with_one_trial_a_cluster_it_is_tangos_interval_and_mirrored() -> None:
    first = np.repeat([1, 1, 0, 0], [7, 9, 2, 182])
    second = np.repeat([1, 0, 1, 0], [7, 9, 2, 182])
    found = paired(first, second, np.ones(200, int))
    low, high = tango(7, 9, 2, 182)
    # The design effect of independent trials is C/(C-1) to its last digit: clusters are counted, not assumed.
    assert found.design_effect == pytest.approx(200 / 199)
    assert (found.interval.low, found.interval.high) == pytest.approx((float(low), float(high)), rel=0.05)
    assert (found.first_only, found.second_only, found.leaning) == (9, 2, (9, 2))
    # The sign test of 9 against 2: 2 x (1 + 11 + 55) / 2^11.
    assert found.p == pytest.approx(2 * 67 / 2048)
    other = paired(second, first, np.ones(200, int))
    assert (other.interval.low, other.interval.high) == pytest.approx((-found.interval.high, -found.interval.low))


def test_a_cluster_repeated_widens_it() -> None:
    once = paired([1] * 6 + [0] * 194, [0] * 200, [1] * 200)
    many = paired([5] * 6 + [0] * 194, [0] * 200, [5] * 200)
    assert many.design_effect == pytest.approx(5, rel=0.05)
    assert many.interval.high - many.interval.low == pytest.approx(once.interval.high - once.interval.low, rel=0.05)
    assert many.p == once.p


@pytest.mark.parametrize(
    ("first", "second", "trials"),
    [([2], [0], [1]), ([1, 1], [0], [1, 1]), ([1], [0], [1]), ([-1, 0], [0, 0], [1, 1]), ([0.5, 0], [0, 0], [1, 1])],
)
def test_counts_that_cannot_be_are_refused(first: list[float], second: list[float], trials: list[float]) -> None:
    with pytest.raises(CountOutOfRange):
        paired(first, second, trials)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("subjects", "attempts", "shared", "own", "alike"),
    [(400, 3, 0.03, 0.0, 0.2), (400, 5, 0.2, 0.1, 0.3), (2000, 3, 0.005, 0.004, 0.3), (100, 3, 0.05, 0.05, 0.3)],
)
def test_the_interval_covers_under_clumps(
    subjects: int, attempts: int, shared: float, own: float, alike: float
) -> None:
    chance = np.random.default_rng(20261203)
    spread = (1 - alike) / alike
    covered, runs = 0, 800
    for _ in range(runs):
        common = chance.beta(shared * spread, (1 - shared) * spread, subjects) / 2
        more = chance.beta(own * spread, (1 - own) * spread, subjects) if own else np.zeros(subjects)
        trials = chance.integers(1, attempts + 1, subjects)
        both = chance.binomial(trials, common)
        first = both + chance.binomial(trials - both, np.minimum(1, common + more))
        interval = paired(first, both + chance.binomial(trials - both, common), trials).interval
        covered += interval.low <= own * (1 - shared / 2) <= interval.high
    assert covered / runs > 0.925


@pytest.fixture(scope="module")
def second() -> Trial:
    """The same searches under another engine, with six times the false positives in b and more of b not acquired."""
    return simulate(
        type(DESIGN)((DESIGN.groups[0], Group("b", 400, nonmate_ratio=9.0, not_acquired=0.15)), watchlist=1000, seed=5)
    )


@pytest.fixture(scope="module")
def tables(folder: Path, second: Trial, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    path = tmp_path_factory.mktemp("second") / "searches.parquet"
    pq.write_table(second.searches, path)
    return folder / "searches.parquet", path, folder / "subjects.parquet"


def _asked(tables: tuple[Path, Path, Path], **more: object) -> TwoEngines:
    first, second, people = tables
    given = {"subjects": people, "by": ("group",), "thresholds": (0.6,), **more}
    return side_by_side(Trying(searches=(first,), **given), Trying(searches=(second,), **given), NAMES)  # type: ignore[arg-type]


def test_what_was_planted_is_named_and_the_rest_is_not(tables: tuple[Path, Path, Path]) -> None:
    found = {(each.measure, each.group): each for each in _asked(tables).model.compared}
    assert set(found) == {(measure, group) for measure in ("gfpir", "gfnir") for group in ("all", "a", "b")}
    for measure in ("gfpir", "gfnir"):
        unlike, alike = found[measure, "b"], found[measure, "a"]
        assert unlike.p_holm < 0.05
        assert unlike.interval.high is not None
        assert unlike.interval.high < 0
        assert alike.p_holm == 1
        assert (alike.first_more, alike.second_more) == (0, 0)
        assert unlike.attempts + alike.attempts == found[measure, "all"].attempts
        assert unlike.first.events + alike.first.events == found[measure, "all"].first.events
    assert len(_asked(tables).to_frame()) == len(found)


def test_the_brief_says_it_and_names_no_winner(tables: tuple[Path, Path, Path]) -> None:
    brief = _asked(tables).brief
    points = [block.title for block in brief.sections[0].blocks if isinstance(block, Point)]
    assert points[0].startswith("Engine A 6.0 had more false positives than Engine A 5.2: ")
    assert "For b a difference in misses was shown" in points
    said = " ".join(points).lower()
    assert not any(word in said for word in ("better", "worse", "wins", "biased", "accurate"))


def test_an_engine_beside_itself_shows_nothing_and_says_what_it_could_have(tables: tuple[Path, Path, Path]) -> None:
    first, _, people = tables
    points = [
        block.title + " " + block.text
        for block in _asked((first, first, people)).brief.sections[0].blocks
        if isinstance(block, Point)
    ]
    assert len(points) == 2
    assert all("No difference in" in point and "would have shown a difference of" in point for point in points)


def test_other_searches_are_refused_with_the_subject(tables: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, people = tables
    fewer = tmp_path / "fewer.parquet"
    pq.write_table(pq.read_table(second).slice(1), fewer)
    with pytest.raises(
        NotTheSameSearches, match=r"subject \d+ has \d+ (non-)?mated attempts in the first table and \d+"
    ):
        _asked((first, fewer, people))
    table = pq.read_table(second)
    other = tmp_path / "other.parquet"
    sizes = pa.array([2000] * table.num_rows, table.schema.field("N").type)
    pq.write_table(table.set_column(table.schema.get_field_index("N"), "N", sizes), other)
    with pytest.raises(NotTheSameSearches, match="watchlists of 1,000, the second of 2,000"):
        _asked((first, other, people))


def test_thresholds_without_their_like_and_one_name_for_both_are_refused(tables: tuple[Path, Path, Path]) -> None:
    first, second, people = tables
    one = Trying(searches=(first,), subjects=people, thresholds=(0.5, 0.6))
    two = Trying(searches=(second,), subjects=people, thresholds=(0.6,))
    with pytest.raises(QuestionWrong, match="each threshold of the one engine"):
        side_by_side(one, two, NAMES)
    with pytest.raises(QuestionWrong, match="two names"):
        side_by_side(two, two, ("A", "A"))


def _run(tables: tuple[Path, Path, Path], out: Path, *words: str) -> Result:
    first, second, people = map(str, tables)
    given = ["engines", "--first", first, "--second", second, "--subjects", people, "--by", "group", "--out", str(out)]
    return CliRunner().invoke(command, [*given, *words])


def test_the_command_writes_brief_evidence_and_figures_with_the_plans_title(
    tables: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    plan = tmp_path / "plan.toml"
    text = (Path(__file__).resolve().parents[2] / "docs/formats/trial-plan.md").read_text(encoding="utf-8")
    plan.write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    ended = _run(tables, tmp_path / "out", "--at-fpir", "0.02", "--plan", str(plan))
    assert ended.exit_code == 0, ended.output
    assert "was found on these same searches" in " ".join(ended.output.split())
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"side-by-side.html", "side-by-side-evidence.html", "side-by-side.json"}
    content = json.loads((tmp_path / "out" / "side-by-side.json").read_bytes())
    made = side_by_side_schema()
    check(content, made, made["$defs"])
    assert content["title"] == "Street trial, four deployments"
    assert (content["plan"]["protocol"], content["plan"]["data_set_version"]) == (
        "Passages protocol, version 2",
        "2026-02",
    )
    assert len({engine["thresholds"][0] for engine in content["engines"]}) == 2
    again = _run(tables, tmp_path / "again", "--at-fpir", "0.02", "--plan", str(plan))
    assert again.exit_code == 0
    for name in written:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
