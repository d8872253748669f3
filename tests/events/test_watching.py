"""The lines: what each says at both ends of what is not known, as the list changes, and where nothing can be said."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from tests.events.test_stop_rule import PER_FACE, STAMPS, VALUED, promised, seen_of

from countersign.events.watch.promised import EngineRateWrong, Own, parse
from countersign.events.watch.watched import Watched
from countersign.events.watch.watching import How, list_size, watch
from countersign.inference.monitors.ceiling import Ceiling

TESTED = parse("1/1000@2000@0.64")


def test_a_line_has_count_interval_and_when_an_excess_would_be_seen() -> None:
    state = watch(promised(VALUED), seen_of([3000, 3000], [2, 1]), How(TESTED))
    tested, own, change, late = state.lines
    assert late.sentence.startswith("nothing shown; a rise to 3 times would be seen after about ")
    assert tested.count == own.count == "3 false alerts in 6,000 faces"
    assert tested.against == "1 in 1,000 faces on a list of 2,000, tested at 0.64"
    assert tested.interval.startswith("0.")
    assert " faces" in tested.interval
    assert tested.sentence.startswith("nothing shown; a 3-fold excess would be seen after about ")
    assert change.name == "change in alert rate"
    assert not state.something_shown


def test_the_monitor_is_fed_the_ends_that_favour_no_excess() -> None:
    state = watch(promised(VALUED), seen_of([3000, 3000], [9, 9], [4, 0]), How(TESTED, faces_off=0.25))
    by_hand = Ceiling().observe((2250, 3750), (9, 13), ceiling=TESTED.scaled(2000))
    by_hand = by_hand.observe((2250, 3750), (9, 9), ceiling=TESTED.scaled(2000))
    assert state.lines[0].fold == by_hand.fold()
    assert state.lines[0].evidence == pytest.approx(np.exp(by_hand.log_evidence))
    assert state.lines[0].count == "18 false alerts (22 if all unresolved and missing were false) in 6,000 faces"


def test_more_is_shown_only_where_it_is_at_every_end() -> None:
    loud = watch(promised(VALUED), seen_of([1000, 1000], [15, 15]), How(TESTED))
    assert loud.lines[0].shown
    assert loud.lines[0].sentence.startswith("MORE FALSE ALERTS THAN THAT ARE SHOWN, at least ")
    worse = watch(promised(VALUED), seen_of([1000, 1000], [1, 0], [15, 15]), How(TESTED))
    assert not worse.lines[0].shown
    assert worse.lines[0].shown_if_worse
    assert worse.lines[0].sentence.startswith("more is shown only if every unresolved")


def test_missing_alerts_count_both_ways() -> None:
    seen = Watched()
    seen.add("live.hour", {"hour": f"{STAMPS[0]}Z", "faces": 1000, "alerts": 30})
    state = watch(promised(VALUED), seen, How(TESTED))
    assert not state.lines[0].shown
    assert state.lines[0].shown_if_worse
    assert "30 alerts that the engine counts are not here; they are taken both ways" in state.notes


def test_the_tested_rate_follows_the_size_of_the_list() -> None:
    promise = promised(VALUED)
    sizes = ((f"{STAMPS[1]}:00:00Z", 4000), (f"{STAMPS[2]}:30:00Z", 1000))
    assert [list_size(promise, sizes, stamp) for stamp in STAMPS[:4]] == [2000, 4000, 4000, 1000]
    seen = seen_of([1000] * 4, [0] * 4)
    state = watch(promise, seen, How(TESTED, faces_off=0.0, sizes=sizes))
    by_hand = Ceiling()
    for size in (2000, 4000, 4000, 1000):
        by_hand = by_hand.observe(1000, 0, ceiling=TESTED.scaled(size))
    assert state.lines[0].fold == by_hand.fold()
    assert "on a list of 1,000, scaled from 1 in 1,000 on 2,000" in state.lines[0].against


def test_a_list_changed_without_its_size_is_said() -> None:
    seen = seen_of([1000], [0])
    seen.add("live.change", {"changed_at": f"{STAMPS[0]}:30:00Z", "what": "list", "list_digest": "ee" * 32})
    assert any("tell its size" in note for note in watch(promised(VALUED), seen, How(TESTED)).notes)
    told = How(TESTED, sizes=((f"{STAMPS[0]}:30:00Z", 4000),))
    assert not any("tell its size" in note for note in watch(promised(VALUED), seen, told).notes)


def test_ceilings_per_hour_and_per_alert_have_their_own_units() -> None:
    ceilings = (Own("false-alerts-per-hour", Decimal(3), "p/2"), Own("false-alerts-per-alert", Decimal("0.2"), "p/3"))
    state = watch(promised(VALUED, ceilings=ceilings), seen_of([1000] * 5, [2] * 5, [1] * 5), How())
    per_hour, per_alert, _ = state.lines
    assert per_hour.count.endswith("in 5 hours")
    assert per_hour.sentence.endswith("more hours")
    assert " an hour" in per_hour.interval
    assert per_alert.count.endswith("in 15 alerts")


@pytest.mark.parametrize(
    ("at_most", "shown", "told"), [("0", True, "any false alert is more"), ("1", False, "no count can be more")]
)
def test_ceilings_that_cannot_be_watched_say_so(at_most: str, shown: bool, told: str) -> None:
    own = Own("false-alerts-per-face", Decimal(at_most))
    [line, _] = watch(promised(VALUED, ceilings=(own,)), seen_of([1000], [2]), How()).lines
    assert (line.shown, line.sentence) == (shown, told)


def test_before_the_first_hour_nothing_is_shown_and_nothing_fails() -> None:
    state = watch(promised(VALUED), Watched(), How(TESTED))
    assert [line.sentence for line in state.lines[:2]] == ["nothing shown; no faces counted yet"] * 2
    assert state.faces == 0


def test_an_hour_with_alerts_and_no_faces_is_no_trouble() -> None:
    state = watch(promised(VALUED), seen_of([0, 0], [3, 0]), How(TESTED))
    assert state.lines[0].count == "3 false alerts in 0 faces"


def test_a_test_at_another_threshold() -> None:
    with pytest.raises(EngineRateWrong):
        watch(promised(VALUED), seen_of([1000], [0]), How(parse("1/1000@2000@0.70")))
    state = watch(promised(VALUED), seen_of([1000], [0]), How(parse("1/1000@2000@0.60")))
    assert any("fewer false alerts are to be expected" in note for note in state.notes)


def test_what_was_reported_after_a_firing_is_said() -> None:
    seen = seen_of([1000], [40])
    state = watch(promised(VALUED), seen, How())
    assert "ceiling-exceeded was met in 2026-03-07T10Z; no stop is reported since" in state.notes
    for stop in ("09:59:59", "11:05:00", "10:00:00"):
        seen.add("live.suspended", {"suspended_at": f"2026-03-07T{stop}Z", "reason": "ceiling-exceeded"})
        since = "no stop is reported since" if stop[:2] == "09" else f"suspended at 2026-03-07T{stop}Z"
        assert f"ceiling-exceeded was met in 2026-03-07T10Z; {since}" in watch(promised(VALUED), seen, How()).notes


def test_events_are_made_up_only_where_they_are_stamped_so() -> None:
    seen = Watched()
    seen.add("live.hour", {"hour": "2026-03-07T10Z", "faces": 10, "alerts": 0})
    assert (seen.events, seen.made_up) == (1, 0)
    assert not any("made up" in note for note in watch(promised(VALUED), seen, How()).notes)
    seen.add("live.hour", {"hour": "2026-03-07T11Z", "faces": 10, "alerts": 0}, made_up=True)
    assert any(
        note.startswith("1 of the 2 events watched are made up") for note in watch(promised(VALUED), seen, How()).notes
    )


@pytest.mark.slow
def test_watching_at_the_tested_rate_is_seldom_wrong() -> None:
    generator, shown = np.random.default_rng(5), 0
    for _ in range(100):
        faces = generator.integers(500, 3000, 6)
        seen = seen_of(faces, generator.binomial(faces, TESTED.scaled(2000)))
        shown += watch(promised(VALUED, hours=6), seen, How(TESTED, faces_off=0.0)).lines[0].shown
    assert shown <= 100 * 0.05


def test_a_rise_after_a_long_quiet_is_shown_as_a_late_rise_first() -> None:
    seen = seen_of([20_000] * 7, [4] * 5 + [5, 90])
    state = watch(promised(VALUED, hours=7), seen, How(TESTED))
    assert not state.lines[0].shown
    assert state.lines[-1].shown
    assert state.lines[-1].sentence == "A RISE IS SHOWN by the end of hour 7"


def test_own_names_its_units() -> None:
    assert (PER_FACE.unit, PER_FACE.one, PER_FACE.bound(1999)) == ("faces", "face", 1)
