"""The teaching floor's places: a table of contents."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column

from academy.models import Role
from academy.staff.groups import allow, allow_bank_wide, allow_model
from academy.viewsets.base import HouseViewSet, Scope
from academy.viewsets.search_areas import ListSearchArea
from courses.classroom import screens as classroom
from courses.models import Course, Topic
from courses.pages import trying
from courses.pages.moving import refuse_moving_what_counts
from courses.panels import asks_of_home, home_panels, hours_panel, menu_items, phone_items, todo_items
from courses.programmes import screens as programmes
from courses.viewsets.bank_additions import BankAdditionViewSet, waiting_additions
from courses.viewsets.classes import waiting_items
from courses.viewsets.courses import CourseViewSet, shortcuts
from courses.viewsets.deleting import go_back_to_course, tell_last_page
from courses.viewsets.job_aids import JobAidViewSet
from courses.viewsets.submitting import (
    tell_empty_course,
    tell_hidden_lesson,
    tell_left_out,
    tell_untranslated,
)
from courses.viewsets.training import TrainingGroup
from courses.what_changed import screens as what_changed


class TopicViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = Topic
    name = "topics"
    icon = "tag"
    menu_label = _("Topics")
    menu_order = 130
    add_to_admin_menu = True
    list_display = [
        "name",
        "name_en",
        "slug",
        Column("hour_category", label=_("category of its hours"), accessor="get_hour_category_display"),
        "sort_order",
    ]
    form_fields = ["name", "name_en", "hour_category", "sort_order"]
    copy_view_enabled = False


# A topic says for which category its hours count.
allow_bank_wide(Role.TRAINER, "courses.topic", "add", "change", "delete")
allow_model(Role.TRAINER, "courses.topic", "view")
for _role in (Role.TRAINER, Role.HR):
    allow_bank_wide(_role, "courses.jobaid", "add", "change", "delete")
    allow_bank_wide(_role, "courses.bankaddition", "add", "change", "delete")
for _role in (Role.TRAINER, Role.HR, Role.REVIEWER, Role.AUDITOR):
    allow_model(_role, "courses.jobaid", "view")
    allow_model(_role, "courses.bankaddition", "view")


# Course settings hold at once, so whoever may publish words may change them.
allow_model(Role.REVIEWER, "courses.course", "change", "view")
allow_model(Role.TRAINER, "courses.course", "view", "change")
allow_model(Role.AUDITOR, "courses.course", "view")
allow(Role.TRAINER, "simple_translation.submit_translation")


@hooks.register("register_admin_viewset")
def register_courses():
    return [CourseViewSet(), TopicViewSet(), JobAidViewSet(), BankAdditionViewSet(), TrainingGroup()]


hooks.register("academy_home_panels", programmes.home_panels)
hooks.register("academy_todo_items", programmes.todo_items)
hooks.register("academy_person_panels", programmes.person_panels)
hooks.register("academy_menu_items", menu_items)
hooks.register("academy_phone_items", phone_items)
hooks.register("academy_home_asks", asks_of_home)
hooks.register("academy_home_panels", home_panels)
hooks.register("academy_home_panels", hours_panel)
hooks.register("academy_todo_items", todo_items)
hooks.register("academy_todo_items", classroom.todo_items)
hooks.register("academy_todo_items", what_changed.todo_items)
hooks.register("academy_home_asks", trying.asks_of_home)
hooks.register("academy_todo_items", trying.todo_items)
hooks.register("academy_shortcuts", shortcuts)
hooks.register("after_publish_page", tell_empty_course)
hooks.register("after_publish_page", tell_hidden_lesson)
hooks.register("after_publish_page", tell_left_out)
hooks.register("after_publish_page", tell_untranslated)
hooks.register("before_delete_page", tell_last_page)
hooks.register("after_delete_page", go_back_to_course)
hooks.register("before_move_page", refuse_moving_what_counts)
hooks.register("academy_waiting_items", waiting_items)
hooks.register("academy_waiting_items", waiting_additions)


@hooks.register("register_admin_search_area")
def search_courses() -> ListSearchArea:
    return ListSearchArea(_("Courses"), "course_admin:index", Course, icon="openquote", order=20)
