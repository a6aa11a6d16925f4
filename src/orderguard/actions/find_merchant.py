"""Find a merchant by what a person typed."""

from __future__ import annotations

from difflib import get_close_matches

from orderguard.actions.ports import UnitOfWork
from orderguard.domain.errors import NotFound
from orderguard.domain.merchant import Merchant


def get_merchant(work: UnitOfWork, id_or_name: str) -> Merchant:
    """The merchant with this id or name. Raises `NotFound`, with the nearest name that exists."""
    merchant = work.merchants.find(id_or_name)
    if merchant is None:
        names = [each.name for each in work.merchants.all()]
        near = get_close_matches(id_or_name, names, n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise NotFound(
            f'No merchant named "{id_or_name}".{hint} List them with: orderguard merchants list'
        )
    return merchant
