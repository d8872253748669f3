"""Entering: an entry's form, its answers checked and held to every rule, and the draft that is sealed of it.

What is typed goes from page to page in the form itself; nothing of it is kept before it is sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countersign.deployments.clock import LocalTimeWrong, utc_of
from countersign.deployments.kinds import DEPLOYMENT_GROUPS, SCHEMAS
from countersign.desk import acts
from countersign.desk.form import ATTESTED, FILE, Filled, fill, groups_of, place_of, rows_of, sentence_of, typed
from countersign.desk.models import Prepared
from countersign.desk.people import desk, holders, person_of
from countersign.desk.record import WITHOUT_FORM, looked_into
from countersign.errors import CountersignError
from countersign.record.entries.forms import fits
from countersign.record.entries.schema import Schema, SchemaUnknown
from countersign.register.deployments import DeploymentNameMalformed, subject_of
from countersign.register.opening import opened
from countersign.register.papers import copying
from countersign.register.papers.form import Group, form_of
from countersign.register.papers.lending import PREFIX, lent_by_template, shipped, title_of
from countersign.register.papers.templates import ORIGINS
from countersign.rulebook.catalogue import DUTIES

#: What a form may be sent for: to check it, to change it again, to seal it.
CHECK, CHANGE, TO_SEAL = "check", "change", "seal"


def form(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of a kind, about a deployment (``about``) or the force; copied from another where ``from`` names one."""
    schema = _schema(kind)
    about = request.GET.get("about", "")
    duty = request.POST.get("duty") or request.GET.get("duty", "")
    filled = Filled(_texts(request), {name: file.read() for name, file in _files(request)})
    if request.method == "GET":
        filled.texts = _lent(schema, request.GET.get("from", "")) | ({"duty": [duty]} if duty else {})
        return _form(request, schema, about, filled)
    groups = groups_of(schema, duty)
    action = request.POST.get("do", CHECK)
    if action.startswith(("add:", "drop:")):
        return _form(request, schema, about, _rows_changed(filled, *action.split(":", 1)))
    fill(groups, filled)
    if action == CHANGE:
        filled.faults.clear()
        return _form(request, schema, about, filled)
    try:
        asked = _asked(request, schema, about, filled)
        if filled.faults:
            return _form(request, schema, about, filled)
        if action == TO_SEAL:
            name = acts.seal(desk(), asked, filled.facts, filled.sealed)
            assert isinstance(request.user, User)
            Prepared.objects.get_or_create(draft=name, defaults={"account": request.user})
            return redirect("draft", name)
        with acts.made(desk(), asked, filled.facts, filled.sealed) as (_, made):
            titles = [unsealed.schema.title for unsealed in made]
    except CountersignError as error:
        return _form(request, schema, about, filled, error)
    found = {"schema": schema, "about": about, "asked": asked, "answers": _answers(groups, filled), "titles": titles}
    hidden = [(name, text) for name, texts in _kept(request, filled).items() for text in texts]
    return render(request, "check.html", {**found, "hidden": hidden, "duty": duty})


def _schema(kind: str) -> Schema:
    try:
        schema = SCHEMAS.latest(kind)
    except SchemaUnknown:
        raise Http404 from None
    if kind in WITHOUT_FORM or kind.partition(".")[0] in ("record", "correct", "observer", "outside"):
        raise Http404
    return schema


def _texts(request: HttpRequest) -> dict[str, list[str]]:
    return {name: [*map(str, texts)] for name, texts in request.POST.lists() if name != "csrfmiddlewaretoken"}


def _files(request: HttpRequest) -> list[tuple[str, Any]]:
    return [(name, file) for name, file in request.FILES.items() if name.endswith(FILE)]


def _kept(request: HttpRequest, filled: Filled) -> dict[str, list[str]]:
    """What is sent on from the page that shows the answers: all that was typed, files as their digests."""
    typed_again = {name: texts for name, texts in _texts(request).items() if name != "do"}
    return typed_again | {name: [digest] for name, digest in filled.digests.items()}


def _lent(schema: Schema, source: str) -> dict[str, list[str]]:
    """What a shipped template (``shipped:NAME``) or the last entry of a deployment lends, as it would be typed."""
    if not source:
        return {}
    if source.startswith(PREFIX):
        file = shipped().get(source.removeprefix(PREFIX))
        return {} if file is None else typed(schema, *lent_by_template(file, schema.kind))
    with opened(desk().log, reading=True) as log:
        try:
            facts, sealed = copying.last_of(log, schema, source)
        except DeploymentNameMalformed:
            return {}
    return typed(schema, facts, sealed)


def _rows_changed(filled: Filled, action: str, name: str) -> Filled:
    """The form with a row more in a list, or without one."""
    if action == "add":
        rows = filled.rows(name)
        filled.texts = {**filled.texts, f"{name}.{max(rows, default=-1) + 1}.": [""]}
    else:
        filled.texts = {key: texts for key, texts in filled.texts.items() if not key.startswith(f"{name}.")}
    return filled


def _asked(request: HttpRequest, schema: Schema, about: str, filled: Filled) -> acts.Asked:
    """Who is to sign it, about what, for which moment; faults are noted. Raises ``DeploymentNameMalformed``."""
    with opened(desk().log, reading=True) as log:
        keyring, force = log.log.keyring(), log.folder.config.subject
    name = filled.text("deployment") or about
    group = schema.kind.partition(".")[0]
    if group in DEPLOYMENT_GROUPS and not name:
        filled.faults["deployment"] = "Name the deployment, like d-17; no place and no date"
    fitting = acts.signers(keyring, schema.kind, person_of(request), holders())
    signer = next((each for each in fitting if each.value == filled.text("signer")), None)
    if signer is None:
        filled.faults["signer"] = "Choose who is to sign it"
        signer = acts.Signer("", "", "")
    late = filled.text("late") or None
    if late and late not in acts.LATE:
        filled.faults["late"] = "Choose one of those given"
    subject = subject_of(force, name or None)
    return acts.Asked(schema.kind, subject, signer, _moment(filled), late)


def _moment(filled: Filled) -> str | None:
    text = filled.text("at")
    try:
        moment = utc_of(text) if text else None
    except LocalTimeWrong as error:
        filled.faults["at"] = str(error)
        return None
    if moment is not None and not fits("time", moment):
        filled.faults["at"] = "Enter a time with its zone, like 2026-07-25 10:00 Europe/London"
        return None
    return moment


def _answers(groups: Sequence[Group], filled: Filled) -> list[tuple[str, list[tuple[str, str]]]]:
    """The questions with what was answered, by group."""
    made = []
    for group in groups:
        rows: list[tuple[str, str]] = []
        for each in group.fields:
            label = each.path.removeprefix("sealed.")
            rows += rows_of(each, (filled.sealed if each.sealed else filled.facts).get(label))
            if each.path.startswith("sealed.answers."):
                rows.append((each.question, filled.text(each.path)))
        if rows:
            made.append((group.title, rows))
    return made


def _form(
    request: HttpRequest, schema: Schema, about: str, filled: Filled, error: CountersignError | None = None
) -> HttpResponse:
    duty = filled.text("duty")
    with looked_into(desk()) as looked:
        keyring, force, others = looked.log.log.keyring(), looked.force, looked.lately(schema.kind, about)
    if error is not None:
        where = place_of(str(error))
        filled.faults.setdefault(where or "form", sentence_of(schema.kind, error))
    given = [each for each in form_of(schema).fields if each.origin != "asked"]
    found = {
        "schema": schema,
        "about": about,
        "force": force,
        "groups": groups_of(schema, duty),
        "filled": filled,
        "error": error,
        "signers": acts.signers(keyring, schema.kind, person_of(request), holders()),
        "late": acts.LATE,
        "given": [(each.question, ORIGINS[each.origin]) for each in given],
        "others": others,
        "templates": [(PREFIX + name, title_of(file)) for name, file in shipped().items() if _has(file, schema)],
        "of_deployment": schema.kind.partition(".")[0] in DEPLOYMENT_GROUPS,
        "duty": DUTIES.get(duty) if schema.kind == ATTESTED else None,
    }
    return render(request, "form.html", found, status=400 if filled.faults else 200)


def _has(file: Path, schema: Schema) -> bool:
    return any(lent_by_template(file, schema.kind))
