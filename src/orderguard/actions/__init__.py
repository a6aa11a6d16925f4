"""Actions: a caller's operations, one file per verb. Actions own the unit of work."""
