"""Read and edit the text of configurations; no other code parses it."""
