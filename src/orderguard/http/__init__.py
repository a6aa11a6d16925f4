"""The Checkout+ API over HTTP: routes, authentication, limits, and the JSON of the wire."""
