"""What a person may touch: the permissions of their groups, less those that only a grant at head office carries."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Permission
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.models import Role, User
from academy.requests.prepared import PreparedQuery
from academy.requests.signed_in import Anybody
from academy.staff.access import holds_bank_wide
from academy.staff.groups import BANK_WIDE, PERMISSIONS

# The first thing that every request of somebody signed in asks; every page of the admin reads the profile with it.
PERSON = PreparedQuery(lambda pk: User.objects.filter(pk=pk).select_related("wagtail_userprofile"))

# What every request to the admin asks.
OF_GROUPS = PreparedQuery(
    lambda pk: Permission.objects.filter(group__user=pk).order_by().values_list("content_type__app_label", "codename")
)


class GrantBackend(AuthenticationBackend):
    """Signs in as allauth does. Every screen, chooser, bulk action and workflow of the admin asks ``has_perm``, so here."""

    def get_user(self, user_id: int) -> User | None:
        person = PERSON.first(pk=user_id)
        return person if person is not None and self.user_can_authenticate(person) else None

    def get_user_permissions(self, user_obj: Anybody, obj: Any = None) -> set[str]:
        """None: what a person may do follows from their grants, by way of groups, and is never given to one alone."""
        return set()

    def get_group_permissions(self, user_obj: User, obj: Any = None) -> set[str]:
        # As of Django: nobody has a permission for one object, and a superuser has all.
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser:
            return super().get_group_permissions(user_obj, obj)
        held = {f"{app}.{codename}" for app, codename in OF_GROUPS.rows(pk=user_obj.pk)}
        bank_wide = BANK_WIDE & held
        if not bank_wide:
            return held
        today = local_day(timezone.now())
        central = [role for role in Role.values if holds_bank_wide(user_obj, today, role)]
        return held - bank_wide.difference(*(PERMISSIONS[role] for role in central))

    def _authenticate_by_email(self, email: str, password: str) -> AbstractBaseUser | None:
        """The address is HR's fact and stands at the person; what allauth keeps of addresses beside it counts for nothing."""
        owners = list(User.objects.filter(email__iexact=email, is_active=True)[:2])
        return self._check_password(owners[0], password) if len(owners) == 1 else None
