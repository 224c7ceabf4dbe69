"""The passes of courses: a scene returns the key of the row that is refused, and whether the other is done."""

from datetime import timedelta

from academy.dates.due_dates import DueFrom
from academy.models import Audience, Notice
from courses.models import CourseAssignment, CoursePage, HourEntry, Passage
from tests.academy.jobs.poisoned.world import NOW, TODAY, refuse
from tests.courses.factories import course_of


def assignments_follow_people(world, settings):
    world.two()
    audience = Audience.objects.create(name="北京", branch=world.branches["BJ"])
    made = [
        CourseAssignment.objects.create(
            course=course_of(code),
            audience=audience,
            effective_from=TODAY(),
            due_from=DueFrom.FIXED,
            due_date=TODAY() + timedelta(days=30),
        )
        for code in ("one", "two")
    ]
    refuse(made[0].people.model, "INSERT", "assignment_id", made[0].pk)
    return made[0].pk, lambda: made[1].people.count() == 2


def remind_people(world, settings):
    two = world.two()
    audience = Audience.objects.create(name="北京", branch=world.branches["BJ"])
    assignment = CourseAssignment.objects.create(
        course=course_of("one"),
        audience=audience,
        effective_from=TODAY(),
        due_from=DueFrom.FIXED,
        due_date=TODAY() + timedelta(days=300),
    )
    for one in two:
        assignment.people.create(person=one, since=TODAY(), due_on=TODAY() + timedelta(days=300))
    refuse(Notice, "INSERT", "person_id", two[0].pk)
    return two[0].pk, lambda: two[1].notices.filter(kind="academy.assigned").exists()


def publish_what_is_due(world, settings):
    pages = [course_of(code).pages.get() for code in ("one", "two")]
    CoursePage.objects.update(live=True, expire_at=NOW() - timedelta(hours=1))
    refuse(type(pages[0]).page_ptr.field.related_model, "UPDATE", "id", pages[0].pk)
    return pages[0].pk, lambda: not CoursePage.objects.get(pk=pages[1].pk).live


def read_lessons_for_the_search(world, settings):
    pages = [course_of(code).pages.get().get_children().get() for code in ("one", "two")]
    Passage.objects.all().delete()
    refuse(Passage, "INSERT", "page_id", pages[0].pk)
    return pages[0].pk, lambda: Passage.objects.filter(page=pages[1].pk).exists()


def hours_of_completed_courses(world, settings):
    made = world.enrolments(completed_at=NOW(), completed_on=TODAY())
    refuse(HourEntry, "INSERT", "enrolment_id", made[0].pk)
    return made[0].pk, lambda: HourEntry.objects.filter(enrolment=made[1]).exists()


SCENES = {
    "assignments follow people": assignments_follow_people,
    "remind people, ask": remind_people,
    "publish what is due": publish_what_is_due,
    "read lessons for the search": read_lessons_for_the_search,
    "hours of completed courses": hours_of_completed_courses,
}
