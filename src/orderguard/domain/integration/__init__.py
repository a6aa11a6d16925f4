"""What a merchant's own traffic proves about its integration (contract §13)."""
