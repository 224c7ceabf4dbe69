"""The attesting floor's places: a table of contents."""

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from academy.models import Role
from academy.staff.groups import allow_bank_wide, allow_model
from certificates.outside.handing_in import CHECKERS
from certificates.panels import (
    asks_of_home,
    course_panels,
    home_panels,
    menu_items,
    person_panels,
    phone_items,
    result_panels,
    todo_items,
    waiting_items,
)
from certificates.team.home import team_panels, team_todo
from certificates.viewsets import journal_places  # noqa: F401
from certificates.viewsets.board import BoardViewSet, put_board_on_home
from certificates.viewsets.decisions import DecisionViewSet
from certificates.viewsets.outside_documents import OutsideDocumentKindViewSet, OutsideDocumentViewSet
from certificates.viewsets.posts import PositionRequirementViewSet
from certificates.viewsets.register import RegisterViewSet
from certificates.viewsets.reminding import remind_assigned, reminding_of
from certificates.viewsets.rounds import RoundViewSet
from certificates.viewsets.tracks import DesignViewSet, RuleViewSet, TrackViewSet

for _model in ("certificationtrack", "ruleversion", "certificatedesign"):
    for _role in (Role.HR, Role.ADMINISTRATOR):
        allow_bank_wide(_role, f"certificates.{_model}", "add", "change")
        allow_model(_role, f"certificates.{_model}", "view")
    allow_model(Role.AUDITOR, f"certificates.{_model}", "view")
for _role in (Role.HR, Role.ADMINISTRATOR):
    allow_bank_wide(_role, "certificates.certificatedesign", "publish")
    allow_model(_role, "certificates.positionrequirement", "add", "change", "view")
    allow_model(_role, "certificates.certificationround", "add", "change", "view")
for _role in (Role.HR, Role.ADMINISTRATOR):
    allow_bank_wide(_role, "certificates.outsidedocumentkind", "add", "change", "delete")
    allow_model(_role, "certificates.outsidedocumentkind", "view")
for _role in CHECKERS:
    allow_model(_role, "certificates.outsidedocument", "change", "view")
allow_model(Role.AUDITOR, "certificates.outsidedocument", "view")
allow_model(Role.AUDITOR, "certificates.outsidedocumentkind", "view")
for _role in (Role.HR, Role.ADMINISTRATOR, Role.AUDITOR):
    allow_model(_role, "certificates.decision", "view")
for _role in (Role.BRANCH_ADMINISTRATOR, Role.AUDITOR):
    allow_model(_role, "certificates.positionrequirement", "view")
    allow_model(_role, "certificates.certificationround", "view")


class CertificationGroup(SnippetViewSetGroup):
    menu_label = _("Certification")
    # Not of the label: "certification-rounds" begins with that, and Wagtail would mark both entries.
    menu_name = "tracks"
    menu_icon = "order"
    menu_order = 210
    items = (TrackViewSet, RuleViewSet, OutsideDocumentKindViewSet, DesignViewSet)


register_snippet(CertificationGroup)


@hooks.register("register_admin_viewset")
def register_the_register():
    return RegisterViewSet()


@hooks.register("register_admin_viewset")
def register_decisions():
    return DecisionViewSet()


@hooks.register("register_admin_viewset")
def register_the_board():
    return BoardViewSet()


@hooks.register("register_admin_viewset")
def register_outside_documents():
    return OutsideDocumentViewSet()


@hooks.register("register_admin_viewset")
def register_requirements_of_posts():
    return PositionRequirementViewSet()


@hooks.register("register_admin_viewset")
def register_rounds():
    return RoundViewSet()


hooks.register("construct_homepage_panels", put_board_on_home)
hooks.register("academy_menu_items", menu_items)
hooks.register("academy_phone_items", phone_items)
hooks.register("academy_home_asks", asks_of_home)
hooks.register("academy_home_panels", home_panels)
hooks.register("academy_home_top", team_panels)
hooks.register("academy_todo_items", todo_items)
hooks.register("academy_todo_for_others", team_todo)
hooks.register("academy_course_panels", course_panels)
hooks.register("academy_person_panels", person_panels)
hooks.register("academy_result_panels", result_panels)
hooks.register("academy_waiting_items", waiting_items)
hooks.register("academy_overdue_acts", reminding_of)


@hooks.register("register_admin_urls")
def admin_urls():
    # Below the assignments, whose entry the sidebar marks: from there one comes and back there one goes.
    return [path("assignments/<slug:kind>/<int:pk>/remind/", remind_assigned, name="remind_assigned")]
