"""The wire's own shapes and names. All camelCase lives here."""
