"""Sends webhooks: resolves names, checks targets, signs and sends requests."""
