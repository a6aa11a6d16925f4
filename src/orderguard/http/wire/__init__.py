"""Request and response types of the Checkout+ API, and conversions to domain types.

The camelCase names of this API are in this package only.
"""
