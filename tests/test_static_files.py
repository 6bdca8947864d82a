"""Static files as production serves them: collected, hashed, compressed, kept for ever, without a web server's help."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.production import ROOT, environment

SERVE = """
import django, json, re
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("collectstatic", verbosity=0, interactive=False)
page = Client(HTTP_HOST="portal.example.ir").get("/", secure=True)
client = Client(headers={"Accept-Encoding": "gzip"}, HTTP_HOST="portal.example.ir")
addresses = set(re.findall(r'/static/[^"]+', page.content.decode()))
report = {"page": page.status_code, "files": {}}
for address in sorted(addresses) + ["/static/css/app.css", "/static/css/gone.css"]:
    answer = client.get(address, secure=True)
    report["files"][address] = [answer.status_code, dict(answer.headers), len(b"".join(answer))]
    answer.close()
print(json.dumps(report))
"""


def test_collected_files_are_served_with_debug_off(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        env=environment({"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tamin_portal.settings"}),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    files = report["files"]

    assert report["page"] == 200
    hashed = {address: file for address, file in files.items() if re.search(r"\.[0-9a-f]{12}\.[a-z0-9]+$", address)}
    assert len(hashed) == len(files) - 2 >= 5  # every address that the page names is a hashed one
    for address, (status, headers, _) in hashed.items():
        assert status == 200, address
        assert "immutable" in headers["Cache-Control"], address
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    styles = [file for address, file in hashed.items() if address.endswith(".css")]
    assert [headers.get("Content-Encoding") for _, headers, _ in styles] == ["gzip"] * len(styles)
    plain_status, plain_headers, _ = files["/static/css/app.css"]  # the address in the pages 500 and 503
    assert (plain_status, "immutable" in plain_headers["Cache-Control"]) == (200, False)
    assert files["/static/css/gone.css"][0] == 404

    manifest = json.loads((tmp_path / "static" / "staticfiles.json").read_text("utf-8"))["paths"]
    assert manifest["js/app.js"] != "js/app.js"
    assert "admin/css/base.css" in manifest
