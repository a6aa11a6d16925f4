"""The demo: a merchant, its shoppers' carts, and a real server that answers them.

`stage` sets up and closes the demo; each step is a module of its own (`history`, `cart_outcomes`,
`order_outcomes`), and `report` and `curl` print results. `cli/demo` runs the steps in order.
"""
