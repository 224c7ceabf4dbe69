"""Every pass of the clock with one row that the database refuses to write: it is set aside by name, the other goes on."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from academy.calendar.clock import DAILY_PASSES, MINUTE_PASSES
from academy.dates.due_dates import DueFrom
from academy.jobs.daily import DAILY
from academy.models import Audience, CareerLevel, FailedTurn, ImportRun, Job, Notice, NoticeDelivery, Role, User
from academy.staff.people import end_employment
from certificates.award.awarding import import_history
from certificates.models import (
    AwardCandidate,
    Certificate,
    Certification,
    CertificationRound,
    CertificationTrack,
    Recommendation,
    RoundApplication,
)
from certificates.models.rounds import DAYS
from courses.models import CourseAssignment, CoursePage, HourEntry, Passage
from courses.progress.learning import enrol, heal_completions
from quizzes.models import (
    Attempt,
    Calibration,
    DialogueEnding,
    Observation,
    QuestionFile,
    QuestionImport,
    QuestionVersion,
    QuizStatistics,
)
from tests.academy.house_rules.factories import rule_of
from tests.cast import bank, person
from tests.certificates.award.test_candidates import track_of
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.observing.cast import practice

pytestmark = pytest.mark.django_db
NOW, TODAY = timezone.now, timezone.localdate

# Passes without rows of their own, and what they do instead.
WITHOUT_ROWS = {
    "seal the journal": "a chain in its order, sealed whole in one transaction",
    "forget old daily passes": "one statement over rows that nothing refers to",
    "forget failed sign-ins": "one statement over rows that nothing refers to",
    "sum up versions of facts": "two statements over rows that nothing refers to",
    "outside documents that end": "one statement of notices; it writes nothing at the documents",
    "tell the head of the journal": "one statement to a handful of auditors",
    "statistics of new results, ask": "asks for work each ten minutes; a worker sets aside what raises",
    "clear away what was left half written": "files; one that cannot be removed is passed over",
}


def refuse(model, event: str, column: str, row) -> None:
    """The database refuses to write this row, whoever asks."""
    table, side = model._meta.db_table, "OLD" if event == "DELETE" else "NEW"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER refused_{table} BEFORE {event} ON {table} WHEN {side}.{column} = {int(row)} "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )


class World:
    def __init__(self) -> None:
        self.branches = bank()
        self.head = person("900001", "严守正", self.branches["HO"], roles=[Role.ADMINISTRATOR])

    def two(self, **fields) -> list[User]:
        return [
            person(f"10000{n}", "林见鹿", self.branches["BJ01"], email=f"s{n}@bank.example", **fields) for n in (1, 2)
        ]

    def papers(self, **values) -> list[Attempt]:
        quiz = quiz_of(bank_of(1), 1)
        return [
            Attempt.objects.create(
                quiz=quiz,
                learner=learner,
                occasion="x",
                number=1,
                language="zh-hans",
                paper=[],
                pass_mark=60,
                max_mark=2,
                **values,
            )
            for learner in self.two()
        ]

    def certificates(self) -> list[Certificate]:
        level = CareerLevel.objects.create(code="CM1", rank=1, name="等级一")
        track = CertificationTrack.objects.create(code="cm1", name="认证", level=level)
        for one in self.two():
            import_history(
                person=one,
                track=track,
                awarded_on=TODAY() - timedelta(days=30),
                valid_through=TODAY() + timedelta(days=300),
                now=NOW() - timedelta(hours=1),
                actor=None,
            )
        Certificate.objects.update(pdf_digest="", pdf_size=None, rendered_at=None, issued_at=NOW() - timedelta(hours=1))
        return list(Certificate.objects.order_by("pk"))

    def enrolments(self, **values) -> list:
        course = course_of("etiquette")
        made = [enrol(learner=one, course=course, now=NOW()) for one in self.two()]
        for one in made:
            one.lessons.create(lesson=course.lessons.get(), opened_at=NOW(), done_at=NOW())
        type(made[0]).objects.update(**values)
        return made

    def notices(self, people: list[User]) -> list[Notice]:
        return [Notice.objects.create(person=one, kind="import_done", event="x", facts={"file": "a"}) for one in people]


def take_up_long_work(world, settings):
    late = NOW() - timedelta(hours=1)
    jobs = [
        Job.objects.create(
            kind=DAILY,
            name="no such pass",
            state="running",
            holder="x",
            leased_until=late,
            details={"day": str(TODAY())},
        )
        for _number in range(2)
    ]
    refuse(Job, "UPDATE", "id", jobs[0].pk)
    return jobs[0].pk, lambda: Job.objects.get(pk=jobs[1].pk).state == "waiting"


def forget_files_of_long_work(world, settings):
    past = NOW() - timedelta(days=9)
    jobs = [
        Job.objects.create(kind=DAILY, state="done", finished_at=past, file=f"jobs/{n}.zip", kept_until=past)
        for n in range(2)
    ]
    refuse(Job, "UPDATE", "id", jobs[0].pk)
    return jobs[0].pk, lambda: Job.objects.get(pk=jobs[1].pk).file == ""


def derive_groups_from_grants(world, settings):
    two = world.two(roles=[Role.TRAINER])
    through = User.groups.through
    through.objects.filter(user__in=two).delete()
    refuse(through, "INSERT", "user_id", two[0].pk)
    return two[0].pk, two[1].groups.exists


def close_accounts_of_leavers(world, settings):
    two = world.two()
    for one in two:
        end_employment(person=one, last_day=TODAY() - timedelta(days=1), now=NOW(), actor=None, reason="离职")
    User.objects.update(is_active=True)
    refuse(User, "UPDATE", "id", two[0].pk)
    return two[0].pk, lambda: not User.objects.get(pk=two[1].pk).is_active


def forget_old_import_files(world, settings):
    runs = [
        ImportRun.objects.create(
            kind="staff", file_name="a.csv", digest="x", size=1, state="done", finished_at=NOW() - timedelta(days=900)
        )
        for _number in range(2)
    ]
    for run in runs:
        run.lines.create(part=1, row=1, outcome="new")
    refuse(runs[0].lines.model, "DELETE", "run_id", runs[0].pk)
    return runs[0].pk, lambda: not runs[1].lines.exists()


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


def route_notices(world, settings):
    settings.NOTICES_BY_MAIL = True
    notices = world.notices(world.two())
    refuse(NoticeDelivery, "INSERT", "notice_id", notices[0].pk)
    return notices[0].pk, notices[1].deliveries.exists


def send_notices(world, settings):
    """A message has tries of its own, which HR sees with what the other side said."""
    settings.NOTICES_BY_MAIL = True
    made = [
        NoticeDelivery.objects.create(
            notice=notice,
            channel="mail",
            state="queued",
            queued_at=NOW(),
            next_try_at=NOW() - timedelta(hours=2 - number),
        )
        for number, notice in enumerate(world.notices(world.two()))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER refused BEFORE UPDATE ON {NoticeDelivery._meta.db_table} "
            f"WHEN NEW.id = {made[0].pk} AND NEW.state = 'sent' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    return (
        None,
        lambda: list(NoticeDelivery.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "sent"],
    )


def tell_who_is_back(world, settings):
    two = world.two()
    for notice in world.notices(two):
        NoticeDelivery.objects.create(notice=notice, channel="mail", state="held", queued_at=NOW())
    refuse(Notice, "INSERT", "person_id", two[0].pk)
    return two[0].pk, lambda: two[1].notices.filter(kind="academy.after_leave").exists()


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


def who_is_due_for_erasure(world, settings):
    settings.RETENTION_YEARS = 1
    gone = person("100009", "沈不言", world.branches["BJ01"], posted=TODAY() - timedelta(days=2000))
    end_employment(person=gone, last_day=TODAY() - timedelta(days=1500), now=NOW(), actor=None, reason="离职")
    two = [person(f"30000{n}", "苏映雪", world.branches["HO"], roles=[Role.HR]) for n in (1, 2)]
    refuse(Notice, "INSERT", "person_id", two[0].pk)
    return two[0].pk, two[1].notices.exists


def close_overdue_attempts(world, settings):
    made = world.papers(state="in_progress", check_at=NOW() - timedelta(days=1), deadline=NOW() - timedelta(days=1))
    refuse(Attempt, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Attempt.objects.get(pk=made[1].pk).finished_at is not None


def repeat_follow_ups(world, settings):
    made = world.papers(state="finished", mark=1, passed=False, finished_at=NOW(), released_at=NOW())
    refuse(Attempt, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Attempt.objects.get(pk=made[1].pk).followed_up_at is not None


def statistics_of_quizzes(world, settings):
    one, two = world.papers(state="finished", mark=1, passed=True, finished_at=NOW(), released_at=NOW())
    two.quiz = quiz_of(bank_of(0), 1, code="other")
    two.save()
    refuse(QuizStatistics, "INSERT", "quiz_id", one.quiz_id)
    return one.quiz_id, lambda: QuizStatistics.objects.filter(quiz=two.quiz).exists()


def keys_that_closings_opened(world, settings):
    category = bank_of(2)
    made = [quiz_of(category, 1, code=f"q{n}", closes_at=NOW() - timedelta(hours=1)) for n in range(2)]
    type(made[0]).objects.filter(pk=made[0].pk).update(review_matrix="beans")
    return made[0].pk, lambda: True


def forget_unused_pictures(world, settings):
    long_ago = NOW() - timedelta(days=31)
    made = [
        QuestionFile.objects.create(digest=f"{n}" * 64, kind="image/png", content=b"x", created_at=long_ago)
        for n in range(2)
    ]
    refuse(QuestionFile, "DELETE", "id", made[0].pk)
    return made[0].pk, lambda: list(QuestionFile.objects.all()) == made[:1]


def forget_unstored_files(world, settings):
    bank = bank_of(0).bank
    long_ago = NOW() - timedelta(days=31)
    made = [
        QuestionImport.objects.create(bank=bank, language="en", source=b"x", created_at=long_ago)
        for _number in range(2)
    ]
    refuse(QuestionImport, "DELETE", "id", made[0].pk)
    return made[0].pk, lambda: list(QuestionImport.objects.all()) == made[:1]


def questions_follow_house_rules(world, settings):
    rule_of("first-reply", "hours", "3")
    questions = list(bank_of(2).questions.order_by("pk"))
    for question in questions:
        question.tags = "rule:first-reply"
        question.save()
    refuse(QuestionVersion, "INSERT", "question_id", questions[0].pk)
    return questions[0].pk, lambda: questions[1].versions.count() == 2


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


def render_what_waits(world, settings):
    made = world.certificates()
    refuse(Certificate, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Certificate.objects.get(pk=made[1].pk).pdf_digest != ""


def tell_managers_about_the_week(world, settings):
    managers = [person(f"20000{n}", "贺兰舟", world.branches["BJ01"], roles=[Role.LINE_MANAGER]) for n in (1, 2)]
    for one, manager in zip(world.enrolments()[0].course.enrolments.order_by("pk"), managers, strict=True):
        one.learner.postings.update(manager=manager)
    audience = Audience.objects.create(name="北京", branch=world.branches["BJ"])
    assignment = CourseAssignment.objects.create(
        course=course_of("two"),
        audience=audience,
        effective_from=TODAY() - timedelta(days=60),
        due_from=DueFrom.FIXED,
        due_date=TODAY() - timedelta(days=3),
    )
    for user in User.objects.filter(staff_number__in=["100001", "100002"]):
        assignment.people.create(person=user, since=TODAY() - timedelta(days=60), due_on=TODAY() - timedelta(days=3))
    refuse(Notice, "INSERT", "person_id", managers[0].pk)
    return managers[0].pk, lambda: managers[1].notices.filter(kind="certificates.team_week").exists()


def who_stands_ready(world, settings):
    two = world.two()
    track_of()
    refuse(AwardCandidate, "INSERT", "person_id", two[0].pk)
    return two[0].pk, lambda: AwardCandidate.objects.filter(person=two[1]).exists()


def repeat_follow_ups_of_observations(world, settings):
    made = practice()
    rows = [
        Observation.objects.create(
            practice=made,
            person=one,
            asked_by=one,
            state=Observation.State.SCORED,
            terms=made.terms(),
            observed_on=TODAY(),
            score=90,
            passed=True,
            settled_at=NOW() - timedelta(hours=1),
        )
        for one in world.two()
    ]
    refuse(Observation, "UPDATE", "id", rows[0].pk)
    return rows[0].pk, lambda: Observation.objects.get(pk=rows[1].pk).followed_up_at is not None


def repeat_follow_ups_of_dialogues(world, settings):
    papers = world.papers()
    version = QuestionVersion.objects.get()
    rows = [
        DialogueEnding.objects.create(
            person=paper.learner, attempt=paper, version=version, slot=1, play=1, kind="won", ended_on=TODAY()
        )
        for paper in papers
    ]
    refuse(DialogueEnding, "UPDATE", "id", rows[0].pk)
    return rows[0].pk, lambda: DialogueEnding.objects.get(pk=rows[1].pk).followed_up_at is not None


def what_recommendations_count(world, settings):
    track, yesterday = track_of(award="automatic"), TODAY() - timedelta(days=1)
    two = world.two()
    rows = [
        Recommendation.objects.create(person=one, track=track, made_on=yesterday, made_by=world.head, words="可以")
        for one in two
    ]
    refuse(Certification, "INSERT", "person_id", two[0].pk)
    return rows[0].pk, lambda: Certification.objects.filter(person=two[1]).exists()


def finished_rounds(world, **values) -> list[CertificationRound]:
    """Two rounds with listed results, whose common award date was yesterday."""
    track, found = track_of(award="automatic"), []
    for _number in range(2):
        days = {name: TODAY() - timedelta(days=30 - 2 * at) for at, (name, _later) in enumerate(DAYS)}
        days |= {"publicity_until": TODAY() - timedelta(days=2), "award_on": TODAY() - timedelta(days=1)}
        facts = dict.fromkeys(("announced_at", "judged_at", "listed_at"), NOW())
        certification_round = CertificationRound(
            track=track, name="批次", rule_version=track.rule_versions.get(), **days, **facts, **values
        )
        certification_round.save()
        found.append(certification_round)
    return found


def results_of_calibrations(world, settings):
    over = TODAY() - timedelta(days=2)
    made = [
        Calibration.objects.create(
            name="案例",
            case="案例",
            branch=world.branches["BJ"],
            rubric=practice(code=f"etiquette{number}").rubric,
            opens_on=over,
            closes_on=over,
            announced_at=NOW(),
            terms={"rubric": {}},
        )
        for number in range(2)
    ]
    refuse(Calibration, "UPDATE", "id", made[0].pk)
    return made[0].pk, lambda: Calibration.objects.get(pk=made[1].pk).told_at is not None


def expired_observations(world, settings):
    made = practice()
    before = NOW() - timedelta(days=70)
    some = [
        Observation.objects.create(practice=made, person=one, asked_by=one, asked_at=before, terms=made.terms())
        for one in world.two()
    ]
    refuse(Observation, "UPDATE", "id", some[0].pk)
    return some[0].pk, lambda: Observation.objects.get(pk=some[1].pk).state == "expired"


def decided_applications(world, people) -> list[RoundApplication]:
    one = finished_rounds(world)[0]
    decided = {"document_number": "人发1号", "decided_at": NOW(), "decided_by": world.head}
    return [
        RoundApplication.objects.create(
            round=one, track=one.track, person=each, applied_by=each, eligible=True, result="passed", rank=1, **decided
        )
        for each in people
    ]


def issue_what_rounds_decided(world, settings):
    two = world.two()
    rows = decided_applications(world, two)
    refuse(Certification, "INSERT", "person_id", two[0].pk)
    return rows[0].pk, lambda: Certification.objects.filter(person=two[1]).exists()


def closing_rounds(world, settings):
    rounds = finished_rounds(world)
    refuse(CertificationRound, "UPDATE", "id", rounds[0].pk)
    return rounds[0].pk, lambda: CertificationRound.objects.get(pk=rounds[1].pk).closed_at is not None


def leavers_of_rounds(world, settings):
    two = world.two()
    rows = decided_applications(world, two)
    for one in two:
        end_employment(person=one, last_day=TODAY() - timedelta(days=1), now=NOW(), actor=None, reason="离职")
    refuse(RoundApplication, "UPDATE", "id", rows[0].pk)
    return rows[0].pk, lambda: RoundApplication.objects.get(pk=rows[1].pk).ending == "left"


def who_waited_for_a_round(world, settings):
    two = world.two()
    finished_rounds(world, closed_at=NOW())
    refuse(Certification, "INSERT", "person_id", two[0].pk)
    return two[0].pk, lambda: Certification.objects.filter(person=two[1]).exists()


SCENES = {
    "take up long work": take_up_long_work,
    "forget files of long work": forget_files_of_long_work,
    "derive groups from grants": derive_groups_from_grants,
    "close accounts of leavers": close_accounts_of_leavers,
    "forget old import files": forget_old_import_files,
    "assignments follow people": assignments_follow_people,
    "route notices": route_notices,
    "send notices, ask": send_notices,
    "remind people, ask": remind_people,
    "tell who is back from leave": tell_who_is_back,
    "who is due for erasure": who_is_due_for_erasure,
    "close overdue attempts": close_overdue_attempts,
    "repeat follow-ups": repeat_follow_ups,
    "repeat follow-ups of dialogues": repeat_follow_ups_of_dialogues,
    "repeat follow-ups of observations": repeat_follow_ups_of_observations,
    "what recommendations count": what_recommendations_count,
    "keys that closings opened": keys_that_closings_opened,
    "expired observations": expired_observations,
    "results of calibrations": results_of_calibrations,
    "forget unused pictures and sounds": forget_unused_pictures,
    "forget files of questions that nobody stored": forget_unstored_files,
    "questions follow house rules": questions_follow_house_rules,
    "statistics of quizzes": statistics_of_quizzes,
    "publish what is due": publish_what_is_due,
    "read lessons for the search": read_lessons_for_the_search,
    "hours of completed courses": hours_of_completed_courses,
    "render what waits, ask": render_what_waits,
    "tell managers about the week": tell_managers_about_the_week,
    "who stands ready": who_stands_ready,
    "issue what rounds decided": issue_what_rounds_decided,
    "close rounds": closing_rounds,
    "leavers of rounds": leavers_of_rounds,
    "who waited for a round": who_waited_for_a_round,
}


def test_every_pass_has_its_scene():
    assert set(MINUTE_PASSES) | set(DAILY_PASSES) == set(SCENES) | set(WITHOUT_ROWS)


@pytest.mark.parametrize("name", SCENES)
def test_a_row_that_is_refused_is_set_aside_and_named_and_the_other_goes_on(name, settings, tmp_path, client):
    settings.PRIVATE_ROOT = tmp_path / "private"
    world = World()
    broken, is_done = SCENES[name](world, settings)

    if name in MINUTE_PASSES:
        MINUTE_PASSES[name](NOW())
    else:
        DAILY_PASSES[name](NOW(), TODAY())

    assert is_done()
    if broken is not None:
        assert list(FailedTurn.objects.values_list("row", flat=True)) == [broken]
        client.force_login(world.head)
        shown = client.get(reverse("jobs:index") + "?state=turns").content.decode()
        assert f" {broken} <span" in shown and FailedTurn.objects.get().name not in shown


def test_every_daily_pass_is_named_in_the_readers_language():
    assert [name for name in DAILY_PASSES if gettext(name) == name] == []


def test_completing_what_was_missed_sets_aside_what_raises_and_counts_the_rest():
    made = World().enrolments()
    refuse(type(made[0]), "UPDATE", "id", made[0].pk)

    assert heal_completions(now=NOW()) == 1

    assert list(FailedTurn.objects.values_list("row", flat=True)) == [made[0].pk]


def test_the_administrators_home_says_how_many_rows_are_set_aside(client):
    client.force_login(World().head)
    FailedTurn.objects.create(name="route notices", row=7, tries=1, next_try_at=NOW())

    shown = client.get(reverse("wagtailadmin_home")).content.decode()

    assert re.search(r'waiting__count">1</strong>\s*<span>条记录在定时处理中出错', shown)
