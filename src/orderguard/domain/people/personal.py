"""What a request says about a person, and the same request with that blanked.

A request that is kept for its integrator shows the names of its members, its amounts and its ids,
and nothing that tells who the shopper is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

BLANKED = "[blanked]"
DEEPER = "[deeper]"

TEXT_AT_MOST = 200
"""Characters of a text that are kept; what is longer is cut."""

DEPTH_AT_MOST = 20

NAMES_REMEMBERED = 2_000

PERSONAL_MEMBERS = frozenset(
    (
        # who
        *("email", "mail", "firstname", "lastname", "middlename", "fullname", "givenname"),
        *("familyname", "surname", "nickname", "displayname", "username", "login", "customername"),
        *("customerid", "buyerid", "userid", "company", "birthday", "birthdate", "birth", "gender"),
        # how to reach them
        *("phone", "telephone", "tel", "mobile", "cellphone", "fax", "whatsapp"),
        # where they live, and where they are
        *("street", "address", "addr", "house", "zip", "zipcode", "postcode", "postal"),
        *("postalcode", "city", "town", "latitude", "longitude", "coordinates", "geo"),
        *("ip", "useragent", "fingerprint", "cookie", "cookies", "deviceid"),
        # what they wrote
        *("note", "notes", "message", "comment", "comments", "remark", "signature"),
        # what is theirs or the shop's alone
        *("ssn", "passport", "taxid", "vat", "vatid", "vatnumber", "iban", "bic", "card"),
        *("cardnumber", "pan", "cvc", "cvv", "password", "passwd", "pwd", "secret", "token"),
        *("authorization", "credential", "credentials", "apikey", "accesskey", "privatekey"),
    )
)
"""The members that are blanked wherever they stand, with all that is in them.

A name is compared by its words: `customer_email`, `shippingPhone` and `address_2` are among them.
"""

ABOUT_PEOPLE = frozenset(
    (
        *("customer", "customers", "buyer", "recipient", "contact", "contacts", "person", "user"),
        *("shopper", "client", "owner", "address", "addresses", "billing", "receiver", "sender"),
    )
)
"""The last words of members that are about a person: in them everything is blanked but these."""

KEPT_OF_PEOPLE = frozenset(
    (
        *("isb2b", "locale", "language", "groups", "group"),
        *("country", "countrycode", "region", "regioncode", "province", "provincecode"),
        *("state", "statecode", "subdivision"),
    )
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LETTERS_ONLY = re.compile(r"[^a-z0-9]")
# It begins at the beginning of a word, or the time would grow with the square of a word's length.
_EMAIL = re.compile(r"(?<![^\s@<>\"'=,;:()])[^\s@<>\"'=,;:()]+(?:@|%40)[^\s@<>\"',;:()]+")
_PHONE = re.compile(r"\+\d[\d ().-]{6,}\d")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_MAY_HOLD_ONE = re.compile(r"[@%+.:]")
_FOUND = re.compile(r"\b[Ff]ound .*", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")


def blanked(value: Any) -> Any:
    """The value of a JSON document, with what is about a person blanked, and long texts cut."""
    return _blanked(value, of_person=False, depth=0)


def blanked_text(text: str) -> str:
    """A text with e-mail, telephone and network addresses blanked, cut when it is long.

    A zero character, which PostgreSQL cannot store, is left out.
    """
    cut = text[: TEXT_AT_MOST + 1].replace("\0", "")
    if _MAY_HOLD_ONE.search(cut):
        for pattern in (_EMAIL, _PHONE, _IPV4, _IPV6):
            cut = pattern.sub(BLANKED, cut)
    return cut if len(text) <= TEXT_AT_MOST else f"{cut[:TEXT_AT_MOST]}…"


def blanked_problem(path: str, message: str) -> str:
    """What is wrong at a path of a document, without the value found there if it is personal."""
    words = re.split(r"[.\[\]]+", path)
    if any(is_personal(word) or _is_about_person(word) for word in words):
        message = _QUOTED.sub(BLANKED, _FOUND.sub(f"found {BLANKED}.", message))
    return blanked_text(message)


@lru_cache(maxsize=NAMES_REMEMBERED)
def is_personal(name: str) -> bool:
    """Whether a member of this name is blanked wherever it stands."""
    words = _words(name)
    pairs = [first + second for first, second in pairwise(words)]
    singular = [word.removesuffix("s") for word in words]
    is_nothing = PERSONAL_MEMBERS.isdisjoint((*words, *singular, *pairs))
    return not is_nothing and not _is_about_person(name)


@lru_cache(maxsize=NAMES_REMEMBERED)
def _is_about_person(name: str) -> bool:
    words = _words(name)
    return bool(words) and words[-1] in ABOUT_PEOPLE


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name[:TEXT_AT_MOST])]


def _blanked(value: Any, *, of_person: bool, depth: int) -> Any:
    if isinstance(value, (dict, list)):
        if depth >= DEPTH_AT_MOST:
            return DEEPER
        if isinstance(value, list):
            return [_blanked(each, of_person=of_person, depth=depth + 1) for each in value]
        return _members(value, of_person=of_person, depth=depth + 1)
    if of_person:
        return value if value is None else BLANKED
    return blanked_text(value) if isinstance(value, str) else value


def _members(document: dict[str, Any], *, of_person: bool, depth: int) -> dict[str, Any]:
    found = {}
    named = document.get("key", document.get("name"))
    says_personal = isinstance(named, str) and (is_personal(named) or _is_about_person(named))
    for name, value in document.items():
        if is_personal(name) or (says_personal and name == "value"):
            shown = value if value is None else BLANKED
        elif of_person and _LETTERS_ONLY.sub("", name.lower()) in KEPT_OF_PEOPLE:
            shown = _blanked(value, of_person=False, depth=depth)
        else:
            is_person = of_person or _is_about_person(name)
            shown = _blanked(value, of_person=is_person, depth=depth)
        found[blanked_text(name)] = shown
    return found
