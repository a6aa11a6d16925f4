"""A merchant's numbers in the JSON of the admin API. Amounts are minor units."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Day = Annotated[str, Meta(description="A day in UTC.", extra_json_schema={"format": "date"})]


class MoneyBody(msgspec.Struct, rename="camel"):
    """Revenue in one currency, in minor units."""

    revenue: Annotated[
        int,
        Meta(description="Earned, net of reversals, counted on the day the session began."),
    ]
    fees: Annotated[int, Meta(description="Billed, on the day of the posting, as statements say.")]
    reversals: Annotated[int, Meta(description="Taken back on these days, as a positive number.")]
    provider_share: Annotated[int, Meta(description="Owed to the provider for these days.")]
    revenue_per_session_ten_thousandths: Annotated[
        int | None,
        Meta(description="Revenue per analysed session, in ten-thousandths of a minor unit."),
    ]
    revenue_per_order_ten_thousandths: Annotated[
        int | None, Meta(description="Revenue per order, in ten-thousandths of a minor unit.")
    ]


class NumbersBody(msgspec.Struct, rename="camel"):
    """Sessions by outcome, orders, and money by currency."""

    analysed: Annotated[int, Meta(description="Sessions that began on these days.")]
    eligible: Annotated[int, Meta(description="Of these: qualified at least once.")]
    shown: Annotated[int, Meta(description="Of these: the offer could be seen.")]
    accepted: Annotated[int, Meta(description="Of these: an order with the fee came.")]
    declined: Annotated[int, Meta(description="Of these: an order without the fee came.")]
    abandoned: Annotated[int, Meta(description="Of these: no order came within seven days.")]
    open: Annotated[int, Meta(description="Of these: an order may still come.")]
    orders: Annotated[int, Meta(description="Orders, also those without a session.")]
    accepted_unlinked: Annotated[
        int, Meta(description="Orders with the fee, but without a session we know.")
    ]
    removed: Annotated[
        int, Meta(description="Sessions in which the fee was taken off after the order.")
    ]
    attach_rate_bps: Annotated[
        int | None, Meta(description="Accepted of shown, in basis points; null of nothing.")
    ]
    order_attach_rate_bps: Annotated[
        int | None, Meta(description="Accepted of accepted and declined, in basis points.")
    ]
    money: Annotated[dict[str, MoneyBody], Meta(description="By ISO 4217 code.")]


class DayBody(NumbersBody, rename="camel", kw_only=True):
    """One day."""

    day: Day


class ValueBody(NumbersBody, rename="camel", kw_only=True):
    """One value of the dimension."""

    value: Annotated[str, Meta(description="Such as `US`; empty where nothing was sent.")]


class HiddenBody(msgspec.Struct, rename="camel"):
    """Sessions whose offer was always hidden, by reason."""

    reason: Annotated[str, Meta(description="The reason of their last analysis.")]
    sessions: Annotated[int, Meta(description="How many.")]


class LatencyBody(msgspec.Struct, rename="camel"):
    """Response times of this installation."""

    permille: Annotated[int, Meta(description="How many of a thousand answers: 990 is p99.")]
    within_microseconds: Annotated[
        int | None, Meta(description="Within what; null is beyond five seconds.")
    ]


class AnalyticsResponse(msgspec.Struct):
    """A merchant's numbers for some days."""

    from_: Day = msgspec.field(name="from")
    to: Day
    only: Annotated[str | None, Meta(description="What it was narrowed down to.")]
    by: Annotated[str, Meta(description="The dimension of `values`.")]
    total: Annotated[NumbersBody, Meta(description="All of these days.")]
    before: Annotated[NumbersBody, Meta(description="As many days, just before these.")]
    days: Annotated[list[DayBody], Meta(description="Day by day.")]
    values: Annotated[list[ValueBody], Meta(description="By value; not narrowed down.")]
    hidden: Annotated[list[HiddenBody], Meta(description="Why offers were hidden, most first.")]
    latency: Annotated[
        list[LatencyBody], Meta(description="Of all merchants of this installation; may be empty.")
    ]
