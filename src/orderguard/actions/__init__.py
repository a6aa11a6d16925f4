"""Actions: a caller's operations, one file each. Actions own the unit of work."""
