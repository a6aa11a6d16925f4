"""Merchants' access to their data: the admin API for programs, the console for people."""
