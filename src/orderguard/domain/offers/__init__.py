"""Offers: eligibility, price, analyses and their sessions."""
