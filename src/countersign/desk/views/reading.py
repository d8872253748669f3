"""Pages to read: what waits for a person, the deployments, the tasks of each by phase, an entry in words."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countersign.deployments.kinds import SCHEMAS
from countersign.desk.people import desk, holders, person_of
from countersign.desk.record import looked_into, may_open_cases
from countersign.desk.views.answers import refused
from countersign.register.viewing import describe
from countersign.rulebook.conditions.results import Result


def waiting(request: HttpRequest) -> HttpResponse:
    """The list; administrators go to the accounts, people without a role on the record to their keys."""
    if getattr(request.user, "is_staff", False):
        return redirect("people")
    person = person_of(request)
    if not person.roles:
        return redirect("keys")
    with looked_into(desk()) as looked:
        by_subject: dict[str, list[object]] = {}
        for item in looked.waiting(person):
            by_subject.setdefault(item.about, []).append(item)
        late = [{**each, "about": status["deployment"]} for status in looked.statuses() for each in status["late"]] + [
            {**each, "about": looked.force} for each in looked.overall()["late"]
        ]
        found = {"by_subject": by_subject, "late": late, "person": person, "force": looked.force}
        found["starts"] = [schema.kind for schema in (SCHEMAS.latest("plan.proposal"),) if person.roles & schema.roles]
    return render(request, "waiting.html", found)


def every(request: HttpRequest) -> HttpResponse:
    """All deployments, the latest first."""
    with looked_into(desk()) as looked:
        return _page(request, "deployments.html", statuses=looked.statuses(), overall=looked.overall())


def tasks(request: HttpRequest, name: str) -> HttpResponse:
    """A deployment's tasks."""
    with looked_into(desk()) as looked:
        deployment = looked.deployment(name)
        if deployment is None:
            raise Http404
        found = looked.tasks(deployment.subject, person_of(request))
        about = {"name": name, "status": looked.status(deployment), "case": may_open_cases(person_of(request))}
        return _page(request, "tasks.html", **about, phases=found)


def case(request: HttpRequest, name: str) -> HttpResponse:
    """A deployment's case on one page: what was stated and sealed, the differences, each duty with its reason."""
    if not may_open_cases(person_of(request)):
        return refused(request, 403, "A case with what is sealed in it is for those who propose and authorise.")
    with looked_into(desk()) as looked:
        deployment = looked.deployment(name)
        if deployment is None:
            raise Http404
        subject, wall = deployment.subject, dict[str, list[Result]]()
        for result in looked.results(subject):
            if result.duty.scope == "deployment":
                wall.setdefault(result.duty.phase, []).append(result)
        about = {"entries": looked.case(subject), "differences": looked.differences(subject), "wall": wall}
        return _page(request, "case.html", name=name, status=looked.status(deployment), **about)


def programme(request: HttpRequest) -> HttpResponse:
    """The tasks about the force as a whole."""
    with looked_into(desk()) as looked:
        found = looked.tasks(looked.force, person_of(request))
        return _page(request, "tasks.html", name="", status=looked.overall(), phases=found)


def entry(request: HttpRequest, index: int) -> HttpResponse:
    """An entry in words, as anyone who has the log reads it; nothing sealed."""
    with looked_into(desk()) as looked:
        entries = looked.log.log.entries(index, index + 1) if index < looked.state.size else []
        if not entries:
            raise Http404
        [found] = entries
        title = looked.log.log.schemas.get(found.draft.kind, found.draft.schema).title
        lines = describe(index, found, title)[1:]
        about = {"index": index, "title": title, "lines": lines, "signer": holders().get(found.key, "")}
        return _page(request, "entry.html", **about, subject=found.draft.subject)


def _page(request: HttpRequest, template: str, **found: Any) -> HttpResponse:
    return render(request, template, {**found, "mine": person_of(request).roles})
