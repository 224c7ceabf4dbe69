"""The groups that roles stand for, and what each may touch in the admin. Each floor names its own permissions."""

from collections import defaultdict
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from academy.models import Role
from academy.models.roles import ADMIN_ROLES
from academy.staff.roles import group_name

PERMISSIONS: dict[str, set[str]] = defaultdict(set)
PAGE_PERMISSIONS: dict[str, set[str]] = defaultdict(set)
# What is held by grants that stand at head office only: it holds for the whole bank.
BANK_WIDE: set[str] = set()
FILE_MODELS = ("wagtailimages.image", "wagtaildocs.document", "wagtailmedia.media")


def allow(role: str, *permissions: str) -> None:
    """Lets a role do something in the admin: ``app.codename`` as Django names permissions."""
    PERMISSIONS[role].update(permissions)


def allow_pages(role: str, *permissions: str) -> None:
    """Lets a role do something with every page: Wagtail's add, change, publish, lock, unlock."""
    PAGE_PERMISSIONS[role].update(permissions)


def allow_model(role: str, model: str, *actions: str) -> None:
    """``allow_model("trainer", "quizzes.question", "add", "change")``."""
    app, name = model.split(".")
    allow(role, *(f"{app}.{action}_{name}" for action in actions))


def allow_bank_wide(role: str, model: str, *actions: str) -> None:
    """Like ``allow_model``, for what holds for the whole bank: only a grant of the role at head office carries it."""
    allow_model(role, model, *actions)
    app, name = model.split(".")
    BANK_WIDE.update(f"{app}.{action}_{name}" for action in actions)


def roles_allowing(permission: str) -> tuple[str, ...]:
    """The roles that carry a permission."""
    return tuple(role for role in Role.values if permission in PERMISSIONS[role])


def ensure_groups(sender: Any = None, **kwargs: Any) -> None:
    """Sets each role's group to exactly what is registered. Runs after every migrate. Idempotent."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender is not None and sender != last:
        return
    # Wagtail's own groups are not derived from grants.
    Group.objects.filter(name__in=["Moderators", "Editors"], user=None).delete()
    for role in ADMIN_ROLES:
        allow(role, "wagtailadmin.access_admin")
    root = Page.objects.filter(depth=1).first()
    collection = Collection.get_first_root_node()
    for role in Role:
        group, _created = Group.objects.get_or_create(name=group_name(role))
        wanted = Q(pk__in=[])
        for permission in PERMISSIONS[role]:
            app, codename = permission.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))
        if root is not None:
            _set_page_permissions(group, root, PAGE_PERMISSIONS[role])
        if collection is not None and role in (Role.TRAINER, Role.REVIEWER):
            _set_collection_permissions(group, collection)


def _set_page_permissions(group: Group, root: Page, names: set[str]) -> None:
    held = GroupPagePermission.objects.filter(group=group, page=root)
    held.exclude(permission__codename__in=[f"{name}_page" for name in names]).delete()
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", codename__in=[f"{name}_page" for name in names]
    ):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _set_collection_permissions(group: Group, collection: Collection) -> None:
    for model in FILE_MODELS:
        app, name = model.split(".")
        for permission in Permission.objects.filter(
            content_type__app_label=app, codename__in=[f"{action}_{name}" for action in ("add", "change", "choose")]
        ):
            GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)


# With all that stands below: what may go says each page itself.
allow_pages(Role.TRAINER, "add", "change", "bulk_delete", "lock", "unlock")
allow_pages(Role.REVIEWER, "change", "publish", "lock", "unlock")
if not settings.REVIEW_REQUIRED:
    allow_pages(Role.TRAINER, "publish")
