"""What the staff of a branch may do at the desk, as a group that operators put accounts into."""

from django.contrib.auth.models import Group, Permission

CLERKS = "کارشناس شعبه"
CLERKS_MAY = {
    "registration": ("view_registrationrequest", "decide_registrationrequest"),
    "accounts": ("view_branch", "view_securityquestion"),
}


def ensure_roles() -> Group:
    """Make the group of branch clerks, or give it back what it lacks; what operators added to it stays.

    Call it after `migrate`, which makes the permissions. Raises LookupError when one is missing.
    """
    clerks, _ = Group.objects.get_or_create(name=CLERKS)
    for app, codenames in CLERKS_MAY.items():
        permissions = list(Permission.objects.filter(content_type__app_label=app, codename__in=codenames))
        if len(permissions) != len(codenames):
            raise LookupError(f"{app} lacks permissions of {', '.join(codenames)}: run migrate first.")
        clerks.permissions.add(*permissions)
    return clerks
