"""Comparison scores reduced a row group at a time: FMR and FNMR by group and pair of groups, and a model of FPIR.

A comparison table may hold 1e11 rows; only counts are kept. For P subjects, G groups, T thresholds: errors and
comparisons by probe subject and group of the reference [T+1, G, P], and the other way round (the sums that the two-way
clustered variance needs), mated ones by subject [T+1, P], and bins. Place T of the first axis counts the comparisons.

FMR(T): non-mated comparisons at or above T over those completed; FNMR(T): mated ones below T. These are rates of
*comparisons* (ISO/IEC 2382-37); FPIR is not derived from them: ``expected_fpir`` is a model, labelled as one.

>>> table = pa.table({"probe_subject_id": [1, 1, 2], "reference_subject_id": [1, 2, 1], "score": [0.9, 0.2, 0.7]})
>>> people = Subjects(pa.array([1, 2]), ())
>>> task = PairTask(people, people.crossing(()), (0.5,), 0.0, 1.0)
>>> from countersign.trials.counting.passes import count
>>> from countersign.trials.scores.source import in_memory
>>> tally = count(in_memory(table), task)
>>> tally.counts.false_match(0).events, tally.counts.false_non_match(0).trials
(1, 1)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from countersign.errors import WrongForm
from countersign.inference.binomial import clopper_pearson
from countersign.inference.checks import open_unit, wholes
from countersign.inference.rate import Rate
from countersign.inference.twoway import Margin, TwoWay
from countersign.trials.counting.counts import BINS, Scheme, by_group
from countersign.trials.counting.passes import CountsWrong, pack, unpack
from countersign.trials.metrics.rates import clustered
from countersign.trials.model import ExpectedFpir, ExpectedOfGroup
from countersign.trials.scores.subjects import NO_LABEL, Grouping, Subjects
from countersign.trials.scores.tables import COMPARISON, Fault, Faults, Operator

Whole = NDArray[np.int64]
NAME = b"countersign-comparison-counts 1"
ARRAYS = ("by_probe", "by_reference", "mated", "nonmated_bins", "mated_bins")


@dataclass(frozen=True)
class PairTask:
    """What to count of a comparison table. Errors as ``Scheme``."""

    subjects: Subjects
    grouping: Grouping
    thresholds: tuple[float, ...]
    low: float
    high: float
    operator: Operator = ">="
    bins: int = BINS
    score_type: str = "float64"
    scheme: Scheme = field(init=False)

    def __post_init__(self) -> None:
        scheme = Scheme(
            groups=len(self.grouping.labels),
            subjects=len(self.subjects),
            group_of=self.grouping.codes,
            thresholds=self.thresholds,
            low=self.low,
            high=self.high,
            operator=self.operator,
            bins=self.bins,
            score_type="float32" if self.score_type == "float32" else "float64",
        )
        object.__setattr__(self, "scheme", scheme)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read."""
        return tuple(COMPARISON)

    @property
    def constant_columns(self) -> tuple[str, ...]:
        """None: every column of a comparison varies."""
        return ()

    @property
    def digest(self) -> str:
        """Over everything that decides what is counted."""
        return hashlib.sha256(f"comparisons|{self.scheme.digest}".encode()).hexdigest()

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each array."""
        t, g, p = len(self.thresholds) + 1, self.scheme.groups, self.scheme.subjects
        bins = {"nonmated_bins": (g, self.bins), "mated_bins": (g, self.bins)}
        return {"by_probe": (t, g, p), "by_reference": (t, g, p), "mated": (t, p), **bins}

    def counter(self) -> PairCounter:
        """A counter at zero."""
        return PairCounter(self)

    def pack(self, tally: PairTally) -> bytes:
        """A finished piece: a line of what was set aside, then the counts."""
        head = {"rows": tally.rows, "faults": tally.faults.to_list()}
        return json.dumps(head).encode() + b"\n" + tally.counts.to_bytes()

    def unpack(self, content: bytes) -> PairTally:
        """The inverse of ``pack``. Raises ``CountsWrong``."""
        head, _, counts = content.partition(b"\n")
        try:
            kept = json.loads(head)
            faults, rows = Faults.of_list(kept["faults"]), int(kept["rows"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CountsWrong("the head of a finished piece cannot be read") from error
        return PairTally(PairCounts.from_bytes(counts, self), faults, rows)


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Counts of comparisons under one task; they add up in any order."""

    task: PairTask
    by_probe: Whole
    by_reference: Whole
    mated: Whole
    nonmated_bins: Whole
    mated_bins: Whole

    def merge(self, other: PairCounts) -> PairCounts:
        """Both together. Raises ``CountsWrong`` where the tasks differ."""
        if self.task.digest != other.task.digest:
            raise CountsWrong("counts of two schemes do not add up")
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in ARRAYS})

    def to_bytes(self) -> bytes:
        """The same bytes for the same rows under any split and order."""
        arrays = [getattr(self, name).astype("<i8", copy=False) for name in ARRAYS]
        return pack(NAME, {"task": self.task.digest}, arrays)

    @staticmethod
    def from_bytes(content: bytes, task: PairTask) -> PairCounts:
        """The inverse of ``to_bytes``. Raises ``CountsWrong``."""
        head, arrays = unpack(content, NAME, lambda _: [("<i8", task.shapes[name]) for name in ARRAYS])
        if head != {"task": task.digest}:
            raise CountsWrong("these counts were made under another scheme")
        return PairCounts(task, **dict(zip(ARRAYS, arrays, strict=True)))

    def false_match(
        self, threshold: int, probes: int | None = None, references: int | None = None, level: float = 0.95
    ) -> Rate | None:
        """FMR at a threshold (its place), of probes and references of a group each (``None``: all), two-way clustered.
        ``None`` where there is no comparison.
        """
        codes, groups = self.task.grouping.codes, self.task.scheme.groups
        rows = self.by_probe if references is None else self.by_probe[:, references : references + 1]
        errors, comparisons = rows[threshold].sum(axis=0), rows[-1].sum(axis=0)
        columns = self.by_reference if probes is None else self.by_reference[:, probes : probes + 1]
        column_errors, column_comparisons = columns[threshold].sum(axis=0), columns[-1].sum(axis=0)
        if probes is not None:
            errors, comparisons = (np.where(codes == probes, each, 0) for each in (errors, comparisons))
        if references is not None and groups:
            of_these = codes == references
            column_errors, column_comparisons = column_errors * of_these, column_comparisons * of_these
        total, wrong = int(comparisons.sum()), int(errors.sum())
        if total == 0:
            return None
        margins = [
            Margin(np.flatnonzero(used), wrongs[used], alls[used])
            for wrongs, alls in ((errors, comparisons), (column_errors, column_comparisons))
            for used in [alls > 0]
        ]
        return TwoWay(margins[0], margins[1], wrong, wrong, total).rate(level)

    def false_non_match(self, threshold: int, group: int | None = None, level: float = 0.95) -> Rate | None:
        """FNMR at a threshold (its place), of a group or all, clustered by subject; ``None`` without a comparison."""
        members = np.ones(self.mated.shape[1], bool) if group is None else self.task.grouping.codes == group
        hits, comparisons = self.mated[threshold, members], self.mated[-1, members]
        return clustered(comparisons - hits, comparisons, level)

    def matches_by_pair(self, threshold: int) -> tuple[Whole, Whole]:
        """False matches and comparisons [group of probe, group of reference]."""
        sums = by_group(self.by_probe[[threshold, -1]], self.task.grouping)
        return sums[0].T, sums[1].T


@dataclass(frozen=True, slots=True)
class PairTally:
    """Counts, and what was set aside."""

    counts: PairCounts
    faults: Faults
    rows: int


class PairCounter:
    """Counts batches of a comparison table in place."""

    def __init__(self, task: PairTask) -> None:
        self._task = task
        self._sums = {name: np.zeros(shape, np.int64) for name, shape in task.shapes.items()}
        self._faults = Faults()
        self._rows = 0

    def tally(self) -> PairTally:
        """What has been counted so far."""
        return PairTally(PairCounts(self._task, **self._sums), self._faults, self._rows)

    def piece(self) -> PairTally:
        """The same: nothing here has an order."""
        return self.tally()

    def absorb(self, other: PairTally) -> None:
        """Add a finished piece."""
        for name in ARRAYS:
            self._sums[name] += getattr(other.counts, name)
        self._faults = self._faults.merge(other.faults)
        self._rows += other.rows

    def add(
        self, name: str, first_row: int, batch: pa.RecordBatch, known: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """Count a batch whose first row is ``first_row`` of the file ``name``; faulty rows are set aside."""
        task, scheme = self._task, self._task.scheme
        self._rows += batch.num_rows
        probe = task.subjects.places(batch["probe_subject_id"])
        reference = task.subjects.places(batch["reference_subject_id"])
        column = batch["score"]
        filled = column.fill_null(np.nan) if column.null_count else column
        score = np.asarray(filled.to_numpy(zero_copy_only=False)).astype(scheme.score_type, copy=False)
        good = self._check(name, first_row, batch, probe, reference, score)
        if good is not None:
            probe, reference, score = probe[good], reference[good], score[good]
        same = probe == reference
        if same.any():
            self._mated(probe[same], score[same])
            probe, reference, score = probe[~same], reference[~same], score[~same]
        self._bin("nonmated_bins", probe, score)
        size, codes = scheme.groups * scheme.subjects, scheme.group_of
        for place, cut in [(-1, None), *enumerate(scheme.cuts)]:
            chosen = slice(None) if cut is None else np.flatnonzero(score >= cut)
            left, right = probe[chosen], reference[chosen]
            for array, key in (
                ("by_probe", codes[right] * np.int32(scheme.subjects) + left),
                ("by_reference", codes[left] * np.int32(scheme.subjects) + right),
            ):
                self._sums[array][place] += np.bincount(key, minlength=size).reshape(scheme.groups, scheme.subjects)

    def _mated(self, subject: NDArray[np.int32], score: NDArray[Any]) -> None:
        self._sums["mated"][-1] += np.bincount(subject, minlength=self._task.scheme.subjects)
        for place, cut in enumerate(self._task.scheme.cuts):
            self._sums["mated"][place] += np.bincount(subject[score >= cut], minlength=self._task.scheme.subjects)
        self._bin("mated_bins", subject, score)

    def _bin(self, array: str, subject: NDArray[np.int32], score: NDArray[Any]) -> None:
        scheme = self._task.scheme
        key = scheme.bin_of(score) + scheme.group_of[subject] * np.int32(scheme.bins)
        counted = np.bincount(key, minlength=scheme.groups * scheme.bins)
        self._sums[array] += counted.reshape(scheme.groups, scheme.bins)

    def _check(
        self, name: str, first_row: int, batch: pa.RecordBatch, probe: Any, reference: Any, score: Any
    ) -> NDArray[np.bool_] | None:
        """Where rows are good; ``None``: all are."""
        unlabelled = np.append(self._task.scheme.group_of == NO_LABEL, False)  # the last place: unknown subjects (-1)
        tests: list[tuple[str, str, Callable[[], Any]]] = [
            ("no-identity", "probe_subject_id", lambda: np.asarray(batch["probe_subject_id"].is_null())),
            ("no-identity", "reference_subject_id", lambda: np.asarray(batch["reference_subject_id"].is_null())),
            ("unknown-subject", "probe_subject_id", lambda: probe < 0),
            ("unknown-subject", "reference_subject_id", lambda: reference < 0),
            ("no-label", "probe_subject_id", lambda: unlabelled[probe]),
            ("no-label", "reference_subject_id", lambda: unlabelled[reference]),
            ("score-not-finite", "score", lambda: ~np.isfinite(score)),
        ]
        fine = min(probe.min(initial=0), reference.min(initial=0)) >= 0 and not unlabelled.any()
        if fine and np.isfinite(score.min(initial=0)) and np.isfinite(score.max(initial=0)):
            return None
        good = np.ones(len(score), bool)
        for code, column, test in tests:
            bad = np.asarray(test(), bool) & good
            if bad.any():
                rows = tuple(int(place) + first_row for place in np.flatnonzero(bad)[:3])
                self._faults = self._faults.merge(Faults({(code, column, name): Fault(int(bad.sum()), rows)}))
                good &= ~bad
        return good


#: Printed with every figure made here.
LABEL = "model-based, assumes independent comparisons; not measured, not in any standard"

#: One "group=entries" of a make-up; the name of a crossed group holds commas itself ("Asian, female").
PART = re.compile(r"\s*([^=]*?)\s*=\s*([^,=]*?)\s*(?:,|$)")


class MakeUpWrong(
    WrongForm,
    code="trial-make-up-wrong",
    next_step="Give one whole number of entries, 0 or more, for each group, and comparisons for each group that has "
    "any.",
):
    """A watchlist make-up does not fit the groups compared."""


class Expected(NamedTuple):
    """Expected FPIR of a probe's group for a make-up, with bounds; ``estimate`` is ``None`` where no comparison matched
    falsely (then only the upper bound means anything).
    """

    estimate: float | None
    low: float
    high: float


def expected_fpir(
    false_matches: ArrayLike,
    comparisons: ArrayLike,
    entries: ArrayLike,
    level: float = 0.95,
    interval: Callable[[int, int, float], tuple[float, float]] | None = None,
) -> list[Expected]:
    """For each group of probes: expected FPIR against a watchlist with ``entries`` of each group; a model. A probe of
    group g falsely matches entries of its own group most. With FMR_{g,h} the rate of false matches between a probe of
    group g and a reference of group h, and N_h entries of each group,

        FPIR_g = 1 - prod_h (1 - FMR_{g,h})^N_h

    if comparisons were independent and the engine searched by comparing with each entry alone (NISTIR 8429, Annex B;
    Drozdowski et al., ICCVW 2021). Engines that normalise scores over the watchlist do not, and comparisons of one
    probe are alike: the result is an expectation under a model that no standard backs (ISO/IEC 5152 leaves FPIR out).
    Bounds put every FMR at the end of its own interval at a level divided among all cells (Bonferroni): they hold for
    the rates that go in, not for the model.

    >>> expected = expected_fpir(np.array([[10, 1]]), np.array([[1_000_000, 1_000_000]]), np.array([500, 500]))
    >>> f"{expected[0].estimate:.5f}", expected[0].low < expected[0].estimate < expected[0].high
    ('0.00548', True)

    ``false_matches`` and ``comparisons``: [groups of probes, groups of references]; ``entries``: one number a group.
    ``interval(g, h, level)`` gives FMR's interval of a pair of groups, allowing for clustering (``None``:
    Clopper-Pearson on comparisons). Raises ``MakeUpWrong``, ``CountOutOfRange``, ``LevelOutOfRange``.
    """
    given = (false_matches, "false matches"), (comparisons, "comparisons"), (entries, "entries")
    x, n, many = (wholes(each, name) for each, name in given)
    open_unit(level, "the confidence level")
    if x.shape != n.shape or x.ndim != 2 or many.shape != (x.shape[1],):
        raise MakeUpWrong(f"{many.size} numbers of entries do not fit comparisons of shape {n.shape}")
    if ((n == 0) & (many > 0)).any():
        raise MakeUpWrong("a group on the watchlist was never compared with some group of probes")
    used = many > 0
    each = 1 - (1 - level) / max(1, int(used.sum()) * x.shape[0])

    def ends(g: int, h: int) -> tuple[float, float]:
        if interval is not None:
            return interval(g, h, each)
        low, high = clopper_pearson(int(x[g, h]), int(n[g, h]), each)
        return float(low), float(high)

    expected = []
    for g in range(x.shape[0]):
        groups = np.flatnonzero(used)
        bounds = np.array([ends(g, int(h)) for h in groups]).reshape(-1, 2)
        shares = (x[g, groups] / n[g, groups], bounds[:, 0], bounds[:, 1])
        estimate, low, high = (_any(share, many[groups]) for share in shares)
        expected.append(Expected(estimate if estimate > 0 else None, low, high))
    return expected


def _any(share: NDArray[np.float64], entries: NDArray[np.int64]) -> float:
    """1 - prod (1 - share)^entries, keeping the digits of small shares."""
    with np.errstate(divide="ignore"):
        return float(-np.expm1(np.sum(entries * np.log1p(-share))))


def make_up_of(text: str, grouping: Grouping) -> tuple[int, ...]:
    """Entries of each group, from "group=entries,group=entries"; groups not named have none. Raises ``MakeUpWrong``.

    >>> make_up_of("a=300,b=200", Grouping(("g",), (("a",), ("b",)), np.zeros(0, np.int32)))
    (300, 200)
    >>> make_up_of("a, f=300", Grouping(("g", "sex"), (("a", "f"),), np.zeros(0, np.int32)))
    (300,)
    """
    named = {}
    if (left := PART.sub("", text).strip()) or not text.strip():
        raise MakeUpWrong(f"{left!r} is not of the form group=entries")
    for name, number in PART.findall(text):
        if not name or not number.isdecimal():
            raise MakeUpWrong(f"{name!r} with {number!r} entries is not of the form group=entries")
        named[name] = int(number)
    labels = [grouping.label(group) for group in range(len(grouping.labels))]
    if unknown := sorted(set(named) - set(labels)):
        raise MakeUpWrong(f"no group {', '.join(unknown)} among those compared; there are: {', '.join(labels)}")
    return tuple(named.get(label, 0) for label in labels)


def expected_of(tally: PairTally, text: str, level: float) -> list[ExpectedFpir]:
    """What FPIR to expect of a make-up, at each threshold counted. Raises ``MakeUpWrong``."""
    counts, task = tally.counts, tally.counts.task
    entries = make_up_of(text, task.grouping)
    labels = [task.grouping.label(group) for group in range(len(entries))]
    made = []
    for place, threshold in enumerate(task.thresholds):

        def interval(g: int, h: int, each: float, place: int = place) -> tuple[float, float]:
            rate = counts.false_match(place, g, h, each)
            assert rate is not None
            return rate.widest.low, rate.widest.high

        by_group = expected_fpir(*counts.matches_by_pair(place), np.array(entries), level, interval)
        expected = tuple(ExpectedOfGroup(label, *of_group) for label, of_group in zip(labels, by_group, strict=True))
        made.append(ExpectedFpir(threshold, dict(zip(labels, entries, strict=True)), LABEL, expected))
    return made
