"""Both generations of the registration as data: a name, an address, the steps. One wizard draws them all.

To add a step: its form in forms.py or account_form.py, its template `registration/<step>.html`, a line here, its rule
in `open_step`, what it writes in views.RegistrationWizard.
"""

from dataclasses import dataclass

from django import forms

from registration.account_form import PortalForm
from registration.forms import ActivationForm, ContactForm
from registration.models import RegistrationRequest

CONTACT, ACTIVATION, IDENTITY = "contact", "activation", "identity"


@dataclass(frozen=True)
class Flow:
    """`name` is kept on requests; `path` is the address (CONTRACT: addresses)."""

    name: str
    path: str
    steps: dict[str, type[forms.Form]]
    questions: int

    def open_step(self, draft: RegistrationRequest | None) -> str:
        """The furthest step that may be answered, by what the rows say and nothing else."""
        if draft is None:
            return CONTACT
        return ACTIVATION if draft.verification.confirmed_at is None else IDENTITY

    def may_answer(self, step: str, draft: RegistrationRequest | None) -> bool:
        """The open step, or an earlier one; a step that this flow does not have never."""
        order = list(self.steps)
        return step in order and order.index(step) <= order.index(self.open_step(draft))


PORTAL = Flow(
    name="portal",
    path="portal/registration/",
    steps={CONTACT: ContactForm, ACTIVATION: ActivationForm, IDENTITY: PortalForm},
    questions=1,
)

FLOWS = {flow.name: flow for flow in (PORTAL,)}
