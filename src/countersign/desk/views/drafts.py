"""Drafts that wait for a signature: shown in words, handed out, signed elsewhere, appended, or discarded."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countersign.desk import acts
from countersign.desk.conf import SECOND_SECONDS
from countersign.desk.folder import SecondNeeded
from countersign.desk.models import Prepared
from countersign.desk.people import desk, holders, person_of
from countersign.desk.record import looked_into
from countersign.desk.views.answers import refused, refused_by
from countersign.errors import CountersignError
from countersign.register import drafts
from countersign.register.drafts import DraftFile, DraftNotOurs
from countersign.register.handing import NotPublished
from countersign.register.opening import opened
from countersign.register.signing import read_signed, words_of


def _held(request: HttpRequest, name: str) -> DraftFile:
    """A draft for those who may open it: its signer, and who prepared it. Raises ``Http404``."""
    with opened(desk().log, reading=True) as log:
        if name not in [draft.name for draft in drafts.pending(log.folder)[0]]:
            raise Http404
        draft = drafts.held(log.folder, name)
    assert isinstance(request.user, User)
    mine = draft.entries[0].entry.key in person_of(request).keys
    if not mine and not Prepared.objects.filter(draft=name, account=request.user).exists():
        raise Http404
    return draft


def fresh(request: HttpRequest) -> bool:
    """Whether the person has said again that it is they, within the time, and not yet used it for an act."""
    records = get_authentication_records(request, request.user)
    again = [record["at"] for record in records if record.get("reauthenticated")]
    used = request.session.get("acted_at", 0)
    return bool(again) and max(again) > used and time.time() - max(again) < SECOND_SECONDS


def show(request: HttpRequest, name: str) -> HttpResponse:
    """The draft in words, made from the bytes that will be signed, and the ways to sign it."""
    return _show(request, _held(request, name))


def _show(request: HttpRequest, draft: DraftFile, error: CountersignError | None = None) -> HttpResponse:
    said = draft.entries[0].entry
    found = {
        "draft": draft,
        "said": said.draft,
        "lines": list(words_of(draft)),
        "mine": said.key in person_of(request).keys,
        "holder": holders().get(said.key, f"the key {said.key[:16]}…"),
        "fresh": fresh(request),
        "error": error,
    }
    return render(request, "draft.html", found, status=409 if error else 200)


def hand_out(request: HttpRequest, name: str) -> HttpResponse:
    """The draft as a file for ``countersign draft sign``."""
    answer = HttpResponse(_held(request, name).render(), "application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}.draft"'
    return answer


def append(request: HttpRequest, name: str) -> HttpResponse:
    """Append what was signed, with every rule asked again; the same a second time is answered with its place."""
    file = request.FILES.get("signed")
    data = file.read() if file is not None else request.POST.get("signed", "").encode()
    with opened(desk().log, reading=True) as log:
        waits = name in [draft.name for draft in drafts.pending(log.folder)[0]]
    draft = _held(request, name) if waits else None
    try:
        entries = read_signed(data, "what was given")
        if drafts.name_of(entries) != name:
            raise DraftNotOurs("what was given is not this draft signed: it is another's, or was changed")
        if draft is not None and not fresh(request):
            raise SecondNeeded("each act asks once more that it is you")
        appended = acts.append(desk(), entries)
    except CountersignError as error:
        return refused_by(request, error) if draft is None else _show(request, draft, error)
    request.session["acted_at"] = time.time()
    Prepared.objects.filter(draft=name).delete()
    return redirect("entry", appended[0].index)


def discard(request: HttpRequest, name: str) -> HttpResponse:
    """Discard a draft: what it sealed is erased."""
    _held(request, name)
    with opened(desk().log) as log:
        drafts.discard(log, [name])
    Prepared.objects.filter(draft=name).delete()
    return redirect("waiting")


def receipt(request: HttpRequest, index: int) -> HttpResponse:
    """The receipt of an entry, which its signer keeps."""
    with looked_into(desk()) as looked:
        if index >= looked.state.size:
            raise Http404
    try:
        data: Any = acts.receipt(desk(), index)
    except NotPublished as error:
        return refused(request, 409, "No published head holds this entry yet.", error.next_step)
    answer = HttpResponse(data, "application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="entry-{index}.tlog-proof"'
    return answer
