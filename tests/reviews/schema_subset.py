"""As much of a JSON Schema validator as our own schema needs, so that the suite needs no further package.

It raises for a keyword it does not know, so that it cannot pass over one silently.
"""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "integer": (int,), "number": (int, float),
}  # fmt: skip
_SAID = {"title", "description", "default", "discriminator", "$schema", "$defs"}


class Invalid(AssertionError):
    """A value does not fit; the message says where."""


def check(value: Any, schema: dict[str, Any], definitions: dict[str, Any], where: str = "$") -> None:
    for keyword, wanted in sorted(schema.items(), key=lambda item: item[0] != "type"):
        match keyword:
            case "$ref":
                check(value, definitions[wanted.removeprefix("#/$defs/")], definitions, where)
            case "type":
                if not isinstance(value, _TYPES[wanted]) or (
                    isinstance(value, bool) and wanted in ("integer", "number")
                ):
                    raise Invalid(f"{where}: {value!r} is no {wanted}")
            case "const" | "enum":
                if value not in (wanted if keyword == "enum" else [wanted]):
                    raise Invalid(f"{where}: {value!r} is not {wanted!r}")
            case "anyOf":
                _check_any(value, schema, definitions, where)
            case "required":
                if missing := set(wanted) - set(value):
                    raise Invalid(f"{where}: {sorted(missing)} missing")
            case "properties":
                for name, part in wanted.items():
                    if name in value:
                        check(value[name], part, definitions, f"{where}.{name}")
            case "additionalProperties":
                for name in set(value) - set(schema.get("properties", ())):
                    check(value[name], wanted, definitions, f"{where}.{name}")
            case "items":
                for index, item in enumerate(value[len(schema.get("prefixItems", ())) :]):
                    if wanted is False:
                        raise Invalid(f"{where}: too many items")
                    check(item, wanted, definitions, f"{where}[{index}]")
            case "prefixItems":
                for index, (item, part) in enumerate(zip(value, wanted, strict=False)):
                    check(item, part, definitions, f"{where}[{index}]")
            case "minItems" | "maxItems":
                if (len(value) < wanted) if keyword == "minItems" else (len(value) > wanted):
                    raise Invalid(f"{where}: {len(value)} items")
            case _ if keyword not in _SAID:
                raise NotImplementedError(keyword)


def _check_any(value: Any, schema: dict[str, Any], definitions: dict[str, Any], where: str) -> None:
    tag = schema.get("discriminator")
    if tag is not None:
        check(value, {"$ref": tag["mapping"][value[tag["propertyName"]]]}, definitions, where)
        return
    for part in schema["anyOf"]:
        try:
            check(value, part, definitions, where)
        except Invalid:
            continue
        return
    raise Invalid(f"{where}: {value!r} fits none of {len(schema['anyOf'])} forms")
