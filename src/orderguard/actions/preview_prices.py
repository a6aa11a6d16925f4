"""Preview the prices of carts under an unpublished configuration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.publish_configuration import read_configuration
from orderguard.actions.settle_order import FindConfiguration
from orderguard.actions.time_limit import time_limit
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.ids import MerchantId
from orderguard.domain.what_if.price_preview import CurrencyPreview, Shopper, price_preview


def preview_prices(
    work: UnitOfWork,
    compiler: ConditionCompiler,
    find_configuration: FindConfiguration,
    merchant: MerchantId,
    source: str,
    shopper: Shopper,
    *,
    clock: Callable[[], datetime],
) -> tuple[CurrencyPreview, ...]:
    """Preview a text's prices beside the published ones.

    Raises `InvalidDocument` with every problem of the text.
    """
    draft = read_configuration(source, compiler)
    published = published_now(work, find_configuration, merchant)
    return price_preview(draft, published, shopper, time_limit(clock))


def published_now(
    work: UnitOfWork, find_configuration: FindConfiguration, merchant: MerchantId
) -> MerchantConfiguration | None:
    """The configuration in effect; None while there is none."""
    latest = work.configurations.latest(merchant)
    return find_configuration(work, merchant, latest.version) if latest else None
