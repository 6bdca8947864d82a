"""Writes messages to a stream, codes and numbers included: for development only."""

import sys
import threading
from typing import TextIO

from sms.backends.base import Outgoing, Receipt, SmsBackend

_lock = threading.Lock()  # messages of several threads one after the other


class Console(SmsBackend):
    name = "console"
    trial = True
    reads_out = True

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def send(self, outgoing: Outgoing) -> Receipt:
        with _lock:
            self._stream.write(f"SMS to {outgoing.recipient}:\n{outgoing.text}\n{'-' * 79}\n")
            self._stream.flush()
        return Receipt(self.name, "")
