"""A small shop that offers order protection as an integrator should: through the public API only.

The shop uses neither Orderguard's database nor its domain of offers. Like any other shop, it gets
everything about protection from answers over HTTP.
"""
