"""Compare two configurations setting by setting, with amounts as people write them.

The comparison is between documents, not between their meanings, so that a draft with problems can
be compared, too. Writing out a default value is no difference. Rules are matched by name,
experiments by key, and price plans by condition.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orderguard.domain.errors import Malformed
from orderguard.domain.money import Money, parse_currency, shortened

Document = Mapping[str, Any]

TEXT_LIMIT = 1_000
"""Characters of one value; longer values are cut, because the full text is shown elsewhere."""

_DEFAULTS: Document = {
    "enabled": True,
    "charge_method": "fee",
    "limits_basis": "subtotal",
    "excluded_item_policy": "ignore_items",
    "pickup_policy": "drop_shipping_protection",
    "exclude_b2b": False,
    "provider_share_bps": 0,
    "suppress": False,
    "direction": "half_up",
}
_AMOUNTS = ("base", "per_item", "minimum", "maximum", "step", "ending")
_LIMITS = ("subtotal_minimum", "subtotal_maximum")


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting that changed: its path in the document, and its subject in words.

    `before` or `after` is None where the document lacks the setting.
    """

    path: str
    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class _Setting:
    """A setting with its path, its subject and its value in words."""

    path: str
    subject: str
    text: str


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
        *_changed_settings("", _single(before), _single(after)),
        *_changed_sets(before, after),
        *_changed_lists(before, after),
    )


def _changed_settings(
    of: str, before: Sequence[_Setting], after: Sequence[_Setting]
) -> Iterator[SettingChange]:
    old = {each.subject: each for each in before}
    new = {each.subject: each for each in after}
    for subject in dict.fromkeys((*new, *old)):
        path = (new.get(subject) or old[subject]).path
        was, is_ = (
            each[subject].text if subject in each else _default_text(path) for each in (old, new)
        )
        if was != is_:
            yield SettingChange(path, f"{of}: {subject}" if of else subject, was, is_)


def _default_text(path: str) -> str | None:
    name = path.rpartition(".")[2]
    return _single_text(name, _DEFAULTS[name]) if name in _DEFAULTS else None


def _single(document: Document) -> list[_Setting]:
    lists = {"rules", "pricing", "experiments", "exclusions", "coverage_products"}
    found: list[_Setting] = []
    for name, value in document.items():
        if name == "limits":
            found += _by_currency(name, value)
        elif name not in lists:
            found += _settings(name, value, name)
    return found


def _by_currency(name: str, value: Any) -> Iterator[_Setting]:
    """A table of tables by currency."""
    for code, table in _table(value).items():
        for setting in _table(table):
            path = f"{name}.{code}.{setting}"
            text = _amount(table[setting], code) if setting in _LIMITS else _plain(table[setting])
            yield _Setting(path, f"{_words(setting)} in {code.upper()}", text)


def _settings(name: str, value: Any, path: str) -> Iterator[_Setting]:
    """The setting, or each setting in the table. Values that equal the default are left out."""
    if isinstance(value, dict):
        for inner, member in value.items():
            inner_path = f"{path}.{inner}"
            if name in _AMOUNTS:
                yield _Setting(
                    inner_path, f"{_words(name)} in {inner.upper()}", _amount(member, inner)
                )
            elif name == "tiers":
                yield _Setting(inner_path, f"tiers in {inner.upper()}", _tiers(member, inner))
            else:
                for each in _settings(inner, member, inner_path):
                    yield _Setting(each.path, f"{_words(name)}, {each.subject}", each.text)
    elif value is not None and value != [] and value != _DEFAULTS.get(name, _Absent):
        yield _Setting(path, _words(name), _single_text(name, value))


class _Absent:
    """A default for names without one; equal to no setting."""


def _single_text(name: str, value: Any) -> str:
    if name.endswith("_bps") and _is_whole(value):
        return _percentage(value)
    if name == "days" and _is_whole(value):
        return f"{value} days"
    if name == "arms" and isinstance(value, list):
        return "; ".join(_arm(_table(each)) for each in value)
    return _plain(value)


def _changed_sets(before: Document, after: Document) -> Iterator[SettingChange]:
    """Changes in lists whose order does not matter: removed entries, and added ones."""
    for name in ("coverage_products", "exclusions"):
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
    lists: list[tuple[str, str, Any, Any, _Naming]] = [
        ("rules", "rule", before.get("rules"), after.get("rules"), _named("name"))
    ]
    prices = _table(before.get("pricing")), _table(after.get("pricing"))
    for mode in dict.fromkeys((*prices[1], *prices[0])):
        old, new = prices[0].get(mode), prices[1].get(mode)
        lists.append((f"pricing.{mode}", mode, old, new, _plan_naming(old, new)))
    old, new = before.get("experiments"), after.get("experiments")
    lists.append(("experiments", "experiment", old, new, _named("key")))
    for path, subject, was, is_, naming in lists:
        old_entries, new_entries = _entries(path, was, naming), _entries(path, is_, naming)
        yield from _changed_entries(subject, old_entries, new_entries)
        yield from _changed_order(path, [*old_entries], [*new_entries])


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


def _entries(path: str, value: Any, naming: _Naming) -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    for index, item in enumerate(_list(value)):
        table = _table(item)
        name = naming(index, table)
        if name in found:
            name = f"{name} ({index + 1})"
        where = f"{path}[{index}]"
        settings = [s for n, v in table.items() for s in _settings(n, v, f"{where}.{n}")]
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


def _tiers(value: Any, currency: str) -> str:
    return _cut("; ".join(_tier(_table(each), currency) for each in _list(value))) or _plain(value)


def _tier(tier: Document, currency: str) -> str:
    up_to = tier.get("up_to")
    where = "above" if up_to is None else f"to {_amount(up_to, currency)}"
    parts = [_amount(tier["amount"], currency)] if "amount" in tier else []
    parts += [_single_text("rate_bps", tier["rate_bps"])] if "rate_bps" in tier else []
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


def _percentage(bps: int) -> str:
    whole, hundredths = divmod(abs(bps), 100)
    fraction = f".{hundredths:02}".rstrip("0").rstrip(".")
    return f"{'-' if bps < 0 else ''}{whole}{fraction} %"


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
