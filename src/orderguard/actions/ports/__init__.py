"""What the actions need from the world, a file per noun. Storage implements it, `running.wiring`
connects the two."""
