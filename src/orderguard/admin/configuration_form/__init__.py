"""Edit a configuration in a form, instead of as text; both edit the same document (ADR 0034)."""
