"""Made-up branches and their staff, so many as a number of requests needs."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Branch, StaffEvent, User
from registration.desk import roles
from registration.management.made_up import people
from registration.pages.places import CITY_GROUPS

REQUESTS_OF_A_BRANCH = 2_000  # a year
CLERKS = 4  # of a branch, and a supervisor
CODE = "m"  # a made-up branch's code begins so; real ones are numbers


@dataclass(frozen=True)
class Desks:
    """Who works where: province → pairs of a clerk and a supervisor of one branch, as ids of accounts."""

    pairs: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, province: str, number: int) -> tuple[int, int]:
        """Who has worked on the request of this number; of one from abroad, somebody anywhere."""
        pairs = self.pairs.get(province) or next(iter(self.pairs.values()))
        return pairs[number % len(pairs)]


@transaction.atomic
def make(requests: int) -> Desks:
    """Branches in every province, and more of them with more requests; those that are there already stay."""
    number = max(len(CITY_GROUPS), min(requests // REQUESTS_OF_A_BRANCH, len(people.STAFF) // (CLERKS + 1)))
    there = set(Branch.objects.filter(code__startswith=CODE).values_list("code", flat=True))
    desks, groups = Desks(), {role: roles.group(role) for role in (roles.CLERK, roles.SUPERVISOR)}
    new: list[User] = []
    for place in range(number):
        if (code := f"{CODE}{place + 1}") not in there:
            new += _branch(place, code)
    User.objects.bulk_create(new)
    added, enrolled = StaffEvent.Kind.ADDED, StaffEvent.Kind.ENROLLED
    StaffEvent.objects.bulk_create(StaffEvent(account=one, kind=kind) for one in new for kind in (added, enrolled))
    memberships = User.groups.through.objects
    memberships.bulk_create(
        User.groups.through(user_id=one.pk, group_id=groups[_role(place)].pk) for place, one in enumerate(new)
    )
    working = User.objects.filter(branch__code__startswith=CODE, is_staff=True).order_by("branch", "pk")
    by_branch: dict[int, list[int]] = defaultdict(list)
    provinces: dict[int, str] = {}
    for pk, branch, province in working.values_list("pk", "branch", "branch__province"):
        by_branch[branch].append(pk)
        provinces[branch] = province
    for branch, (*clerks, supervisor) in by_branch.items():
        desks.pairs[provinces[branch]] += [(clerk, supervisor) for clerk in clerks]
    return desks


def _role(place: int) -> roles.Role:
    """Of the members of a branch, as they are made: the last one is its supervisor."""
    return roles.SUPERVISOR if place % (CLERKS + 1) == CLERKS else roles.CLERK


def _branch(place: int, code: str) -> list[User]:
    province, cities = CITY_GROUPS[place % len(CITY_GROUPS)]
    round_ = place // len(CITY_GROUPS)
    city = cities[round_ % len(cities)][0]
    branch = Branch.objects.create(code=code, name=f"شعبهٔ {round_ + 1} {province}", province=province, city=city)
    first = people.STAFF[place * (CLERKS + 1)]
    return [_member(number, branch) for number in range(first, first + CLERKS + 1)]


def _member(number: int, branch: Branch) -> User:
    one = people.person(number)
    names = User.with_keys({"first_name": one.first_name, "last_name": one.last_name})
    user = User(national_code=one.national_code, branch=branch, is_staff=True, activated_at=Now(), **names)
    user.set_unusable_password()
    return user
