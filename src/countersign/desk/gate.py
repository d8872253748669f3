"""Who gets in: requests that are too large are refused unread, and each page is for those whom ``routes`` names.

A page is denied unless its route says otherwise. The desk asks who somebody is; what they may do on the record is asked
of the register.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core import ratelimit
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from countersign.desk.conf import LARGEST_REQUEST
from countersign.desk.people import For, person_of
from countersign.desk.routes import RULES
from countersign.desk.views.answers import refused

Answer = Callable[[HttpRequest], HttpResponseBase]


class Gate:
    """Refuses a request whose body is not of a stated and bearable length, before anything reads it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, or 411 or 413."""
        if request.method not in ("GET", "HEAD"):
            length = request.META.get("CONTENT_LENGTH") or ""
            if not length.isdecimal():
                return HttpResponse("The length of what is sent is not stated.\n", "text/plain", 411)
            if int(length) > LARGEST_REQUEST:
                text = f"What is sent is larger than {LARGEST_REQUEST // 1024**2} MB; nothing was kept.\n"
                return HttpResponse(text, "text/plain", 413)
        answer = self.get_response(request)
        if not request.path.startswith("/static/"):
            add_never_cache_headers(answer)
        return answer


class Rules:
    """Holds each request to the route's rule: methods, who it is for, how often."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, named: Any) -> HttpResponseBase | None:
        """``None`` to let the request through, or the refusal."""
        match = request.resolver_match
        rule = RULES.get((match and match.url_name) or "")
        if rule is None:
            return refused(request, 403, "This page is closed.")
        if request.method not in rule.methods:
            return refused(request, 405, "This page does not take that.")
        if rule.whom is For.ANYONE:
            return None
        if not request.user.is_authenticated:
            return redirect(
                f"{reverse('account_login')}?next={request.path}" if request.method == "GET" else "account_login"
            )
        if request.method == "POST" and not ratelimit.consume(request, action="act", user=request.user):
            return refused(request, 429, "That was often; wait a minute.")
        if rule.whom is For.SIGNED_IN:
            return None
        if not is_mfa_enabled(request.user):
            return redirect("mfa_activate_totp")
        return None if allowed(request, rule.whom) else refused(request, 403, f"This page is for {rule.whom.value}.")


def allowed(request: HttpRequest, whom: For) -> bool:
    """Whether somebody with a second factor may see a page."""
    if whom is For.ADMINISTRATOR:
        return bool(getattr(request.user, "is_staff", False))
    return whom is For.SECURED or (whom is For.MEMBER and person_of(request).roles != frozenset())
