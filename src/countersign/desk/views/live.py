"""The live board as a page, and as a stream of server-sent events that a browser resumes by the id it heard last.

An event's id is the number of entries that the log had. The stream says at short intervals that it is there; what it
says of the deployment comes when an entry comes, and each minute. It ends by itself, so that a browser that connects
again passes the gate again.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from countersign.desk.board import Board, board, may_watch, size_of
from countersign.desk.folder import Desk
from countersign.desk.people import Person, desk, person_of
from countersign.desk.views.answers import refused
from countersign.surroundings import current
from countersign.words.dates import local_words

#: How often the log is looked at, how often a stream says that it is there, and how long it lasts, in seconds.
LOOK, BEAT, LONGEST = 1.0, 5.0, 600.0
#: Streams that one desk has at a time.
MOST_STREAMS = 300
_PLACE = re.compile(r"[0-9]{1,12}\Z")
_open: set[object] = set()


def live(request: HttpRequest, name: str) -> HttpResponse:
    """The board as it is now, whole without any script."""
    person = person_of(request)
    found = board(desk(), name, watcher=may_watch(person))
    if found is None:
        raise Http404
    return render(request, "live.html", {"board": found, **_for(person, found, found.size)})


def events(request: HttpRequest, name: str) -> HttpResponse | StreamingHttpResponse:
    """The board as it changes. ``Last-Event-ID``, or ``since`` where a page begins anew, says what was heard last."""
    person = person_of(request)
    if board(desk(), name, watcher=may_watch(person)) is None:
        raise Http404
    if len(_open) >= MOST_STREAMS:
        return refused(request, 503, "As many pages as this desk serves are following a board.", "Try again later.")
    said = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    since = int(said) if _PLACE.match(said) else None
    answer = StreamingHttpResponse(stream(desk(), name, person, since), content_type="text/event-stream; charset=utf-8")
    answer["X-Accel-Buffering"] = "no"
    return answer


async def stream(desk: Desk, name: str, person: Person, since: int | None) -> AsyncIterator[str]:
    """The events of a board, from what was heard last (``since``) on; it ends when its time is over."""
    mark, started, sent, spoke = object(), time.monotonic(), (-1, ""), 0.0
    _open.add(mark)
    try:
        yield "retry: 3000\n\n"
        while time.monotonic() - started < LONGEST:
            state = await asyncio.to_thread(size_of, desk), current().time_text()[:16]
            if state != sent:
                found = await asyncio.to_thread(board, desk, name, watcher=may_watch(person))
                if found is None:
                    return
                heard = found.size if since is None else min(since, found.size)
                html = render_to_string("live_board.html", {"board": found, **_for(person, found, heard)})
                sent, since, spoke = state, found.size, time.monotonic()
                yield event(found.size, heard=found.now, board=html)
            elif time.monotonic() - spoke >= BEAT:
                spoke = time.monotonic()
                yield event(sent[0], heard=local_words(current().time_text()))
            await asyncio.sleep(LOOK)
    finally:
        _open.discard(mark)


def event(place: int, **said: str) -> str:
    """One event, its id and its data on a line."""
    return f"id: {place}\ndata: {json.dumps(said)}\n\n"


def _for(person: Person, found: Board, heard: int) -> dict[str, Any]:
    """What differs from reader to reader: whether they may stop it, and what came since they heard last."""
    return {"may_stop": bool(person.roles & found.may_stop), "heard": heard}
