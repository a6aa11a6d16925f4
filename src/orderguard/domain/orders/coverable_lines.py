"""Decide which lines of an order a coverage may include (contract §9).

The amount that can be claimed is never more than was quoted: goods that were left out of the offer
stay out of the coverage, even when the order describes them differently.
"""

from __future__ import annotations

from collections.abc import Sequence

from orderguard.domain.cart import CartLine
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.exclusion import LineMatchers
from orderguard.domain.orders.fee_verdict import LeftOutLine, Quote
from orderguard.domain.orders.order import Order, OrderLine


def coverable_lines(
    order: Order, configuration: MerchantConfiguration | None, quote: Quote | None
) -> list[OrderLine]:
    """The lines of goods, without those excluded by the quote or the configuration.

    `configuration` is the one under which the order was first accepted. `quote` is the one the fee
    was compared with, None for an order without a link. Orders have fewer fields than carts, so
    with a quote only ids and SKUs of the order are matched; without one, all fields of its lines.
    """
    lines = [line for line in order.lines if line.is_goods]
    left_out = _LeftOut(quote.left_out if quote else ())
    lines = [line for line in lines if not left_out.has(line)]
    if configuration is None:
        return lines
    seen = [_as_cart_line(line, knows_quote=quote is not None) for line in lines]
    never: tuple[LineMatchers, ...] = (configuration.coverage_products, configuration.exclusions)
    matched = set().union(*(matchers.indexes(seen) for matchers in never))
    return [line for index, line in enumerate(lines) if index not in matched]


class _LeftOut:
    """The goods of a cart that its quote did not cover.

    The same goods have the same variant or SKU, or the same product when neither side tells them
    further apart. A line's own id says nothing of goods, because carts and orders number their
    lines each for themselves; it counts only where nothing else can be compared. All pieces are
    left out, because an excluded product is excluded in any number.
    """

    def __init__(self, left_out: Sequence[LeftOutLine]) -> None:
        self._lines = {each.line: each for each in left_out}
        self._variants = {_id_key(each.variant_id) for each in left_out if each.variant_id}
        self._skus = {_sku_key(each.sku) for each in left_out if each.sku}
        # Of each product only how else its goods can be told: carts may have thousands of lines.
        self._products: dict[str, set[tuple[bool, bool]]] = {}
        for each in left_out:
            product = self._products.setdefault(_id_key(each.product_id), set())
            product.add((bool(each.variant_id), bool(each.sku)))

    def has(self, line: OrderLine) -> bool:
        """Whether the order line is of goods that the quote did not cover."""
        same_id = self._lines.get(line.id)
        if same_id and not _can_be_compared(line, same_id):
            return True
        if line.variant_id and _id_key(line.variant_id) in self._variants:
            return True
        if line.sku and _sku_key(line.sku) in self._skus:
            return True
        known = self._products.get(_id_key(line.product_id), ()) if line.product_id else ()
        return any(
            not (has_variant and line.variant_id) and not (has_sku and line.sku)
            for has_variant, has_sku in known
        )


def _can_be_compared(line: OrderLine, left_out: LeftOutLine) -> bool:
    return bool(
        line.product_id or (line.variant_id and left_out.variant_id) or (line.sku and left_out.sku)
    )


def _id_key(text: str) -> str:
    """An id as both sides write it: carts of Shopify may have `gid://…/42` where orders have 42."""
    return text.rsplit("/", 1)[-1] if text.startswith("gid://") else text


def _sku_key(text: str) -> str:
    return text.strip().casefold()


def _as_cart_line(line: OrderLine, *, knows_quote: bool) -> CartLine:
    """An order line in the form that exclusions speak of."""
    told = CartLine(
        id=line.id,
        product_id=line.product_id or "",
        quantity=1,
        total_price=0,
        original_total_price=0,
        title=line.title,
        variant_id=line.variant_id,
        sku=line.sku,
    )
    if knows_quote:
        return told
    return told._replace(
        product_type=line.product_type,
        vendor=line.vendor,
        tags=line.tags,
        collections=line.collections,
    )
