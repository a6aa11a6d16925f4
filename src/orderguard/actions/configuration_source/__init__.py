"""The text of configurations: the one reader and the one editor of it."""
