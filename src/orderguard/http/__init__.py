"""The Checkout+ API over HTTP: bytes in, answers out."""
