"""Orders: acceptance, fee verdict, coverage, settlement, events."""
