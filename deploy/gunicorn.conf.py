"""The web server, the same for `make run` and for production; the address comes from the command line."""

import gc
import os
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gunicorn.glogging import Logger


class Log(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """Writes paths as they were sent: decoded, one may hold the end of a line and with it a line of its own."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        """What access_log_format names, and no more: gunicorn's own gather every header, for each request."""
        # Not PATH_INFO, in whose place Django puts the decoded text. gunicorn reads what was sent as Latin-1.
        sent = str(environ.get("RAW_URI") or "").partition("?")[0]
        return {
            "t": self.now(),
            "{x-request-id}o": next((value for name, value in resp.headers if name.lower() == "x-request-id"), "-"),
            "m": environ.get("REQUEST_METHOD"),
            "U": quote(sent, safe="/%:@!$&'()*+,;=~", encoding="latin-1"),
            "s": str(resp.status).partition(" ")[0],
            "B": getattr(resp, "sent", None),
            "M": request_time // timedelta(milliseconds=1),
        }


def post_worker_init(worker: Any) -> None:
    """What is loaded now stays for good: the collector of circular garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)


wsgi_app = "tamin_portal.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
# Pages stay fast while passwords are hashed, one at a time per process, beside them: hence many threads.
threads = int(os.environ.get("WEB_THREADS") or 24)
timeout = 30
graceful_timeout = 6
keepalive = 5
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn makes its own file; a heartbeat on a slow disk would end workers
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def on_starting(server: Any) -> None:
    """What the processes measure is added up from files in memory (infra.measures), whose directory must be known
    before any of them imports anything. A new one for each start, so that nothing is counted twice."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="portal-metrics-", dir=memory)


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


control_socket_disable = True
# Not less than the proxy takes (large_client_header_buffers): its error pages are for people, gunicorn's are not.
limit_request_line, limit_request_fields, limit_request_field_size = 8190, 1000, 16_384
# Whose X-Forwarded-… counts is TRUSTED_PROXIES' business, in the portal itself.
forwarded_allow_ips = ""
accesslog = "-"
logger_class = Log
# Never a query string, an address or a header: logs are not for personal data.
access_log_format = "%(t)s [%({x-request-id}o)s] %(m)s %(U)s %(s)s %(B)sB %(M)sms"
if os.environ.get("LOG_FORMAT") == "json":
    access_log_format = (
        '{"time": "%(t)s", "logger": "access", "request": "%({x-request-id}o)s", "method": "%(m)s", "path": "%(U)s",'
        ' "status": %(s)s, "bytes": %(B)s, "ms": %(M)s}'
    )
loglevel = "warning"


# A page that waited for PostgreSQL or Redis goes on after a millisecond, whatever the other threads of its process do;
# Python's own five, once for each answer that a page waits for, are what its reader would notice.
sys.setswitchinterval(0.001)
