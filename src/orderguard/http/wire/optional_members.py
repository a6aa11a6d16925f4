"""Drop optional members whose value is empty (contract §2, docs/decisions/0048).

A cart must not lose its offer because a shopper's address has no subdivision, or because PHP wrote
`[]` or `false` for an absent value. Only invalid requests come here. A mistake that an integrator
makes for every cart, such as a text instead of a list, is kept and reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orderguard.http.wire.notes import Notes

ID_LIMIT = 255
LABEL_LIMIT = 64
WORD_LIMIT = 1000

_LEFT_OUT = object()


class _Changed(Exception):
    """Raised by the rule of a member that replaces its value: the new value, and the note."""

    def __init__(self, value: Any, why: str) -> None:
        super().__init__(why)
        self.value = value
        self.why = why


_Rule = Callable[[Any], Any]
"""Returns the value to use. Raises `_Changed` when the change deserves a note."""


def _is_nothing(value: Any) -> bool:
    """Whether a value stands for null, such as `[]` or `false` from PHP."""
    if isinstance(value, str):
        return not value.strip()
    return value is False or value == [] or value == {}


def _leave_out(why: str = "it is empty") -> _Changed:
    return _Changed(_LEFT_OUT, f"was left out: {why}.")


def _optional(value: Any) -> Any:
    if _is_nothing(value):
        raise _leave_out()
    return value


def _flag(value: Any) -> Any:
    return value if value is False else _optional(value)


def _word(value: Any) -> Any:
    """A text that rules and exclusions may look at; a number is read as its decimal text."""
    value = _as_text(_optional(value))
    if isinstance(value, str) and len(value) > WORD_LIMIT:
        raise _Changed(value[:WORD_LIMIT], f"was cut to {WORD_LIMIT} characters.")
    return value


def _as_text(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _words(value: Any) -> Any:
    if not isinstance(_optional(value), list):
        return value
    texts = [_as_text(each) for each in value if each is not None and not _is_nothing(each)]
    kept = [each[:WORD_LIMIT] if isinstance(each, str) else each for each in texts]
    if kept != value:
        raise _Changed(kept, "was read without empty entries, as texts of 1000 characters at most.")
    return value


def _label(value: Any) -> Any:
    """A text for reports only."""
    if not isinstance(_optional(value), str):
        raise _leave_out("it is no text")
    if len(value) > LABEL_LIMIT:
        raise _Changed(value[:LABEL_LIMIT], f"was cut to {LABEL_LIMIT} characters.")
    return value


def _id(value: Any) -> Any:
    if isinstance(_optional(value), str) and len(value) > ID_LIMIT:
        raise _leave_out(f"it has more than {ID_LIMIT} characters")
    return value


def _echoed_id(value: Any) -> Any:
    """An id that is only echoed and decides nothing."""
    value = _id(value)
    is_whole = isinstance(value, int | float) and value is not True and value == int(value)
    if not isinstance(value, str) and not (is_whole and abs(value) < 10**ID_LIMIT):
        raise _leave_out("it is neither a text nor a whole number")
    return value


def _language(value: Any) -> Any:
    """Check type and length only; `parse_locale` checks whether it is a language tag."""
    if not isinstance(_optional(value), str) or len(value) > WORD_LIMIT:
        raise _leave_out("it is no language tag")
    return value


def _delivery_groups(value: Any) -> Any:
    """Methods in any case; in a group without a method the shopper has not chosen yet."""
    if not isinstance(_optional(value), list):
        return value
    kept = [_delivery_group(each) for each in value if not _is_undecided(each)]
    if len(kept) < len(value):
        raise _Changed(kept, "was read without the groups that have no method yet.")
    return kept


def _is_undecided(group: Any) -> bool:
    if not isinstance(group, dict):
        return group is None
    method = group.get("deliveryMethod")
    return method is None or _is_nothing(method)


def _delivery_group(group: Any) -> Any:
    method = group.get("deliveryMethod") if isinstance(group, dict) else None
    if not isinstance(method, str):
        return group
    return group | {"deliveryMethod": method.strip().upper().replace("-", "_").replace(" ", "_")}


def _subdivision(value: Any) -> Any:
    return _as_text(_optional(value))


_CUSTOMER: Mapping[str, _Rule] = {"isB2B": _flag, "locale": _language, "groups": _words}
_LINE: Mapping[str, _Rule] = {
    "unitPrice": _optional,
    "currencyCode": _optional,
    "variantId": _id,
    "sku": _word,
    "productType": _word,
    "vendor": _word,
    "tags": _words,
    "collections": _words,
    "requiresShipping": _flag,
}
_CART: Mapping[str, _Rule] = {
    "id": _echoed_id,
    "region": _optional,
    "customer": _optional,
    "locale": _language,
    "deliveryGroups": _delivery_groups,
}
_REQUEST: Mapping[str, _Rule] = {
    "region": _optional,
    "cartId": _optional,
    "sessionId": _optional,
    "customer": _optional,
    "locale": _language,
    "deliveryGroups": _delivery_groups,
    "debug": _flag,
    "experimentationConsent": _flag,
    "offerOrigin": _label,
    "mountTarget": _label,
    "cartExperience": _label,
}
_REGION: Mapping[str, _Rule] = {"subdivision": _subdivision}


def without_meaningless_members(document: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """A copy of a request without optional members whose value has no meaning."""
    request = _members(document, "", _REQUEST, notes)
    _inside(request, "", notes)
    cart = request.get("cart")
    if isinstance(cart, dict):
        request["cart"] = cart = _members(cart, "cart.", _CART, notes)
        _inside(cart, "cart.", notes)
        if isinstance(lines := cart.get("lines"), list):
            cart["lines"] = [
                _members(line, f"cart.lines[{index}].", _LINE, notes)
                if isinstance(line, dict)
                else line
                for index, line in enumerate(lines)
            ]
    return request


def _inside(members: dict[str, Any], prefix: str, notes: Notes) -> None:
    """The members of `customer` and `region`, which may stand in either of two places."""
    for name, rules in (("customer", _CUSTOMER), ("region", _REGION)):
        if isinstance(inner := members.get(name), dict):
            members[name] = _members(inner, f"{prefix}{name}.", rules, notes)


def _members(
    table: Mapping[str, Any], prefix: str, rules: Mapping[str, _Rule], notes: Notes
) -> dict[str, Any]:
    kept = dict(table)
    for name, rule in rules.items():
        if kept.get(name) is None:
            continue
        try:
            kept[name] = rule(kept[name])
        except _Changed as change:
            notes.add(f"{prefix}{name}", change.why)
            kept[name] = None if change.value is _LEFT_OUT else change.value
    return kept
