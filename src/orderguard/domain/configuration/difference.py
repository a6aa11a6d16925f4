"""Compare two configurations setting by setting, with amounts as people write them.

The comparison is between documents, not between their meanings, so that a draft with problems can
be compared, too. Writing out a default value is no difference. Rules are matched by name,
experiments by key, and price plans by condition. Defaults and units come from the
declarations of the settings (`setting.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.exclusion import LineConditions
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.configuration.setting import Kind, Member, members_of
from orderguard.domain.errors import Malformed
from orderguard.domain.money import Currency, Money, parse_currency, shortened, to_percent

Document = Mapping[str, Any]

TEXT_LIMIT = 1_000
"""Characters of one value; longer values are cut, because the full text is shown elsewhere."""

_SETTINGS = members_of(MerchantConfiguration)


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting that changed: its path in the document, and its name in words.

    `before` or `after` is None where the document lacks the setting.
    """

    path: str
    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class _Setting:
    """A setting with its path, its subject, and its value and its default in words."""

    path: str
    subject: str
    text: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a list, known by `name`, with the settings in it."""

    path: str
    name: str
    settings: Sequence[_Setting]

    def __str__(self) -> str:
        settings = (f"{each.subject}: {each.text}" for each in self.settings)
        return _cut("; ".join(settings)) or "empty"


def configuration_difference(before: Document, after: Document) -> tuple[SettingChange, ...]:
    """Every setting that changed, single ones first, then rules, prices and experiments."""
    return (
        *_changed_settings("", [*_single(before)], [*_single(after)]),
        *_changed_sets(before, after),
        *_changed_lists(before, after),
    )


def _changed_settings(
    of: str, before: Sequence[_Setting], after: Sequence[_Setting]
) -> Iterator[SettingChange]:
    old = {each.subject: each for each in before}
    new = {each.subject: each for each in after}
    for subject in dict.fromkeys((*new, *old)):
        known = new.get(subject) or old[subject]
        was, is_ = (each[subject].text if subject in each else known.default for each in (old, new))
        if was != is_:
            yield SettingChange(known.path, f"{of}: {subject}" if of else subject, was, is_)


def _single(document: Document) -> Iterator[_Setting]:
    for name, value in document.items():
        member = _SETTINGS.get(name)
        if not (member and member.is_list and member.table):
            yield from _settings(name, value, name, member)


def _settings(name: str, value: Any, path: str, member: Member | None) -> Iterator[_Setting]:
    """The setting, or each setting in the table. Values that equal the default are left out."""
    if isinstance(value, dict):
        for key, each in value.items():
            if member and member.by is Currency:
                yield from _in_currency(name, each, f"{path}.{key}", member, key)
                continue
            for inner in _settings(key, each, f"{path}.{key}", _within(member, key)):
                yield replace(inner, subject=f"{_words(name)}, {inner.subject}")
    elif value is not None and value != [] and not (member and value == member.default):
        yield _Setting(path, _words(name), _text(member, value), _default_text(member))


def _default_text(member: Member | None) -> str | None:
    """The value that applies where there is none; None for tables, lists and undeclared members."""
    has_one = member and member.is_single and member.default is not None
    return _text(member, member.default) if member and has_one else None


def _in_currency(name: str, value: Any, path: str, member: Member, code: str) -> Iterator[_Setting]:
    """The setting in one currency, or each setting of the table that the currency has."""
    if member.is_list or not member.table:
        yield _Setting(path, f"{_words(name)} in {code.upper()}", _text(member, value, code))
        return
    for inner, each in _table(value).items():
        text = _text(members_of(member.table).get(inner), each, code)
        yield _Setting(f"{path}.{inner}", f"{_words(inner)} in {code.upper()}", text)


def _within(member: Member | None, key: str) -> Member | None:
    """The setting of this name in the table of another; None when none is declared."""
    if member and member.by:
        return replace(member, by=None)
    return members_of(member.table).get(key) if member and member.table else None


def _text(member: Member | None, value: Any, code: str = "") -> str:
    """A value in the words and units of its setting; of one currency, if it has a code."""
    if member and member.is_list and member.table and isinstance(value, list):
        told = (_arm(_table(e)) if member.table is Arm else _tier(_table(e), code) for e in value)
        return _cut("; ".join(told))
    if member is None or member.of is not int or not _is_whole(value):
        return _plain(value)
    match member.kind:
        case Kind.AMOUNT:
            return _amount(value, code)
        case Kind.PERCENT:
            return _rate(value)
        case _:
            return f"{value} {member.setting.unit}"


def _changed_sets(before: Document, after: Document) -> Iterator[SettingChange]:
    """Changes in lists whose order does not matter: removed entries, and added ones."""
    for name in (name for name, member in _SETTINGS.items() if member.of is LineConditions):
        old, new = (
            Counter(_matcher(each) for each in _list(document.get(name)))
            for document in (before, after)
        )
        subject = _words(name)
        yield from (SettingChange(name, subject, each, None) for each in (old - new).elements())
        yield from (SettingChange(name, subject, None, each) for each in (new - old).elements())


def _matcher(value: Any) -> str:
    table = _table(value)
    return " and ".join(f"{_words(n)} {_plain(v)}" for n, v in table.items()) or _plain(value)


def _changed_lists(before: Document, after: Document) -> Iterator[SettingChange]:
    for name, member in _SETTINGS.items():
        if not (member.is_list and member.table) or member.of is LineConditions:
            continue
        was, is_ = before.get(name), after.get(name)
        if member.by is None:
            naming = _named(member.setting.title)
            yield from _changed_list(name, member.setting.word, was, is_, naming, member)
            continue
        for mode in dict.fromkeys((*_table(is_), *_table(was))):
            old, new = _table(was).get(mode), _table(is_).get(mode)
            naming = _plan_naming(old, new)
            yield from _changed_list(f"{name}.{mode}", mode, old, new, naming, member)


def _changed_list(
    path: str, subject: str, was: Any, is_: Any, naming: _Naming, member: Member
) -> Iterator[SettingChange]:
    old, new = _entries(path, was, naming, member), _entries(path, is_, naming, member)
    yield from _changed_entries(subject, old, new)
    yield from _changed_order(path, [*old], [*new])


_Naming = Callable[[int, Document], str]
"""The name of an entry, from its index and its document."""


def _named(member: str) -> _Naming:
    return lambda index, table: str(table.get(member) or index + 1)


def _plan_naming(before: Any, after: Any) -> _Naming:
    """Name price plans by their conditions; or by their indexes, if a condition was rewritten.

    A single plan is called the price.
    """
    old, new = ([_table(each).get("when") for each in _list(plans)] for plans in (before, after))
    if max(len(old), len(new)) == 1:
        return lambda *_: "price"
    if len(old) == len(new) and Counter(map(str, old)) != Counter(map(str, new)):
        return lambda index, _: f"plan {index + 1}"
    return lambda _, table: (
        f"plan when {shortened(str(table['when']).strip(), limit=80)}"
        if "when" in table
        else "plan otherwise"
    )


def _entries(path: str, value: Any, naming: _Naming, member: Member) -> dict[str, _Entry]:
    one = replace(member, by=None)
    found: dict[str, _Entry] = {}
    for index, item in enumerate(_list(value)):
        table = _table(item)
        name = naming(index, table)
        if name in found:
            name = f"{name} ({index + 1})"
        where = f"{path}[{index}]"
        settings = [
            each
            for name_, value_ in table.items()
            for each in _settings(name_, value_, f"{where}.{name_}", _within(one, name_))
        ]
        found[name] = _Entry(where, name, settings)
    return found


def _changed_entries(
    subject: str, before: Mapping[str, _Entry], after: Mapping[str, _Entry]
) -> Iterator[SettingChange]:
    for name in dict.fromkeys((*after, *before)):
        title = f"{subject} {name}"
        if name not in before:
            yield SettingChange(after[name].path, title, None, str(after[name]))
        elif name not in after:
            yield SettingChange(before[name].path, title, str(before[name]), None)
        else:
            yield from _changed_settings(title, before[name].settings, after[name].settings)


def _changed_order(
    path: str, before: Sequence[str], after: Sequence[str]
) -> Iterator[SettingChange]:
    """Report a changed order of plans or rules, because the first that applies is used."""
    old = [name for name in before if name in after]
    new = [name for name in after if name in before]
    if old != new:
        yield SettingChange(path, f"order of {path}", _cut("; ".join(old)), _cut("; ".join(new)))


def _tier(tier: Document, currency: str) -> str:
    up_to = tier.get("up_to")
    where = "above" if up_to is None else f"to {_amount(up_to, currency)}"
    parts = [_amount(tier["amount"], currency)] if "amount" in tier else []
    parts += [_rate(tier["rate_bps"])] if "rate_bps" in tier else []
    return f"{where}: {' and '.join(parts) or 'nothing'}"


def _arm(arm: Document) -> str:
    suppress = ", sees no offer" if arm.get("suppress") else ""
    return f"{_plain(arm.get('name'))}, {_plain(arm.get('weight'))} parts{suppress}"


def _amount(value: Any, code: str) -> str:
    """The value as money when it is a whole number in a known currency, else as it is."""
    try:
        currency = parse_currency(code)
    except Malformed:
        return _plain(value)
    return str(Money(value, currency)) if _is_whole(value) else _plain(value)


def _rate(value: Any) -> str:
    return f"{to_percent(value)} %" if _is_whole(value) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _cut(value.strip())
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return _cut(", ".join(value))
    return _cut(json.dumps(value, default=str, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else f"{text[: TEXT_LIMIT - 1]}…"


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _table(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _words(name: str) -> str:
    return name.removesuffix("_bps").replace("_", " ")
