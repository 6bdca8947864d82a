"""For the operator: what those of Kavenegar's return codes mean that somebody can mend, and how."""

from django.utils.translation import gettext_lazy as _

from sms.backends.base import Advice

BY_CODE: dict[int, Advice] = {
    401: (_("The account is not active"), _("Ask Kavenegar to activate it")),
    403: (
        _("The API key is not known"),
        _("Compare KAVENEGAR_API_KEY with the panel, letter by letter; a key may have been replaced by a newer one"),
    ),
    407: (
        _("The account may not use this method, or not from this server"),
        _("Enter this server's address in the panel under the API settings, or ask Kavenegar for access"),
    ),
    412: (_("The line is not one of this account"), _("Compare KAVENEGAR_SENDER with the lines in the panel")),
    416: (_("This server's address is not admitted"), _("Enter it in the panel under the API settings")),
    418: (_("The account's credit is used up"), _("Top it up; messages wait and leave afterwards")),
    420: (
        _("The account may not send links, and a host's name counts as one"),
        _("Ask Kavenegar to allow links with the name in PORTAL_HOST"),
    ),
    424: (
        _("The template of codes is not known or not yet approved"),
        _(
            "Compare KAVENEGAR_CODE_TEMPLATE and its variants for single purposes with the panel, and wait for their "
            "approval"
        ),
    ),
    426: (_("Codes need the advanced service"), _("Order it in the panel")),
    427: (_("The line may not send to this number"), _("Ask Kavenegar for the access level of service lines")),
    428: (
        _("This number cannot be called"),
        _("Try a text message; calls need a template of digits alone"),
    ),
    429: (_("Kavenegar is asked too often from this server"), _("Wait a minute, then try again")),
    432: (_("The template has no place for the code"), _("Put %token into the template in the panel")),
    451: (_("Kavenegar is asked too often"), _("Wait a minute, then try again")),
    501: (_("This is a test account: it sends to its owner only"), _("Complete the account in the panel")),
    607: (_("The tag is not known"), _("Create it in the panel")),
}
