"""A configuration as a form: the same document as its text, seen another way (ADR 0034)."""
