"""A desk for tests: Django set up once in memory, a log made once and copied, accounts by role with a second factor."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.making import histories as made
from tests.making.logs import private

from countersign.deployments.kinds import SCHEMAS
from countersign.desk.conf import settings_of
from countersign.desk.folder import Desk, make_desk
from countersign.record.entries.entry import EntrySigner
from countersign.record.tlog.encoding import KeyKind, VerifierKey
from countersign.register.asking import Reader
from countersign.register.deployments import at_work
from countersign.register.keys import register_key
from countersign.register.logs import Places, make_log
from countersign.register.opening import Doing, opened
from countersign.surroundings import REAL, Surroundings, surrounded

if TYPE_CHECKING:
    from django.test import Client

NOW = "2026-02-23T09:00:00Z"
ROLES = ("applicant", "assessor", "authorising-officer", "press-officer", "commander", "senior-owner")


def at(moment: str) -> Surroundings:
    return Surroundings(lambda: datetime.datetime.fromisoformat(moment), REAL.random_bytes, 10)


def line_of(role: str) -> str:
    key = private(role).public_key().public_bytes_raw()
    return VerifierKey(f"force-a/{role}", KeyKind.ED25519, key).render()


@pytest.fixture(scope="session", autouse=True)
def beside_a_browser() -> Iterator[None]:
    """A browser that another test has opened keeps a loop running in this thread; Django takes it for its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session")
def kept_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A force's log with the vocabulary, a key a role, a policy, and a deployment proposed and assessed."""
    return begun_log(tmp_path_factory.mktemp("desk") / "a", Places())


def begun_log(log: Path, places: Places) -> Path:
    registrar = EntrySigner(private("registrar"))
    with surrounded(at("2026-01-01T09:00:00Z")):
        config = places.config(log, made.ORIGIN, made.FORCE)
        make_log(log, config, SCHEMAS, registrar, NOW, lambda _: b"x" * 12)
        with opened(log) as held:
            for role in ROLES:
                register_key(held, Doing(lambda: registrar), VerifierKey.parse(line_of(role)), (role,), None, None)
    for moment, role, subject, kind, facts, sealed in (
        ("2026-01-05T09:00:00Z", "senior-owner", made.FORCE, "programme.policy", made.policy(), {}),
        ("2026-02-20T09:00:00Z", "applicant", made.SUBJECT, "plan.proposal", made.proposal(), PLANNED),
        ("2026-02-21T09:00:00Z", "assessor", made.SUBJECT, "plan.assessment", made.assessment(), {}),
    ):
        with surrounded(at(moment)), at_work(log, Doing(lambda role=role: made.KEYS[role]), Reader()) as work:  # type: ignore[misc]
            work.append(work.entry(subject, kind, facts, sealed))
    return log


PLANNED = {
    "place": made.place(),
    "case": {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []},
}


@pytest.fixture(scope="session")
def django_ready(kept_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Django, set up once, its tables in memory and shared: beside a browser that runs it opens another connection."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    desk = make_desk(tmp_path_factory.mktemp("django") / "desk", kept_log, None)
    given = settings_of(desk, "file:desk-tests?mode=memory&cache=shared")
    given |= {"MIGRATION_MODULES": dict.fromkeys(("desk", "account", "mfa", "auth", "contenttypes", "sessions"))}
    given |= {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    settings.configure(**given)
    django.setup()
    setup_test_environment()
    call_command("migrate", run_syncdb=True, verbosity=0)
    return desk


@pytest.fixture
def desk(django_ready: Desk, kept_log: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk with a log of its own, an empty database, at a moment after the assessment."""
    from django.core.cache import cache
    from django.core.management import call_command
    from django.test import override_settings

    shutil.copytree(kept_log.parent, tmp_path / "held")
    made_desk = make_desk(tmp_path / "desk", tmp_path / "held" / "a", None)
    with override_settings(DESK=made_desk), surrounded(at(NOW)):
        yield made_desk
    call_command("flush", interactive=False, verbosity=0)
    cache.clear()


@pytest.fixture
def client_of(desk: Desk) -> Callable[[str], Client]:
    """Signs an account of a role in, with its key named and a second factor; "administrator" and "newcomer" too."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import User
    from django.test import Client

    from countersign.desk.views.keys import name_key

    def signed_in(role: str) -> Client:
        account, new = User.objects.get_or_create(username=role, defaults={"is_staff": role == "administrator"})
        if new:
            account.set_password("a long enough password")
            account.save()
            if role in ROLES:
                name_key(account, line_of(role), in_browser=False, linking=True)
            Authenticator.objects.create(
                user=account, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
            )
        client = Client(enforce_csrf_checks=False)
        client.force_login(account)
        return client

    return signed_in


def said(answer: Any) -> str:
    text: str = answer.content.decode()
    return text
