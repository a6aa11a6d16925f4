"""Find a merchant by what a person typed."""

from __future__ import annotations

from difflib import get_close_matches

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.errors import NotFound
from orderguard.domain.people.merchant import Merchant


class MerchantNotFound(NotFound):
    """No merchant has this id or name in this database."""

    def __init__(self, id_or_name: str, nearest: str | None, *, where: str = "") -> None:
        place = f" in {where}" if where else ""
        hint = f' Did you mean "{nearest}"?' if nearest else ""
        super().__init__(
            f'No merchant named "{id_or_name}"{place}.{hint} '
            "List them with: orderguard merchants list"
        )
        self.id_or_name = id_or_name
        self.nearest = nearest


def get_merchant(work: UnitOfWork, id_or_name: str) -> Merchant:
    """The merchant with this id or name.

    Raises `MerchantNotFound`, with the nearest name that exists.
    """
    merchant = work.merchants.find(id_or_name)
    if merchant is None:
        names = [each.name for each in work.merchants.all()]
        near = get_close_matches(id_or_name, names, n=1)
        raise MerchantNotFound(id_or_name, near[0] if near else None)
    return merchant
