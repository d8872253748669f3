"""The first pages: who gets in, what waits, the tasks, keys and accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.desk.conftest import said

if TYPE_CHECKING:
    from django.test import Client


@pytest.mark.slow
def test_what_waits_for_each_role_is_by_the_record(client_of: Callable[[str], Client]) -> None:
    officer = said(client_of("authorising-officer").get("/"))
    assert "force-a/d-1" in officer
    assert "may come next" in officer
    assert "Nothing waits for you now" in said(client_of("press-officer").get("/"))


@pytest.mark.slow
def test_tasks_by_phase_with_duties_and_why_not(client_of: Callable[[str], Client]) -> None:
    page = said(client_of("applicant").get("/deployments/d-1/"))
    assert "Tell the public" in page
    assert "Cannot start yet" in page
    assert "not met or not shown" in page
    assert client_of("applicant").get("/deployments/d-9/").status_code == 404
    assert "The programme" in said(client_of("applicant").get("/force/"))
