"""Orderguard: order protection at checkout, self-hosted and open."""

__version__ = "0.2.0"
