"""What a caller can ask for: one file per verb. Actions own the unit of work."""
