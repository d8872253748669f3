"""What is answered without a page of its own: refusals in one sentence, whether the desk works, the signing scripts."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.db import Error, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from countersign.desk.logs import note_failure
from countersign.desk.people import desk
from countersign.errors import CountersignError
from countersign.register.opening import opened
from countersign.site.verifier import page
from countersign.words.lists import capital

#: An append is whole or not at all, and done before the page that says so: where that page fails, the record knows.
WHETHER = "If you were appending an entry, the page of its deployment says whether it is on the record."


def refused(request: HttpRequest, status: int, sentence: str, way_out: str = "") -> HttpResponse:
    """A page that says why, and what to do."""
    answer = render(request, "refused.html", {"sentence": sentence, "way_out": way_out}, status=status)
    if status in (429, 503):
        answer["Retry-After"] = "60"
    return answer


def refused_by(request: HttpRequest, error: CountersignError) -> HttpResponse:
    """The same for what the register refuses."""
    return refused(request, 409, f"{capital(str(error))}.", error.next_step)


def malformed(request: HttpRequest, exception: Any) -> HttpResponse:
    """400."""
    return refused(request, 400, "The request is not of a form this desk takes.")


def closed(request: HttpRequest, exception: Any) -> HttpResponse:
    """403."""
    return refused(request, 403, "This page is closed.")


def nothing_here(request: HttpRequest, exception: Any) -> HttpResponse:
    """404."""
    return refused(request, 404, "There is nothing at this address.")


def defect(request: HttpRequest) -> HttpResponse:
    """500; or 503 in plain text, asking the database for nothing, where it is the database that does not answer."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    reference = note_failure(request, 503 if away else 500)
    if away:
        text = f"The desk's database does not answer. Try again in a minute. {WHETHER} Reference: {reference}.\n"
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"})
    return refused(
        request, 500, f"A defect in the desk. {WHETHER}", f"Please report it with the reference {reference}."
    )


def form_not_ours(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that does not come from this desk, or from before signing in."""
    return refused(
        request, 403, "This form is not from this desk, or is from before you signed in.", "Open the page again."
    )


def health(request: HttpRequest) -> JsonResponse:
    """200 with ``{"status": "ok"}``, or 503 with what cannot be had; nothing about the log's contents."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return _answer("the desk's database does not answer")
    try:
        with opened(desk().log, reading=True):
            return _answer("")
    except CountersignError:
        return _answer("the log cannot be opened")


def _answer(fault: str) -> JsonResponse:
    answer = JsonResponse({"status": fault or "ok"}, status=503 if fault else 200)
    if fault:
        answer["Retry-After"] = "30"
    return answer


#: The scripts with which a browser signs, as they lie in the package, and what they take from the declarations.
SCRIPTS = ("core.js", "words.js", "signing.js")
DECLARATIONS = "declarations.json"


def script(request: HttpRequest, name: str) -> HttpResponse:
    """One of the signing scripts, byte for byte as it is published, or the declarations."""
    if name == DECLARATIONS:
        return HttpResponse(json.dumps(page.declarations(kinds=True)), "application/json")
    if name not in SCRIPTS:
        raise Http404
    return HttpResponse((page.FOLDER / name).read_bytes(), "text/javascript; charset=utf-8")
