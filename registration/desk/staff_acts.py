"""What is done about a member of the staff at the desk: each act with its form, and the verb that carries it out.

The verbs are accounts.staff.members'; here stands what the desk asks before.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Branch, User
from accounts.staff import members
from accounts.staff.enrolment import Issued
from iran.fields import NationalCodeField, ShortField
from iran.plain_form import PlainForm
from registration.desk import roles, staff_scope
from registration.desk.words import WordsField

WORKS, ENROLS, INVITED, FORMER = "works", "enrols", "invited", "former"
STATES: dict[str, Promise] = {
    WORKS: _("Works at the desk"),
    ENROLS: _("Must enrol anew"),
    INVITED: _("Invited, has not enrolled"),
    FORMER: _("Former member"),
}
PRESENT = (WORKS, ENROLS, INVITED)
LONGEST_REASON = 200
NEEDS_BRANCH = _("Who has this role belongs to a branch: choose one")


def state_of(member: User) -> str:
    """Of a member as staff_scope.visible reads it."""
    if member.is_staff:
        return WORKS if hasattr(member, "factor") or not hasattr(member, "enrolment") else ENROLS
    return INVITED if hasattr(member, "enrolment") else FORMER


class ActForm(PlainForm):
    """Asks nothing. `viewer` does it about `member`, who is empty for an invitation."""

    def __init__(self, data: Any, *, viewer: User, member: User | None) -> None:
        super().__init__(data)
        self.viewer, self.member = viewer, member
        self.branches = {str(one.pk): one for one in staff_scope.branches(viewer)}
        self.roles = {one.key: one for one in staff_scope.makes(viewer)}
        if "branch" in self.fields:
            named = [(pk, f"{one.name} ({one.code})") for pk, one in self.branches.items()]
            self._offer("branch", named, member and member.branch_id)
        if "role" in self.fields:
            present = member and staff_scope.role_of(member)
            self._offer("role", [(key, str(one.title)) for key, one in self.roles.items()], present and present.key)

    def _offer(self, field: str, choices: list[tuple[str, str]], present: object) -> None:
        """Without an empty choice where there is only one to make."""
        self.fields[field].choices = choices if len(choices) == 1 else [("", "–"), *choices]  # type: ignore[attr-defined]
        self.initial[field] = str(present or "")

    def words(self) -> str:
        words: str = self.cleaned_data.get("reason", "")
        return words


class ReasonForm(ActForm):
    reason = WordsField(
        label=_("Reason"),
        help_text=_("It is kept with the change. At most 200 characters."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Write the reason"),
            "max_length": _("The reason must be 200 characters or less"),
        },
    )


_BRANCH_ERRORS = {"required": NEEDS_BRANCH, "invalid_choice": _("Choose a branch from the list")}
_ROLE_ERRORS = {"required": _("Choose the role"), "invalid_choice": _("Choose a role from the list")}


class BranchForm(ActForm):
    branch = forms.ChoiceField(label=_("Branch"), required=False, error_messages=_BRANCH_ERRORS)

    def chosen(self) -> Branch | None:
        return self.branches.get(self.cleaned_data["branch"])

    def clean_branch(self) -> str:
        branch: str = self.cleaned_data["branch"]
        role = self.member and staff_scope.role_of(self.member)
        if not branch and role and role.at_branch:
            raise ValidationError(NEEDS_BRANCH, code="required")
        return branch


class RoleForm(ReasonForm):
    role = forms.ChoiceField(label=_("Role"), error_messages=_ROLE_ERRORS)
    field_order = ("role", "reason")

    def clean_role(self) -> str:
        key: str = self.cleaned_data["role"]
        if self.roles[key].at_branch and self.member and not self.member.branch:
            raise ValidationError(_("This role belongs to a branch: give the member a branch first"), code="branch")
        return key


class InviteForm(ActForm):
    """Names count for who has no account yet; a citizen's account keeps its own."""

    national_code = NationalCodeField(label=_("National code"))
    first_name = ShortField(
        label=_("First name"),
        error_messages={"required": _("Enter the first name"), "max_length": _("The name is too long")},
    )
    last_name = ShortField(
        label=_("Last name"),
        error_messages={"required": _("Enter the last name"), "max_length": _("The name is too long")},
    )
    role = forms.ChoiceField(label=_("Role"), error_messages=_ROLE_ERRORS)
    branch = forms.ChoiceField(label=_("Branch"), required=False, error_messages=_BRANCH_ERRORS)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        role = self.roles.get(cleaned.get("role", ""))
        if role and role.at_branch and not cleaned.get("branch") and "branch" not in self.errors:
            self.add_error("branch", NEEDS_BRANCH)
        return cleaned


def invite(form: InviteForm) -> Issued:
    """Raises accounts.staff.events.Refused."""
    given = form.cleaned_data
    return members.invite(
        given["national_code"],
        role=roles.group(form.roles[given["role"]]),
        branch=form.branches.get(given["branch"]),
        first_name=given["first_name"],
        last_name=given["last_name"],
        by=form.viewer,
    )


class Act(NamedTuple):
    """`key`: of its address and name. `when`: in which states it is offered. `does`: returns what is handed over."""

    key: str
    title: Promise
    button: Promise
    says: Promise
    when: tuple[str, ...]
    form: type[ActForm]
    does: Callable[[Any, User], Issued | None]
    is_grave: bool = False


def _move(form: BranchForm, member: User) -> None:
    members.move(member, form.chosen(), by=form.viewer)


def _give_role(form: RoleForm, member: User) -> None:
    role = roles.group(form.roles[form.cleaned_data["role"]])
    members.give_role(member, role, roles.groups(), words=form.words(), by=form.viewer)


ACTS = (
    Act(
        "new-code",
        _("New enrolment code"),
        _("Make a new code"),
        _("The code of before is void. Hand the new one over in person."),
        (ENROLS, INVITED),
        ActForm,
        lambda form, member: members.new_code(member, by=form.viewer),
    ),
    Act(
        "branch",
        _("Another branch"),
        _("Move to this branch"),
        _("What this member sees and may do at the desk follows at the next page."),
        PRESENT,
        BranchForm,
        _move,
    ),
    Act(
        "role",
        _("Another role"),
        _("Give this role"),
        _("The role of before is taken away; it counts from the next page on."),
        PRESENT,
        RoleForm,
        _give_role,
    ),
    Act(
        "end-session",
        _("End the session"),
        _("End the session"),
        _("Whoever works in this session is out at the next page; the member may sign in again."),
        (WORKS,),
        ReasonForm,
        lambda form, member: members.end_session(member, words=form.words(), by=form.viewer),
    ),
    Act(
        "reset-factor",
        _("Reset the authenticator app"),
        _("Reset the app and make an enrolment code"),
        _(
            "For a lost phone without recovery codes: app and recovery codes are void, the session ends, and the "
            "member enrols anew with the password that they know."
        ),
        (WORKS,),
        ReasonForm,
        lambda form, member: members.reset_factor(member, words=form.words(), by=form.viewer),
    ),
    Act(
        "deactivate",
        _("Put off the desk"),
        _("Put off the desk"),
        _(
            "For whoever leaves: app, recovery codes and session end at once, an invitation is withdrawn. An account "
            "as a citizen stays."
        ),
        PRESENT,
        ReasonForm,
        lambda form, member: members.deactivate(member, words=form.words(), by=form.viewer),
        is_grave=True,
    ),
    Act(
        "reactivate",
        _("Invite again"),
        _("Invite again and make an enrolment code"),
        _("With the branch and the role of before, after a new enrolment."),
        (FORMER,),
        ActForm,
        lambda form, member: members.reactivate(member, by=form.viewer),
    ),
)


def offered(viewer: User, member: User) -> list[Act]:
    """What the viewer may do now about a member whom they see."""
    if not staff_scope.may_change(viewer, member):
        return []
    state = state_of(member)
    return [act for act in ACTS if state in act.when and has_a_choice(viewer, act)]


def has_a_choice(viewer: User, act: Act) -> bool:
    """A role or a branch is changed by who may give two of them."""
    if act.key == "role":
        return len(staff_scope.makes(viewer)) > 1
    return act.key != "branch" or len(staff_scope.branches(viewer)[:2]) > 1
