"""Accounts: made by an administrator, begun by a one-time link; there is no default password and no self-service."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from countersign.desk.models import Invitation
from countersign.desk.people import desk, person
from countersign.desk.views.answers import refused
from countersign.register.opening import opened

#: How long a link is good for.
LINK_HOURS = 72
ASK = "Ask an administrator for another."


class AccountForm(forms.Form):
    """The name of a new account: a post, not a person."""

    username = forms.RegexField(
        r"^[a-z][a-z0-9-]{1,39}\Z",
        error_messages={
            "required": "Enter a name for the account",
            "invalid": "Use 2 to 40 small letters, digits and hyphens, and begin with a letter",
        },
    )
    is_staff = forms.BooleanField(required=False)

    def clean_username(self) -> str:
        """A name that no account has."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username=name).exists():
            raise forms.ValidationError("There is an account of this name already")
        return name


class PasswordForm(forms.Form):
    """A first password, twice."""

    password = forms.CharField(max_length=200, strip=False, error_messages={"required": "Enter a password"})
    again = forms.CharField(max_length=200, strip=False, error_messages={"required": "Enter it a second time"})

    def __init__(self, *arguments: Any, account: User, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.account = account

    def clean(self) -> dict[str, Any]:
        """Both the same, and hard enough to guess."""
        given: dict[str, Any] = super().clean() or {}
        if "password" in given and "again" in given:
            if given["password"] != given["again"]:
                self.add_error("again", "The two are not the same")
            try:
                password_validation.validate_password(given["password"], self.account)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


def invite(account: User) -> str:
    """The path of a fresh one-time link for an account; an earlier one is void."""
    secret = secrets.token_urlsafe(32)
    ends = timezone.now() + timedelta(hours=LINK_HOURS)
    Invitation.objects.update_or_create(account=account, defaults={"digest": _digest(secret), "ends_at": ends})
    return reverse("begin", args=[secret])


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def people(request: HttpRequest) -> HttpResponse:
    """All accounts with their roles on the record, and a form for a new one."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    link = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        account = User(username=given["username"], is_staff=given["is_staff"])
        account.set_unusable_password()
        account.save()
        link = request.build_absolute_uri(invite(account))
        form = AccountForm()
    return _people(request, form, link)


def link_anew(request: HttpRequest, number: int) -> HttpResponse:
    """A new link for an account whose owner lost the way in: password and second factors go, keys stay."""
    account = get_object_or_404(User, pk=number)
    if account == request.user:
        return refused(request, 409, "Another administrator makes this for you.")
    with transaction.atomic():
        account.set_unusable_password()
        account.save()
        account.authenticator_set.all().delete()  # type: ignore[attr-defined]
        link = request.build_absolute_uri(invite(account))
    return _people(request, AccountForm(), link)


def _people(request: HttpRequest, form: AccountForm, link: str) -> HttpResponse:
    with opened(desk().log, reading=True) as log:
        keyring = log.log.keyring()
    rows = [
        {"account": account, "person": person(account, keyring), "begun": account.has_usable_password()}
        for account in User.objects.order_by("username")
    ]
    found = {"rows": rows, "form": form, "link": link, "hours": LINK_HOURS}
    return render(request, "people.html", found, status=400 if form.errors else 200)


def begin(request: HttpRequest, secret: str) -> HttpResponse:
    """The first password, by a one-time link."""
    known = Invitation.objects.select_related("account").filter(digest=_digest(secret), ends_at__gt=timezone.now())
    invitation = known.first()
    if invitation is None:
        return refused(
            request, 404, "This link is not known, was used, or ran out.", "Ask an administrator for another."
        )
    form = PasswordForm(request.POST if request.method == "POST" else None, account=invitation.account)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            if not Invitation.objects.filter(pk=invitation.pk).delete()[0]:
                return refused(request, 404, "This link was used.", ASK)
            invitation.account.set_password(form.cleaned_data["password"])
            invitation.account.save()
        return redirect("account_login")
    return render(
        request, "begin.html", {"form": form, "account": invitation.account}, status=400 if form.errors else 200
    )
