"""Training of people in the admin's menu: classroom sessions, the hours, the register and what a year asks of them."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSetGroup

from academy.models import Role
from academy.staff.groups import allow_bank_wide, allow_model
from courses.classroom.access import ORGANISERS
from courses.viewsets.classes import ClassViewSet
from courses.viewsets.course_hours import CourseHoursViewSet
from courses.viewsets.hours import HourViewSet, QuotaViewSet
from courses.viewsets.least_reading import LeastReadingViewSet
from courses.viewsets.programmes import ProgrammeViewSet
from courses.viewsets.register import TrainingRegisterViewSet

for _role in (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR, Role.AUDITOR):
    allow_model(_role, "courses.hourentry", "view")
for _role in ORGANISERS:
    allow_model(_role, "courses.classsession", "add", "change", "view")
allow_model(Role.AUDITOR, "courses.classsession", "view")
for _role in (Role.HR, Role.ADMINISTRATOR):
    allow_bank_wide(_role, "courses.hourquota", "add", "change")
    allow_model(_role, "courses.hourquota", "view")
    allow_bank_wide(_role, "courses.programme", "add", "change")
    allow_model(_role, "courses.programme", "view")
for _role in (Role.HR, Role.TRAINER):
    allow_bank_wide(_role, "courses.leastreading", "change")
    allow_model(_role, "courses.leastreading", "view")
allow_model(Role.AUDITOR, "courses.leastreading", "view")
allow_model(Role.AUDITOR, "courses.programme", "view")
allow_model(Role.AUDITOR, "courses.hourquota", "view")


class TrainingGroup(ViewSetGroup):
    menu_label = _("Trainings")
    menu_icon = "time"
    menu_order = 205
    items = (
        ProgrammeViewSet,
        ClassViewSet,
        HourViewSet,
        CourseHoursViewSet,
        TrainingRegisterViewSet,
        QuotaViewSet,
        LeastReadingViewSet,
    )
