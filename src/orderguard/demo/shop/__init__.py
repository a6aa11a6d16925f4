"""A small shop that offers order protection as an integrator should: through the public API only.

Nothing here touches Orderguard's database or its domain of offers. What it knows of protection, it
knows from answers over HTTP, as any other shop would.
"""
