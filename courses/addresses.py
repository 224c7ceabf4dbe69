"""For whom the teaching floor's addresses are."""

from django.http import Http404
from django.urls import reverse

from academy.addresses import permitted, roles, screens, signed_in
from academy.models import Role
from academy.models.roles import PEOPLE_ROLES
from courses.classroom.access import ORGANISERS
from courses.models import LessonPage, ProgrammeAssignee


def page_of_lesson(page_id: int, step: str) -> str:
    """Where the buttons of a lesson stand; a check at its question."""
    page = LessonPage.objects.live().filter(pk=page_id).first()
    if page is None:
        raise Http404
    return page.url + ("#check" if step == "check" else "")


def page_of_programme(pk: int, task: int = 0) -> str:
    """The page on which the buttons of a row of a programme stand."""
    person = ProgrammeAssignee.objects.filter(pk=pk).values_list("person", flat=True).first()
    if person is None:
        raise Http404
    return reverse("courses:programme_of", args=[person])


signed_in("courses:what_changed")
signed_in("courses:my_tasks courses:team_tasks")
signed_in("courses:my_hours courses:catalogue courses:course")
signed_in("courses:job_aids courses:job_aid courses:job_aid_pdf")
signed_in("courses:programme courses:mentees courses:programme_of")
signed_in("courses:programme_mentor courses:programme_tick", page=page_of_programme)
signed_in("courses:lesson_step", page=page_of_lesson)
signed_in("courses:enrol", page="courses:course code")
signed_in("classroom:sessions classroom:session classroom:sign_in")

screens("course_admin", "courses.course")
permitted("course_admin:submit", "courses.change_course")
permitted("course_admin:drawing", "courses.view_course")
screens("programmes", "courses.programme")
screens("job_aids", "courses.jobaid")
screens("least_reading", "courses.leastreading")
screens("bank_additions", "courses.bankaddition")
permitted("bank_additions:export", "courses.view_bankaddition")
screens("topics", "courses.topic")
screens("class_sessions", "courses.classsession")
permitted("class_sessions:session class_sessions:print class_sessions:attendance", "courses.view_classsession")
permitted("class_sessions:code", "courses.view_classsession")
screens("hour_entries", "courses.hourentry")
roles("hour_entries:enter", *ORGANISERS)
permitted("hour_entries:entry", "courses.view_hourentry")
roles("course_hours:index course_hours:edit", Role.HR)
screens("hour_quotas", "courses.hourquota")
roles("training_register:index training_register:index_results training_register:exports", *PEOPLE_ROLES)
roles("training_register:export training_register:progress", *PEOPLE_ROLES)
roles("training_register:download", *PEOPLE_ROLES)
