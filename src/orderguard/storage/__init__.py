"""Collections: SQL, and rows to and from domain objects. No business decision."""
