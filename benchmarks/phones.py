"""Every citizen's phone: Kavenegar's stand-in, which keeps the codes and counts what arrives."""

from devtools.servers import until
from tests.stand_ins.http import Received, Reply
from tests.stand_ins.kavenegar import KEY, TEMPLATE, Kavenegar

PATIENCE = 60.0  # seconds


class Phones(Kavenegar):
    def __init__(self) -> None:
        super().__init__()
        self.credit = 10**9
        self.newest_code: dict[str, str] = {}
        self.arrived = self.results = 0

    def reply(self, request: Received) -> Reply:
        answer = super().reply(request)
        self.arrived += len(self.messages)
        for message in self.messages:
            if message.channel == "lookup":
                self.newest_code[message.receptor] = message.text
            else:
                self.results += 1
        self.messages.clear()  # the stand-in searches them for every new one
        return answer

    def code(self, mobile: str) -> str:
        """The code that has come to `09…`; waits for it."""
        if not until(lambda: mobile in self.newest_code, PATIENCE):
            raise TimeoutError("a code did not come")
        return self.newest_code.pop(mobile)

    @property
    def environment(self) -> dict[str, str]:
        """What makes the portal send to these phones."""
        return {
            "SMS_BACKEND": "kavenegar",
            "KAVENEGAR_BASE_URL": self.base_url,
            "KAVENEGAR_API_KEY": KEY,
            "KAVENEGAR_SENDER": "10001000",
            "KAVENEGAR_CODE_TEMPLATE": TEMPLATE,
        }
