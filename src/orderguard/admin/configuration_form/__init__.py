"""A configuration as a form: another view of the same document as its text (ADR 0034)."""
