"""Explanations and trials: why an offer was hidden, what another configuration would do."""
