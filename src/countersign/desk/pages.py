"""The templates' surroundings: Jinja2 with the GOV.UK macros, and what every page may name."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from countersign.words.dates import local_words
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import role_name, stage_name, token


def environment(**options: Any) -> Environment:
    """The environment of the desk's templates; every value is escaped unless a template says otherwise."""
    options = {name: value for name, value in options.items() if name not in ("loader", "autoescape")}
    macros = "govuk_frontend_jinja"
    loader = ChoiceLoader([PackageLoader("countersign.desk"), PrefixLoader({macros: PackageLoader(macros)})])
    made = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, **options)
    made.globals.update(static=static, url=address, listing=listing, counted=counted, be=be)
    made.filters.update(when=local_words, role=role_name, stage=stage_name, capital=capital, token=token)
    return made


def address(name: str, *arguments: Any, **asked: str) -> str:
    """The address of a page by its name, with what is asked of it."""
    given = {key: value for key, value in asked.items() if value}
    return reverse(name, args=arguments, query=given or None)
