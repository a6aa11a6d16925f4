"""Explanations and previews: why an offer was hidden, how another configuration would answer."""
