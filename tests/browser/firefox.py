"""Debian's Firefox, driven by WebDriver BiDi, which it speaks by itself (W3C, https://w3c.github.io/webdriver-bidi/).

Playwright drives only a Firefox of its own making. What the two walks need is here, and nothing else: every key is
pressed and every button clicked as a person does, but the options of a select, which no page can open, are chosen by
script.
"""

import json
import re
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE
from threading import Thread, Timer
from typing import Any

from websockets.sync.client import ClientConnection, connect

from devtools.servers import kill_group

PATIENCE = 60  # seconds; only a page on which nothing happens takes a minute
PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
# In the page: waits until what is asked for is there to be seen and stands still, as a picture above it may still come.
# Without end, because PATIENCE ends it.
SEEN = """selector => new Promise(done => {
  let before;
  const look = () => {
    const found = document.querySelector(selector);
    found?.scrollIntoView({ block: 'center', behavior: 'instant' });
    const place = found?.checkVisibility() && found.getBoundingClientRect().y;
    if (place !== undefined && place !== false && place === before) return done(found);
    before = place;
    setTimeout(look, 50);
  };
  look();
})"""
CHOOSE = """(selector, value) => {
  const select = document.querySelector(selector);
  select.value = value;
  for (const type of ['input', 'change']) select.dispatchEvent(new Event(type, { bubbles: true }));
}"""


@contextmanager
def running(executable: str, profile: Path) -> Iterator["Firefox"]:
    """A browser without a window, with an empty folder for its profile."""
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines), "utf-8")
    options = ["--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)]
    with (
        # A session of its own: the processes of its pages are in its group, whatever became of the first one.
        subprocess.Popen(
            [executable, *options], stdout=DEVNULL, stderr=PIPE, text=True, start_new_session=True
        ) as process,
        ExitStack() as last,
    ):
        last.callback(_end, process)
        watch = Timer(PATIENCE, _end, [process])  # one that says nothing would be listened to for ever
        watch.start()
        last.callback(watch.cancel)
        assert process.stderr
        said = list[str]()
        for line in process.stderr:
            said.append(line)
            if found := re.search("WebDriver BiDi listening on (ws://[0-9.:]+)", line):
                break
        else:
            raise AssertionError(f"Firefox did not begin: {''.join(said[-5:])}")
        watch.cancel()
        reader = Thread(target=deque, args=(process.stderr, 0))  # a full pipe would stop it
        reader.start()
        last.callback(reader.join)
        last.callback(_end, process)
        with connect(f"{found[1]}/session", max_size=None, open_timeout=PATIENCE) as connection:
            yield Firefox(connection)


def _end(process: "subprocess.Popen[str]") -> None:
    """Nothing of it is left, also when it does not listen any more. Said twice, it does nothing."""
    if process.returncode is not None:
        return
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    kill_group(process)


class Firefox:
    """One page. `complaints` are errors of scripts and what the page told its console."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.sent = self.loaded = 0
        self.complaints: list[str] = []
        self.page = ""
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=["browsingContext.load", "log.entryAdded"])
        self.page = self.command("browsingContext.create", type="tab")["context"]

    def command(self, method: str, **params: Any) -> Any:
        self.sent += 1
        self.connection.send(json.dumps({"id": self.sent, "method": method, "params": params}))
        while True:
            message = self._receive()
            if message.get("id") == self.sent:
                assert message["type"] == "success", f"{method}: {message}"
                return message["result"]

    def _receive(self) -> Any:
        """The next message; of an event what matters is noted."""
        message = json.loads(self.connection.recv(timeout=PATIENCE))
        if message.get("method") == "browsingContext.load" and message["params"]["context"] == self.page:
            self.loaded += 1
        elif message.get("method") == "log.entryAdded" and message["params"]["level"] in ("error", "warn"):
            self.complaints.append(message["params"]["text"])
        return message

    def resize(self, width: int) -> None:
        viewport = {"width": width, "height": 900}
        self.command("browsingContext.setViewport", context=self.page, viewport=viewport)

    def open(self, url: str) -> None:
        self.command("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def call(self, function: str, *values: object) -> Any:
        """What a function of the page returns for these values, as JSON can say it; a promise is waited for."""
        answer = self._call(f"async (...values) => JSON.stringify(await ({function})(...values) ?? null)", *values)
        return json.loads(answer["value"])

    def _call(self, function: str, *values: object) -> Any:
        answer = self.command(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[{"type": "string", "value": str(value)} for value in values],
            awaitPromise=True,
            target={"context": self.page},
        )
        assert answer["type"] == "success", answer
        return answer["result"]

    def click(self, selector: str) -> None:
        element = {"type": "element", "element": {"sharedId": self._call(SEEN, selector)["sharedId"]}}
        actions = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self.command("input.performActions", context=self.page, actions=[mouse])

    def send(self, selector: str) -> None:
        """Click what leads to another page, and wait for that page."""
        before = self.loaded
        self.click(selector)
        while self.loaded == before:
            self._receive()

    def type(self, selector: str, text: str) -> None:
        self.click(selector)
        keys = [{"type": kind, "value": sign} for sign in text for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": keys}
        self.command("input.performActions", context=self.page, actions=[keyboard])

    def choose(self, selector: str, value: str) -> None:
        self.call(CHOOSE, selector, value)
