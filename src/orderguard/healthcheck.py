"""`python -m orderguard.healthcheck [PORT]`: whether the server in this container answers.

Exit code 0 or 1. It asks for `/healthz`, which needs no database: a container need not be restarted
because its database is away. Nothing else of us is imported, so it takes a twentieth of a second.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException

USUAL_PORT = 8080
TIMEOUT_SECONDS = 2


def is_healthy(port: int) -> bool:
    """Whether `/healthz` on this port of the machine answers 200 in time."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_healthy(int(sys.argv[1]) if len(sys.argv) > 1 else USUAL_PORT) else 1)
