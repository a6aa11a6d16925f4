"""A merchant's numbers in the JSON of the admin API. Amounts are minor units."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orderguard.http.wire.doc import doc

Day = Annotated[str, doc("A day in UTC.", extra_json_schema={"format": "date"})]


class MoneyBody(msgspec.Struct, rename="camel"):
    """Revenue in one currency, in minor units."""

    revenue: Annotated[int, doc("Fees less reversals, counted on the day the session began.")]
    fees: Annotated[int, doc("Billed, on the day of the posting, as statements say.")]
    reversals: Annotated[int, doc("Reversed on these days, as a positive number.")]
    provider_share: Annotated[int, doc("Owed to the provider for these days.")]
    revenue_per_session_ten_thousandths: Annotated[
        int | None, doc("Revenue per analysed session, in ten-thousandths of a minor unit.")
    ]
    revenue_per_order_ten_thousandths: Annotated[
        int | None, doc("Revenue per order, in ten-thousandths of a minor unit.")
    ]


class NumbersBody(msgspec.Struct, rename="camel"):
    """Sessions by outcome, orders, and money by currency."""

    analysed: Annotated[int, doc("Sessions that began on these days.")]
    eligible: Annotated[int, doc("Of these: eligible in at least one analysis.")]
    shown: Annotated[int, doc("Of these: the offer could be seen.")]
    accepted: Annotated[int, doc("Of these: an order with the fee came.")]
    declined: Annotated[int, doc("Of these: an order without the fee came.")]
    abandoned: Annotated[int, doc("Of these: no order came within seven days.")]
    open: Annotated[int, doc("Of these: an order may still come.")]
    orders: Annotated[int, doc("Orders, also those without a session.")]
    accepted_unlinked: Annotated[int, doc("Orders with the fee, but without a session we know.")]
    removed: Annotated[int, doc("Sessions in which the fee was taken off after the order.")]
    attach_rate_bps: Annotated[
        int | None, doc("Accepted divided by shown, in basis points; null when none was shown.")
    ]
    order_attach_rate_bps: Annotated[
        int | None, doc("Accepted divided by accepted plus declined, in basis points.")
    ]
    money: Annotated[dict[str, MoneyBody], doc("Amounts by ISO 4217 code of the currency.")]


class DayBody(NumbersBody, rename="camel", kw_only=True):
    """The numbers of one day in UTC."""

    day: Day


class ValueBody(NumbersBody, rename="camel", kw_only=True):
    """The numbers of all sessions and orders that have one value of the dimension."""

    value: Annotated[
        str, doc("The value of the dimension, such as `US`; empty when the request had none.")
    ]


class HiddenBody(msgspec.Struct, rename="camel"):
    """Sessions whose offer was always hidden, by reason."""

    reason: Annotated[str, doc("The eligibility reason of the sessions' last analysis.")]
    sessions: Annotated[int, doc("The number of sessions.")]


class LatencyBody(msgspec.Struct, rename="camel"):
    """One percentile of the response time of `POST analyze`, in microseconds."""

    permille: Annotated[int, doc("The percentile in thousandths: 990 is p99.")]
    within_microseconds: Annotated[
        int | None, doc("The percentile in microseconds; null is above five seconds.")
    ]


class AnalyticsResponse(msgspec.Struct):
    """The analytics report of some days: totals, days, and a breakdown by one dimension."""

    from_: Day = msgspec.field(name="from")
    to: Day
    only: Annotated[str | None, doc("The filter, such as `country:US`.")]
    by: Annotated[str, doc("The dimension of `values`.")]
    total: Annotated[NumbersBody, doc("The totals of these days.")]
    before: Annotated[NumbersBody, doc("The totals of the same number of days before.")]
    days: Annotated[list[DayBody], doc("The numbers of each day.")]
    values: Annotated[
        list[ValueBody], doc("The numbers of each value of the dimension `by`, without the filter.")
    ]
    hidden: Annotated[
        list[HiddenBody], doc("Sessions without an offer by reason, the most frequent first.")
    ]
    latency: Annotated[
        list[LatencyBody],
        doc("Response times for all merchants of this installation; may be empty."),
    ]
