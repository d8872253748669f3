"""What the desk's own database holds beside accounts: whose a public key is, who prepared a draft, links to begin with.

Nothing sealed stands here, and nothing that the record does not say better: roles, entries, states are the log's.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

_ACCOUNT = settings.AUTH_USER_MODEL


class Key(models.Model):
    """A public key that an account says is its own; its roles are those the registrar gave it on the record."""

    account: models.ForeignKey[User, User] = models.ForeignKey(_ACCOUNT, models.CASCADE, related_name="signing_keys")
    key: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    line: models.CharField[str, str] = models.CharField(max_length=300)
    in_browser: models.BooleanField[bool, bool] = models.BooleanField()
    named_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(auto_now_add=True)


class Prepared(models.Model):
    """Who prepared a draft that waits in the log's folder, by the draft's name."""

    draft: models.CharField[str, str] = models.CharField(max_length=16, primary_key=True)
    account: models.ForeignKey[User, User] = models.ForeignKey(_ACCOUNT, models.CASCADE)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(auto_now_add=True)


class Invitation(models.Model):
    """A link by which an account sets its first password, once and within a time; only its digest is kept."""

    account: models.OneToOneField[User, User] = models.OneToOneField(_ACCOUNT, models.CASCADE)
    digest: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    ends_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
