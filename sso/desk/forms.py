"""What the head office types of a service. Rules of input only; what follows is in services.py."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from sso.desk.rules import can_be_kept, is_address, is_key_set
from sso.models import SCOPES, Service

MOST_ADDRESSES = 10
MOST_CHARACTERS = 5000  # of all addresses, of all keys

if TYPE_CHECKING:
    Base = forms.ModelForm[Service]
else:
    Base = forms.ModelForm


class AddressesField(forms.CharField):
    """One address in each line; as a list. They are compared sign by sign, so nothing is made nicer."""

    widget = forms.Textarea(attrs={"rows": 3, "dir": "ltr"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_CHARACTERS, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_ADDRESSES or not all(map(is_address, lines)):
            raise forms.ValidationError(_("Whole https addresses, one in each line, ten at most"), code="address")
        return lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed("\n".join(initial or []), "\n".join((data or "").split()))


class KeySetField(forms.JSONField):
    """JSON of at most MOST_CHARACTERS; a number of thousands of digits, which Python does not read, is wrong JSON."""

    widget = forms.Textarea(attrs={"rows": 4, "dir": "ltr"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise forms.ValidationError(_("The keys are too long"), code="max_length")
        try:
            keys = super().to_python(value)
            kept = can_be_kept(keys)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        except RecursionError:
            kept = False
        if not kept:
            text = _("The keys hold a character or a number that cannot be kept, or are nested too deeply")
            raise forms.ValidationError(text, code="kept")
        return keys

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is refused is shown as it was typed."""
        try:
            self.to_python(data)
        except forms.ValidationError:
            return InvalidJSONInput(data)
        return super().bound_data(data, initial)


class ServiceForm(Base):
    redirect_uris = AddressesField(label=_("redirect addresses"))
    post_logout_uris = AddressesField(label=_("addresses after signing out"), required=False)
    scopes = forms.MultipleChoiceField(
        label=_("entitled to"),
        required=False,
        choices=[(name, name) for name in SCOPES if name != "openid"],
        widget=forms.CheckboxSelectMultiple,
    )
    identity_checks = forms.MultipleChoiceField(
        label=_("identity checks that it accepts"),
        required=False,
        choices=User.IdentityCheck.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: whoever has an account can sign in. With the registry’s, take the branch’s as well."),
    )
    jwks = KeySetField(label=_("its public keys (JWKS)"), required=False)
    sector = forms.RegexField(
        "^[a-z0-9-]{1,40}$",
        label=_("sector"),
        help_text=_("Services of one sector know a person by the same name. It never changes."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )

    class Meta:
        model = Service
        widgets = {
            name: forms.TextInput(attrs={"dir": "ltr"}) for name in ("address", "initiate_login_uri", "backchannel_uri")
        }
        fields = [
            *(
                "name_fa",
                "name_en",
                "description_fa",
                "description_en",
                "address",
                "initiate_login_uri",
                "auth_method",
                "jwks",
                "keys_end_on",
                "redirect_uris",
            ),
            *("post_logout_uris", "backchannel_uri", "scopes", "sector", "id_token_alg", "lowest_acr"),
            "identity_checks",
        ]

    def clean_address(self) -> str:
        value: str = self.cleaned_data["address"]
        if not is_address(value):
            raise forms.ValidationError(_("A whole https address"), code="address")
        return value

    def clean_backchannel_uri(self) -> str:
        return self._address_or_none("backchannel_uri")

    def clean_initiate_login_uri(self) -> str:
        return self._address_or_none("initiate_login_uri")

    def _address_or_none(self, name: str) -> str:
        value: str = self.cleaned_data[name]
        if value and not is_address(value):
            raise forms.ValidationError(_("A whole https address"), code="address")
        return value

    def clean_sector(self) -> str:
        sector: str = self.cleaned_data["sector"]
        if self.instance.pk and sector != self.instance.sector:
            raise forms.ValidationError(
                _("The sector never changes: the service would know nobody again"), code="fixed"
            )
        return sector

    def clean_jwks(self) -> Any:
        jwks = self.cleaned_data["jwks"] or {}
        if jwks and not is_key_set(jwks):
            raise forms.ValidationError(
                _("A JWKS with public keys alone: RSA of 2048 bits or more, or P-256"), code="jwks"
            )
        return jwks
