"""What is kept shows the same as what is computed, after whatever was done and however much time has passed."""

import random
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.duties.assignments.acts import create_assignment, extend_rows, withdraw_assignment
from academy.duties.assignments.evaluating import evaluate_assignment, rows_of
from academy.models import Audience, CalendarException, CareerLevel, Leave, Role
from academy.requests.kept.watching import watched_tables
from academy.staff.people import post_person, rename_person
from academy.staff.roles import end_grant, grant_role
from certificates.award.awarding import import_history, revoke_certification
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from certificates.posts.asking import require_level
from courses.models import ClassSession, CourseAssignment, CoursePage, HourQuota, LessonPage
from courses.models.classroom import Attendee
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from quizzes.attempts import start_attempt
from quizzes.attempts.closing import submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.models import Attempt, PracticeDay, Question
from quizzes.practice.book import add_by_hand
from tests.cast import bank, person, position
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|data-token="[^"]+"')
# Read while an answer is computed though no version follows from them, and why that is right.
READ_WITHOUT = {
    # Of papers that are over, whose answers stand; what is decided of them changes the paper as well.
    "quizzes_answer",
    # A version is frozen when it is published, and publishing changes its question.
    "quizzes_questionversion",
    # Asked anew by every page, to know under which versions it looks.
    "academy_factsversion",
    "django_session",
    "wagtailusers_userprofile",
    # Counted anew by every page.
    "academy_notice",
}


class World:
    """A bank of two with everything that a page reads, and the acts that change it. Each act may be done at any time."""

    def __init__(self, client) -> None:
        self.client, self.clock = client, START
        branches = bank()
        self.branches = branches
        self.hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR], posted=date(2025, 1, 1))
        self.learner = person("100001", "欧阳文澜", branches["BJ01"], posted=date(2026, 1, 5), language="zh-hans")
        self.other = person("100002", "谢长宁", branches["BJ01"], posted=date(2026, 1, 5))
        self.quiz = quiz_of(bank_of(3), 2, attempts_allowed=None, wait_minutes=0, wait_later_minutes=0)
        self.courses = [course_of("one", lessons=2, quiz=self.quiz), course_of("two", lessons=1)]
        for course in self.courses:
            course.quizzes_after_lessons = False
            course.save()
        self.track = self._track()
        self.audience = Audience.objects.create(name="北京", branch=branches["BJ"])

    def _track(self) -> CertificationTrack:
        level = CareerLevel.objects.create(code="CM1", rank=1, name="等级1", name_en="one")
        track = CertificationTrack.objects.create(code="cm1", name="认证1", level=level)
        version = RuleVersion.objects.create(track=track, number=1, effective_from=date(2026, 1, 1))
        for kind, fields in (
            (Requirement.Kind.COURSE, {"course": self.courses[0]}),
            (Requirement.Kind.MONTHS_IN_POST, {"amount": 11}),
        ):
            Requirement.objects.create(rule_version=version, kind=kind, **fields)
        # Asked from the day on which the post is moved.
        narrowed = Requirement.objects.create(rule_version=version, kind="course", course=self.courses[1])
        narrowed.only_positions.set([position(f"post-{day:02}") for day in range(1, 32)])
        narrowed.save()
        return track

    @property
    def now(self) -> datetime:
        return timezone.now()

    @property
    def today(self) -> date:
        return timezone.localdate()

    def acts(self) -> list:
        names = [name for name in dir(self) if name.startswith("act_")]
        return [getattr(self, name) for name in names]

    def _enrolment(self):
        return enrol(learner=self.learner, course=self.courses[0], now=self.now)

    def act_enrol(self):
        self._enrolment()

    def act_open_a_lesson(self):
        lesson = random.Random(self.now.isoformat()).choice(list(self.courses[0].lessons.all()))
        record_opening(enrolment=self._enrolment(), lesson=lesson, now=self.now)

    def act_do_a_lesson(self):
        enrolment = self._enrolment()
        lesson = self.courses[0].lessons.exclude(progress__done_at__isnull=False).first()
        if lesson is not None:
            progress = record_opening(enrolment=enrolment, lesson=lesson, now=self.now)
            mark_lesson_done(progress=progress, has_check=False, now=self.now)

    def act_sit_the_quiz(self):
        self._enrolment()
        open_paper = Attempt.objects.open().filter(learner=self.learner).first()
        attempt = open_paper or start_attempt(quiz=self.quiz, learner=self.learner, language="zh-hans", now=self.now)
        if open_paper is not None:
            for place in attempt.paper:
                save_answer(
                    attempt=attempt, slot=place["slot"], response={"choice": 0}, tab="t", sequence=1, now=self.now
                )
            follow_up(attempt=submit_attempt(attempt=attempt, now=self.now), now=self.now)

    def act_award(self):
        import_history(
            person=self.learner,
            track=self.track,
            awarded_on=self.today - timedelta(days=300),
            valid_through=self.today + timedelta(days=20),
            now=self.now,
            actor=None,
        )

    def act_revoke(self):
        for certification in Certification.objects.filter(person=self.learner, ending=None)[:1]:
            revoke_certification(certification=certification, reason="重大差错", now=self.now, actor=self.hr)

    def act_go_on_leave(self):
        Leave.objects.create(
            person=self.learner, effective_from=self.today, effective_until=self.today + timedelta(days=1)
        )

    def act_assign(self):
        made = CourseAssignment(
            course=self.courses[1],
            audience=self.audience,
            effective_from=self.today,
            due_date=self.today + timedelta(days=3),
        )
        create_assignment(assignment=made, now=self.now, actor=self.hr)
        evaluate_assignment(assignment=made, now=self.now)

    def act_extend(self):
        for course_assignment in CourseAssignment.objects.filter(withdrawn_at=None)[:1]:
            extend_rows(
                rows=rows_of(course_assignment), due_on=None, days=5, reason="系统切换", now=self.now, actor=self.hr
            )

    def act_withdraw(self):
        for course_assignment in CourseAssignment.objects.filter(withdrawn_at=None)[:1]:
            withdraw_assignment(assignment=course_assignment, reason="课程改版", now=self.now, actor=self.hr)

    def act_move_the_post(self):
        code = f"post-{self.today:%d}"
        post_person(
            person=self.learner,
            branch=self.branches["SH01"],
            position=position(code),
            effective_from=self.today,
            now=self.now,
            actor=self.hr,
        )

    def act_ask_for_a_level(self):
        require_level(
            level=self.track.level,
            within_days=20 + self.today.day,
            effective_from=self.today,
            now=self.now,
            actor=self.hr,
            position=position(f"post-{self.today:%d}"),
        )

    def act_publish_a_course(self):
        page = CoursePage.objects.get(course=self.courses[0])
        page.title = f"课程 {self.now:%H%M%S}"
        page.save_revision().publish()

    def act_publish_a_lesson(self):
        page = LessonPage.objects.filter(lesson__course=self.courses[0]).first()
        page.title = f"节 {self.now:%H%M%S}"
        page.save_revision().publish()

    def act_take_a_lesson_offline(self):
        page = LessonPage.objects.filter(lesson__course=self.courses[0]).last()
        page.unpublish() if page.live else page.save_revision().publish()

    def act_grant(self):
        grant_role(person=self.learner, role=Role.LINE_MANAGER, branch=self.branches["BJ"], now=self.now, actor=self.hr)

    def act_end_a_grant(self):
        for grant in self.learner.role_grants.filter(withdrawn_at=None, effective_until=None)[:1]:
            end_grant(grant=grant, last_day=self.today, now=self.now, actor=self.hr, reason="轮岗")

    def act_rename_who_assigned(self):
        name = f"苏{self.now:%M%S}"
        rename_person(person=self.hr, display_name=name, now=self.now, actor=None, reason="笔误")

    def act_ask_hours_of_the_year(self):
        HourQuota.objects.update_or_create(from_year=self.today.year, category="", defaults={"hours": self.now.minute})

    def act_practise(self):
        version = self.quiz.slots.first().question.current_version if self.quiz.slots.first().question else None
        places = [{"slot": 1, "version": version.pk if version else 0, "order": {}, "why": "new"}]
        PracticeDay.objects.get_or_create(
            person=self.learner, day=self.today, defaults={"places": places, "begun_at": self.now}
        )

    def act_put_a_question_into_the_book(self):
        version = Question.objects.filter(current_version__isnull=False).first().current_version
        add_by_hand(person=self.learner, version=version, now=self.now)

    def act_holiday(self):
        CalendarException.objects.create(name="假日", first_day=self.today, last_day=self.today)

    def act_invite_to_a_class(self):
        session = ClassSession.objects.create(
            title=f"课堂 {self.now:%H%M%S}",
            hours=2,
            branch=self.branches["BJ01"],
            starts_at=self.now + timedelta(hours=1),
            ends_at=self.now + timedelta(hours=2),
            place="三层",
            lecturer="苏映雪",
        )
        Attendee.objects.create(session=session, person=self.learner, origin=Attendee.Origin.values[0])

    def act_nothing(self):
        """Time alone."""


PAGES = ("/", "/my/todo/", "/zh-hans/one/", "/zh-hans/two/", "/zh-hans/one/lesson-1/")


def shown(client, address: str) -> bytes:
    return TOKEN.sub(b"", re.sub(rb'nonce="[^"]+"', b"", client.get(address).content))


def test_what_is_kept_is_what_would_be_computed(client):
    chosen = random.Random(1)
    with time_machine.travel(START, tick=False) as clock:
        world = World(client)
        acts = world.acts()
        chosen.shuffle(acts)
        client.force_login(world.learner)
        for act in acts:
            act()
            for address in PAGES[:2] + tuple(chosen.sample(PAGES[2:], 1)):
                kept = shown(client, address)
                caches["kept"].clear()
                assert kept == shown(client, address), (act.__name__, address)
            clock.shift(chosen.choice([timedelta(seconds=61), timedelta(minutes=70), timedelta(hours=15)]))


def tables_read(captured) -> set[str]:
    return {name for query in captured for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}


def test_every_table_that_an_answer_is_computed_from_raises_a_version(client):
    """Fails where a rule begins to read a table that nobody watches: there a page would show what is no longer so."""
    with time_machine.travel(START, tick=False):
        world = World(client)
        client.force_login(world.learner)
        for act in world.acts():
            act()
        grant_role(
            person=world.learner, role=Role.INVIGILATOR, branch=world.branches["BJ"], now=world.now, actor=world.hr
        )
        unkept = {"academy_user"} | READ_WITHOUT
        caches["kept"].clear()
        with CaptureQueriesContext(connection) as captured:
            for address in PAGES:
                assert client.get(address).status_code == 200

    read = tables_read(captured)
    assert {"courses_lessonprogress", "certificates_requirement", "academy_leave", "quizzes_attempt"} <= read
    assert read - watched_tables() - unkept == set()


def test_who_comes_again_costs_no_more_than_the_shell(client):
    """The versions are asked in one query, and what is kept in none."""
    with time_machine.travel(START, tick=False):
        world = World(client)
        client.force_login(world.learner)
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")

    assert "academy_factsversion" in tables_read(captured)
    assert tables_read(captured) <= READ_WITHOUT | {
        "academy_user",
        "academy_rolegrant",
        "academy_branch",
        "academy_leave",
    }
