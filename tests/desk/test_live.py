"""The live board: its words with and without what is sealed, its stream, and who may see and stop what."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.desk.conftest import at, said
from tests.making import histories as made
from tests.making.logs import private
from tests.render.test_browser import OUTSIDE, axe

from countersign.deployments.state import Span
from countersign.desk.folder import Desk
from countersign.record.entries.entry import EntrySigner
from countersign.record.tlog.encoding import KeyKind, VerifierKey
from countersign.register.asking import Reader
from countersign.register.commands import Unsealed
from countersign.register.deployments import state_of
from countersign.register.keys import register_key
from countersign.register.opening import Doing, OpenLog, opened
from countersign.surroundings import surrounded

if TYPE_CHECKING:
    from django.test import Client

LIVE = "2026-03-02T14:46:30Z"
FURTHER = ("watchlist-builder", "operator")
FALSE = [made.alert(n, f"2026-03-02T12:{10 + n}:00Z", "false") for n in range(6)]


class OnTheLog(made.History):
    """A history whose entries go to a log as well, at the same places."""

    log: OpenLog

    def take(self, unsealed: Unsealed, signer: EntrySigner) -> int:
        self.log.append([unsealed], signer)
        return super().take(unsealed, signer)


def further(desk: Desk, *steps: Callable[[made.History], object]) -> None:
    """Take the deployment further, as the rules of the life cycle allow."""
    with opened(desk.log) as log:
        found = state_of(log, Reader())
        one = OnTheLog(found.programme, [*enumerate(log.log.entries(0, found.size))])
        one.log = log
        for step in steps:
            step(one)


def an_hour(number: int, alerts: list[dict[str, Any]]) -> Callable[[made.History], object]:
    facts, contents = made.hour(number, alerts)
    return lambda one: one.do("live.hour", facts, "operator", f"2026-03-02T{number + 1}:00:00Z", contents)


def staffing(one: made.History) -> None:
    facts = {"since": "2026-03-02T13:00:00Z", "operators": 1, "engagement_officers": 4, "explaining": 2}
    one.do("live.staffing", facts, "commander", "2026-03-02T14:00:00Z")


@pytest.fixture
def live(desk: Desk) -> Iterator[Desk]:
    """A deployment that is open, with two hours on the record."""
    registrar = EntrySigner(private("registrar"))
    with surrounded(at(LIVE)):
        with opened(desk.log) as held:
            for role in FURTHER:
                key = private(role).public_key().public_bytes_raw()
                name = VerifierKey(f"force-a/{role}", KeyKind.ED25519, key)
                register_key(held, Doing(lambda: registrar), name, (role,), None, None)
        further(desk, *(made._DO[name] for name in made.STEPS[2:8]), an_hour(12, FALSE), an_hour(13, []), staffing)
        yield desk


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said(answer)))


def test_the_board_says_what_stands_to_those_who_run_it(live: Desk, client_of: Callable[[str], Client]) -> None:
    text = words(client_of("commander").get("/live/d-1/"))
    for part in (
        "As the record stood when this page was loaded.",
        "2 March 2026, 14:46:30 GMT",
        "minutes left. The window ends on 2 March 2026",
        "1,600 faces and 6 alerts in 2 hours",
        "95% interval",
        "1 operator, 4 engagement officers",
        "of opening, briefing and live",
        "against",
        "The stop rule is met: ceiling-exceeded",
        "Countersign stops nothing",
        "would be seen after about",
        "An hour&#39;s counts",
    ):
        assert part in text, (part, text)
    assert 'href="/enter/live.suspended/?about=d-1"' in said(client_of("commander").get("/live/d-1/"))
    assert "c1" not in text.split(), "a camera of one alert"


def test_others_read_the_public_counts_and_may_not_stop_it(live: Desk, client_of: Callable[[str], Client]) -> None:
    answer = client_of("press-officer").get("/live/d-1/")
    assert "1,600 faces and 6 alerts" in words(answer)
    assert "the monitors are for those who run" in words(answer)
    assert "may stop it" in words(answer)
    for hidden in ("live.suspended", "is met", "evidence 7", "would be seen"):
        assert hidden not in said(answer), hidden
    assert client_of("press-officer").get("/live/d-9/").status_code == 404
    assert client_of("press-officer").get("/live/d-9/events").status_code == 404


def test_before_the_opening_nothing_is_stopped_and_no_interval_is_given(
    desk: Desk, client_of: Callable[[str], Client]
) -> None:
    answer = client_of("commander").get("/live/d-1/")
    assert "No hour is on the record yet" in words(answer)
    assert "nothing is watched" in words(answer)
    assert "live.suspended" not in said(answer)


def test_the_time_left_is_said_before_within_and_after_the_window() -> None:
    from countersign.desk.board import time_left

    window = [Span("2026-03-02T12:00:00Z", "2026-03-02T16:00:00Z")]
    assert time_left(window, "2026-03-02T13:46:30Z").startswith("2 hours and 13 minutes left. The window ends on")
    assert time_left(window, "2026-03-02T15:59:30Z").startswith("less than a minute left.")
    assert "begins in 1 hour, on 2 March 2026, 12:00 GMT" in time_left(window, "2026-03-02T11:00:00Z")
    assert time_left(window, "2026-03-02T16:00:00Z") == "The window ended on 2 March 2026, 16:00 GMT."
    assert time_left([], "2026-03-02T16:00:00Z") == "No window is on the record yet."


def heard(desk: Desk, role: str, since: int | None, between: Callable[[], object] | None = None) -> list[Any]:
    """The first two events of a stream, each with its id; ``between``: what happens after the first."""
    from countersign.desk.people import Person
    from countersign.desk.views import live as view

    async def listen() -> list[Any]:
        found: list[Any] = []
        stream = view.stream(desk, "d-1", Person(role, {"key": frozenset({role})}), since)
        async for part in stream:
            if event := re.fullmatch(r"id: ([0-9]+)\ndata: (.+)\n\n", part):
                found.append((int(event[1]), json.loads(event[2])))
                if len(found) == 2:
                    break
                if between is not None:
                    await asyncio.to_thread(between)
        await stream.aclose()  # type: ignore[attr-defined]
        assert not view._open
        return found

    return asyncio.run(listen())


def test_an_entry_arrives_and_is_marked_as_new(live: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from countersign.desk.views import live as view

    monkeypatch.setattr(view, "LOOK", 0.2)
    first, second = heard(live, "commander", None, lambda: further(live, an_hour(14, [])))
    assert second[0] == first[0] + 1
    assert "New</strong>" not in first[1]["board"]
    assert second[1]["board"].count("New</strong>") == 1
    assert "2,400 faces" in second[1]["board"]


@pytest.mark.parametrize(("missed", "new"), [(2, 2), (-5, 0)])
def test_a_browser_that_comes_back_learns_what_it_missed(
    missed: int, new: int, live: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from countersign.desk.board import size_of
    from countersign.desk.views import live as view

    monkeypatch.setattr(view, "LOOK", 0.05)
    monkeypatch.setattr(view, "BEAT", 0.1)
    size = size_of(live)
    first, beat = heard(live, "press-officer", size - missed)
    assert first[0] == beat[0] == size
    assert first[1]["board"].count("New</strong>") == new
    assert beat[1] == {"heard": "2 March 2026, 14:46:30 GMT"}


def test_the_stream_answers_as_one_and_has_an_end(
    live: Desk, client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from countersign.desk.views import live as view

    monkeypatch.setattr(view, "LONGEST", 0.0)
    answer: Any = client_of("commander").get("/live/d-1/events", headers={"Last-Event-ID": "x"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert "no-store" in answer.headers["Cache-Control"]

    async def whole() -> list[bytes]:
        return [part async for part in answer]

    assert asyncio.run(whole()) == [b"retry: 3000\n\n"]
    monkeypatch.setattr(view, "MOST_STREAMS", 0)
    full = client_of("commander").get("/live/d-1/events")
    assert (full.status_code, full.headers["Retry-After"]) == (503, "60")


@pytest.mark.slow
def test_the_board_while_live_stands_at_every_width_in_both_schemes(
    live: Desk, client_of: Callable[[str], Client], browser: Any
) -> None:
    client = client_of("commander")
    page = browser.new_context().new_page()

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix("http://localhost")
        if path.endswith("/") or path.startswith("/static/"):
            got: Any = client.get(path)
            body = b"".join(got.streaming_content) if got.streaming else got.content
            route.fulfill(status=got.status_code, headers=dict(got.headers), body=body)
        else:
            route.abort()

    page.route("**/*", answer)
    page.goto("http://localhost/live/d-1/")
    page.wait_for_selector("text=Not connected.")
    assert page.locator("#stop").bounding_box()["height"] >= 60
    for width, scheme in ((390, "light"), (820, "light"), (1280, "light"), (390, "dark"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE, width) == [], width
        assert axe(page) == [], (width, scheme)
    page.context.close()
