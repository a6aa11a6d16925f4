"""What the shop's owner does with Vendure's admin API."""

from __future__ import annotations

from typing import Any

from tests.connectors.vendure.site import Api, Site

ORDER = """
    id code state totalWithTax surcharges { sku price priceWithTax description }
    lines { id quantity } payments { id state }
    history(options: { filter: { type: { eq: "ORDER_NOTE" } } }) { items { data } }
"""
FIND = """query ($code: String!) {
    orders(options: { filter: { code: { eq: $code } } }) { items { ORDER } }
}""".replace("ORDER", ORDER)
GO = "mutation ($id: ID!, $to: String!) { transitionOrderToState(id: $id, state: $to) { DONE } }"
HEALTH = """{ orderguardHealth {
    connected waiting refused lastPushedAt lastFailureAt lastFailure
} }"""
DONE = "__typename ... on ErrorResult { errorCode message }"


class Owner:
    """Signed in to one channel."""

    def __init__(self, site: Site, channel: str = "net") -> None:
        self._ask = Api(site, "/admin-api", channel)
        self._ask('mutation { login(username: "owner", password: "owner") { __typename } }')

    def order(self, code: str) -> dict[str, Any]:
        (found,) = self._ask(FIND, code=code)["items"]
        order: dict[str, Any] = found
        return order

    def notes(self, code: str) -> list[str]:
        return [item["data"]["note"] for item in self.order(code)["history"]["items"]]

    def settle(self, code: str) -> None:
        (payment,) = self.order(code)["payments"]
        query = "mutation ($id: ID!) { settlePayment(id: $id) { DONE } }"
        self._do(query, "Payment", id=payment["id"])

    def cancel(self, code: str, pieces: int | None = None) -> None:
        order = self.order(code)
        lines = [
            {"orderLineId": line["id"], "quantity": pieces or line["quantity"]}
            for line in order["lines"]
        ]
        change = {"orderId": order["id"], "lines": lines, "cancelShipping": True}
        self._change("cancelOrder", "CancelOrderInput", "Order", change)

    def refund(self, code: str, amount: int, pieces: int = 0) -> None:
        """Money back; with pieces of the first line, or without."""
        order = self.order(code)
        (payment,) = [each for each in order["payments"] if each["state"] == "Settled"]
        lines = [{"orderLineId": order["lines"][0]["id"], "quantity": pieces}] if pieces else []
        change = {"paymentId": payment["id"], "amount": amount, "lines": lines}
        change |= {"adjustment": 0, "shipping": 0, "reason": "asked for"}
        self._change("refundOrder", "RefundOrderInput", "Refund", change)

    def fulfil(self, code: str) -> None:
        """Everything goes out by hand."""
        given = [{"name": "method", "value": "parcel"}, {"name": "trackingCode", "value": "1"}]
        lines = [
            {"orderLineId": line["id"], "quantity": line["quantity"]}
            for line in self.order(code)["lines"]
        ]
        handler = {"code": "manual-fulfillment", "arguments": given}
        change = {"lines": lines, "handler": handler}
        self._change("addFulfillmentToOrder", "FulfillOrderInput", "Fulfillment", change)

    def modify(self, code: str, pieces: int, back: int) -> None:
        """Fewer pieces of the first line, and money back."""
        order = self.order(code)
        (payment,) = order["payments"]
        self._do(GO, "Order", id=order["id"], to="Modifying")
        change = {
            "dryRun": False,
            "orderId": order["id"],
            "refunds": [{"paymentId": payment["id"], "amount": back}],
            "adjustOrderLines": [{"orderLineId": order["lines"][0]["id"], "quantity": pieces}],
        }
        self._change("modifyOrder", "ModifyOrderInput", "Order", change)
        self._do(GO, "Order", id=order["id"], to="PaymentSettled")

    def push_again(self, code: str) -> bool:
        query = "mutation ($id: ID!) { orderguardPush(orderId: $id) }"
        return bool(self._ask(query, id=self.order(code)["id"]))

    def health(self) -> dict[str, Any]:
        said: dict[str, Any] = self._ask(HEALTH)
        return said

    def _change(self, mutation: str, kind: str, wanted: str, change: dict[str, Any]) -> None:
        query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ DONE }} }}"
        self._do(query, wanted, input=change)

    def _do(self, query: str, wanted: str, /, **variables: Any) -> None:
        said = self._ask(query.replace("DONE", DONE), **variables)
        assert wanted == said["__typename"], said
