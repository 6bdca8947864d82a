"""Both generations of the registration as data: a name, an address, the steps. One wizard draws them all.

To add a step: its form in forms.py or account_form.py, its template `registration/<step>.html`, a line here, its rule
in `open_step`, what it writes in views.RegistrationWizard.
"""

from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.models import RegistrationRequest
from registration.wizard.account_form import PortalForm
from registration.wizard.eservices_forms import EservicesAccountForm, EservicesIdentityForm, ReviewForm
from registration.wizard.forms import ActivationForm, ContactForm

CONTACT, ACTIVATION, IDENTITY, ACCOUNT, REVIEW = "contact", "activation", "identity", "account", "review"


@dataclass(frozen=True)
class Flow:
    """`name` is kept on requests, `path` is the address, `numbers` what the guide calls a step, `titles` in words."""

    name: str
    path: str
    steps: dict[str, type[forms.Form]]
    numbers: dict[str, int]
    titles: tuple[Promise, ...]
    questions: int

    def open_step(self, draft: RegistrationRequest | None) -> str:
        """The furthest step that may be answered, by what the rows say and nothing else."""
        if draft is None:
            return CONTACT
        if draft.challenge.confirmed_at is None:
            return ACTIVATION
        if not draft.has_identity() or ACCOUNT not in self.steps:
            return IDENTITY
        return REVIEW if draft.password_hash and draft.answers_hash else ACCOUNT

    def may_answer(self, step: str, draft: RegistrationRequest | None) -> bool:
        """The open step, or an earlier one; a step that this flow does not have never."""
        order = list(self.steps)
        return step in order and order.index(step) <= order.index(self.open_step(draft))

    def before(self, step: str) -> str:
        """Where "back" leads. Not to the code: once it is confirmed there is nothing to do there."""
        order = [name for name in self.steps if name != ACTIVATION]
        return order[max(0, order.index(step) - 1)] if step in order else CONTACT


PORTAL = Flow(
    name="portal",
    path="portal/registration/",
    steps={CONTACT: ContactForm, ACTIVATION: ActivationForm, IDENTITY: PortalForm},
    numbers={CONTACT: 1, ACTIVATION: 2, IDENTITY: 3},
    titles=(_("Contact details"), _("Activation code"), _("Identity and password")),
    questions=1,
)
ESERVICES = Flow(
    name="eservices",
    path="eservices/registration/",
    steps={
        CONTACT: ContactForm,
        ACTIVATION: ActivationForm,
        IDENTITY: EservicesIdentityForm,
        ACCOUNT: EservicesAccountForm,
        REVIEW: ReviewForm,
    },
    numbers={CONTACT: 1, ACTIVATION: 1, IDENTITY: 2, ACCOUNT: 3, REVIEW: 4},
    titles=(_("Contact details"), _("Identity details"), _("Password and security questions"), _("Review")),
    questions=3,
)

FLOWS = {flow.name: flow for flow in (PORTAL, ESERVICES)}
