"""Whether the web server of this container answers: exit status 0 or 1, for the container's health."""

import http.client
import os
import sys


def main() -> int:
    host = (os.environ.get("ALLOWED_HOSTS") or os.environ.get("PORTAL_HOST") or "localhost").split(",")[0]
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=3)
    try:
        connection.request("GET", "/health/live", headers={"Host": host})
        return 0 if connection.getresponse().status == http.client.OK else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
