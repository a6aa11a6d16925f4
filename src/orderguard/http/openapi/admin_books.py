"""Statements, orders to review and members in the admin API, described."""

from __future__ import annotations

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_audit import CURSOR
from orderguard.http.openapi.admin_refusals import (
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.orders import LIMIT, NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_members import MembersResponse
from orderguard.http.wire.admin_review import ReviewResponse
from orderguard.http.wire.admin_statements import StatementResponse

_MONTH = Parameter(
    "month",
    "path",
    "The month.",
    {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
    "2026-11",
)
_ACCOUNT = Parameter(
    "account_id",
    "path",
    "The account's id.",
    {"type": "string", "minLength": 1},
    "acc_a1b2c3d4e5f6",
)
_STATEMENT = {
    "statement": Example(
        "A month in one currency",
        {
            "month": "2026-11",
            "closed": False,
            "currencies": [
                {
                    "currency": "USD",
                    "ordersAccepted": 2,
                    "fees": 996,
                    "feesByMode": {"returnCoverage": 596, "shippingProtection": 400},
                    "reversals": 0,
                    "reversalsByMode": {},
                    "providerShare": 498,
                    "net": 498,
                    "correctionsOfEarlierMonths": 0,
                    "correctionsAmount": 0,
                }
            ],
        },
    )
}
_REVIEW = {
    "review": Example(
        "One order with another fee",
        {
            "orders": [
                {
                    "id": "1234",
                    "externalId": "10293",
                    "receivedAt": "2026-11-02T09:15:00+00:00",
                    "verdict": "altered",
                    "warnings": ["fee_altered"],
                }
            ],
            "nextCursor": None,
        },
    )
}
_MEMBERS = {
    "members": Example(
        "An owner",
        {
            "members": [
                {
                    "id": "acc_a1b2c3d4e5f6",
                    "email": "ida@shop.example",
                    "role": "owner",
                    "hasPassword": True,
                }
            ]
        },
    )
}

ROUTES = (
    Route(
        method="GET",
        path="/statements/{month}",
        bases=BASES,
        operation_id="showStatement",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show a statement",
        description="What protection earned in a month, as it was closed, or so far.",
        parameters=(_MONTH,),
        answers=(
            Answer(200, "The statement.", StatementResponse, _STATEMENT, NO_STORE),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/statements/{month}/close",
        bases=BASES,
        operation_id="closeStatement",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Close a month",
        description="For good, once it is over. Later corrections are posted to the first open "
        "month. Closing again changes nothing.",
        parameters=(_MONTH,),
        answers=(
            Answer(200, "The month is closed.", StatementResponse, _STATEMENT, NO_STORE),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/review",
        bases=BASES,
        operation_id="listOrdersToReview",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List orders to review",
        description="Orders whose fee is not the fee that was quoted. They are covered all the "
        "same; a person should see why.",
        parameters=(LIMIT, CURSOR),
        answers=(
            Answer(200, "A page of orders.", ReviewResponse, _REVIEW, NO_STORE),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="GET",
        path="/members",
        bases=BASES,
        operation_id="listMembers",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List members",
        description="Who may sign in to the console, and what they may do there. Adding somebody "
        "takes the console or the command line.",
        answers=(
            Answer(200, "The members.", MembersResponse, _MEMBERS, NO_STORE),
            *EVERYWHERE,
        ),
    ),
    Route(
        method="DELETE",
        path="/members/{account_id}",
        bases=BASES,
        operation_id="removeMember",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Remove a member",
        description="They are let in no more. The last owner cannot be removed.",
        parameters=(_ACCOUNT,),
        answers=(
            Answer(204, "They have no role any more."),
            ADMIN_INVALID,
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
)
