"""What an operator should know about the texts before citizens get them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, register

from sms.backends import get_backends
from sms.models import Message, OtpChallenge
from sms.otp.challenge import TEMPLATES
from sms.outbox import delivery, segments


@register(deploy=True)
def codes_fit_one_message(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """The last line of a code's text names PORTAL_HOST; a long name makes every code cost, and take, two messages."""
    if all(backend.own_text_of_codes for backend in get_backends()):
        return []
    texts = [_text_of_code(template) for template in TEMPLATES.values()]
    if all(segments.count(text) == 1 for text in texts):
        return []
    longest = max(map(len, texts))
    hint = f"{longest} of 70 characters. A shorter PORTAL_HOST makes it one."
    return [Info(f"Codes for {settings.PORTAL_HOST} take two messages each.", hint=hint, id="portal.I030")]


def _text_of_code(template: str) -> str:
    purpose = OtpChallenge.Purpose.REGISTRATION
    return delivery.text_of(Message(template=template, params={}, purpose=purpose, code_nonce=bytes(16)))


@register(deploy=True)
def results_have_a_second_way(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Texts are swallowed where a phone's owner refuses those of lines; codes are not."""
    if any(backend.trial or backend.tells_results() for backend in get_backends()):
        return []
    told = "A result that does not reach its phone as a text is told by a clerk alone."
    hint = "KAVENEGAR_RESULT_TEMPLATE names an approved text of the panel by which it is told once more."
    return [Info(told, hint=hint, id="portal.I031")]
