"""The demo: a merchant, its shoppers' carts, and the real server that answers them.

`stage` sets it up and takes it down; each thing that happens on it is a module of its own
(`cart_outcomes` today), and `report` and `curl` tell about it. `cli/demo` is the running order.
"""
