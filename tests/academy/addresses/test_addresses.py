"""Every address, bulk action and chooser has a rule; what a library brings anew is shut until somebody says for whom it is."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.test import override_settings
from django.urls import get_resolver, path
from wagtail import hooks
from wagtail.users.views.bulk_actions import AssignRoleBulkAction

import academy.urls
from academy.addresses import RULES, WHERE
from academy.addresses.bulk_actions import LISTED, leave_only_listed_bulk_actions, registered_bulk_actions
from academy.models import JournalEntry, Role, User
from academy.requests.signed_in import SignedInRequest
from academy.staff.roles import group_name
from tests.cast import bank, person
from tests.demo.walking import addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    branches = bank()
    return SimpleNamespace(
        learner=person("L1", "学员", branches["BJ01"]),
        outsider=person("L2", "外人", branches["SH01"]),
        trainer=person("T1", "讲师", branches["HO"], roles=[Role.TRAINER]),
        technician=User.objects.create_superuser("A1", "a-long-password", display_name="技术"),
        hr=person("H1", "人事", branches["BJ"], roles=[Role.HR]),
    )


def new_door(request):
    raise AssertionError("an address without a rule was reached")


urlpatterns = [path("new-door/", new_door, name="new_door"), *academy.urls.urlpatterns]


def test_every_address_has_a_rule():
    found = set(addresses())

    assert len(found) > 500, "the walk has lost its way"
    assert sorted(address.name for address in found if address.name not in RULES) == [], WHERE


def test_a_view_is_handed_a_person_exactly_where_its_rule_asks_for_a_sign_in():
    """``SignedInRequest`` is a promise of the rule, which the type checker believes."""
    said = {address.name: request_type(address.view) for address in addresses()}
    ours = {name: kind for name, kind in said.items() if kind in (HttpRequest, SignedInRequest)}

    assert len(ours) > 100, "the walk has lost its way"
    assert sorted(name for name, kind in ours.items() if (kind is SignedInRequest) != RULES[name].signed_in) == []


def request_type(view):
    """What a view of ours says of its first argument; None where it is a class or a library's."""
    inner = inspect.unwrap(view)
    if not inner.__module__.startswith(("academy.", "quizzes.", "courses.", "certificates.")):
        return None
    return next((parameter.annotation for parameter in inspect.signature(inner).parameters.values()), None)


def test_an_address_without_a_rule_is_shut(client, cast):
    client.force_login(cast.technician)

    with override_settings(ROOT_URLCONF=__name__):
        assert client.get("/new-door/").status_code == 404
        assert client.post("/new-door/").status_code == 404


def test_only_listed_bulk_actions_are_registered():
    get_resolver().url_patterns  # noqa: B018  The addresses are loaded as they are before any request.

    assert {label: actions - LISTED.get(label, set()) for label, actions in registered_bulk_actions().items()} == {
        label: set() for label in registered_bulk_actions()
    }


def test_a_bulk_action_that_a_library_brings_is_taken_out(monkeypatch):
    from wagtail.admin.views.bulk_action.registry import bulk_action_registry

    class Newcomer(AssignRoleBulkAction):
        action_type = "newcomer"

    with hooks.register_temporarily("register_bulk_action", Newcomer):
        monkeypatch.setattr(bulk_action_registry, "has_scanned_for_bulk_actions", False)
        bulk_action_registry.get_bulk_actions_for_model("academy", "user")
        leave_only_listed_bulk_actions()

    assert "academy.user" not in registered_bulk_actions()


@pytest.mark.parametrize("action", ["set_active_state", "assign_role", "delete"])
def test_nobody_does_anything_to_people_in_bulk(client, cast, action):
    client.force_login(cast.hr)
    victim = cast.outsider
    before = JournalEntry.objects.count()
    data = {"mark_as_active": "False", "role": _group_of("administrator")}

    for viewer in (cast.hr, cast.technician):
        client.force_login(viewer)
        for method in (client.get, client.post):
            assert method(f"/cms/bulk/academy/user/{action}/?id={victim.pk}&id={cast.hr.pk}", data).status_code == 404

    victim.refresh_from_db()
    assert victim.is_active
    assert not User.objects.filter(groups__name=group_name("administrator")).exists()
    assert JournalEntry.objects.count() == before


def _group_of(role: str) -> int:
    return Group.objects.get(name=group_name(role)).pk


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/email/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/set/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/MQ:1:abc/",
        "/accounts/password/reset/key/1-set-password/",
        "/accounts/login/code/confirm/",
        "/zh-hans/_util/login/",
        "/cms/password_reset/",
        "/cms/failwhale/",
        "/cms/test404/",
        "/cms/groups/",
        "/cms/groups/new/",
    ],
)
def test_what_the_academy_does_not_open_is_shut_for_everybody(client, cast, address):
    for viewer in (None, cast.learner, cast.hr, cast.technician):
        if viewer is not None:
            client.force_login(viewer)

        assert client.get(address).status_code == 404
        assert client.post(address, {"email": "hr@bank.example", "action_add": ""}).status_code == 404


def test_no_page_links_to_a_shut_address(client, cast):
    shut = [name for name, rule in RULES.items() if rule.label == "closed"]
    assert "account_reset_password" in shut
    for address in ("/accounts/login/", "/accounts/reauthenticate/", "/my/profile/", "/accounts/2fa/"):
        client.force_login(cast.learner)

        page = client.get(address).content.decode()

        assert "/accounts/password/reset/" not in page
        assert "/accounts/email/" not in page


def test_a_form_of_a_library_without_its_fields_is_a_bad_request(client, cast):
    client.force_login(cast.trainer)

    assert client.post("/cms/choose-external-link/", {}).status_code == 400
    assert client.post("/cms/rubrics/add/", {"x": "y"}).status_code == 400
    assert client.get("/cms/choose-external-link/").status_code == 200


class TestAnAddressThatIsOnlyPostedTo:
    """A GET, as after a sign-in in between, leads to the page that it belongs to."""

    def test_every_one_names_its_page(self):
        posted = [
            address
            for address in addresses()
            if "POST" in _methods(address.view) and "GET" not in _methods(address.view)
        ]

        assert len(posted) >= 15, "the search has lost its way"
        assert [address.name for address in posted if RULES[address.name].page is None] == []

    def test_after_a_session_ended_the_press_leads_to_the_page(self, client, cast):
        notice = cast.learner.notices.create(kind="test", event="1")
        address = f"/my/notices/{notice.pk}/"

        asked = client.post(address)
        assert asked.status_code == 302 and asked.url == f"/accounts/login/?next={address}"

        client.force_login(cast.learner)
        led = client.get(address)
        assert (led.status_code, led.url) == (302, "/my/notices/")
        notice.refresh_from_db()
        assert notice.read_at is None


def _methods(view: Any) -> set[str]:
    """What a view answers, read from its ``require_http_methods`` or from the methods of its class."""
    while view is not None:
        if hasattr(view, "view_class"):
            return {name.upper() for name in view.view_class.http_method_names if hasattr(view.view_class, name)}
        names = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            return set(view.__closure__[names.index("request_method_list")].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return set()
