"""A requirement that is asked only of some posts: on the learner's pages, in what HR writes and reads, and in decisions."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import CareerLevel, Position, Role, User
from academy.staff.people import post_person
from certificates.award.all_met import award_all_met
from certificates.award.awarding import import_history
from certificates.deciding.plan import DecisionPlan
from certificates.deciding.proposing import propose_decision
from certificates.models import Certification, CertificationTrack, ImpactPreview, Requirement, RuleVersion
from certificates.receivers import courses_of_held_tracks
from certificates.register.counting import counting_of
from certificates.register.cycle_hours import cycle_hours
from certificates.rules.evidence import histories_of
from certificates.rules.judging import judge
from certificates.team.recommending import recommend
from courses.models import Course, CourseQuiz, Enrolment
from tests.cast import OPENED, bank, person
from tests.certificates.impact.test_impact import asking, form_of
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


class World:
    """A certificate that asks everybody for one course, and tellers and the lobby for a second one."""

    def __init__(self) -> None:
        self.branches = bank()
        self.teller, self.lobby, self.second = (
            Position.objects.create(code=code, name=name, name_en=name_en, line="operations")
            for code, name, name_en in (
                ("teller", "柜员", "Teller"),
                ("lobby", "大堂经理", "Lobby manager"),
                ("second", "二线岗位", "Second line"),
            )
        )
        self.etiquette, self.ageing = course_of("etiquette"), course_of("ageing")
        level = CareerLevel.objects.create(code="SVC", name="服务资格", name_en="Service Certificate")
        self.track = CertificationTrack.objects.create(
            code="service", level=level, name="服务认证", award="automatic", mode="completion"
        )
        self.version = RuleVersion.objects.create(track=self.track, number=1, effective_from=OPENED)
        self.asks("course", course=self.etiquette)
        self.narrowed = self.asks("course", [self.teller, self.lobby], course=self.ageing)

    def asks(self, kind: str, only: list[Position] = (), **fields) -> Requirement:
        made = Requirement.objects.create(rule_version=self.version, kind=kind, **fields)
        made.only_positions.set(only)
        made.save()
        return made

    def posted(self, number: str, name: str, position: Position) -> User:
        made = person(number, name, self.branches["BJ01"])
        made.postings.update(position=position)
        return made

    def moves(self, who: User, position: Position) -> None:
        post_person(
            person=who,
            branch=self.branches["BJ01"],
            position=position,
            effective_from=timezone.localdate(),
            now=timezone.now(),
            actor=None,
        )

    def completes(self, who: User, *courses: Course) -> None:
        for course in courses:
            Enrolment.objects.create(
                learner=who, course=course, completed_at=timezone.now(), completed_on=timezone.localdate()
            )
        award_all_met(person=who, now=timezone.now())


@pytest.fixture
def world():
    return World()


@pytest.fixture
def hr(world):
    return person("300001", "苏映雪", world.branches["HO"], roles=[Role.HR])


def ladder(client, who: User) -> str:
    client.force_login(who)
    return client.get(reverse("home")).text.partition("ladder-title")[2]


def test_a_teller_is_asked_the_second_line_is_not_until_posted_as_teller(client, world):
    teller = world.posted("100001", "莫晓岚", world.teller)
    others = world.posted("100002", "康子默", world.second)
    ageing = str(world.ageing)

    assert ageing in ladder(client, teller)
    before = ladder(client, others)
    assert str(world.etiquette) in before and ageing not in before

    world.moves(others, world.teller)

    assert ageing in ladder(client, others)
    world.completes(others, world.etiquette)
    assert not Certification.objects.exists()
    world.completes(others, world.ageing)
    assert Certification.objects.get().person == others


def test_what_was_awarded_stays_awarded_and_says_what_was_not_asked(client, world, hr):
    holder = world.posted("100002", "康子默", world.second)
    world.completes(holder, world.etiquette)
    awarded = Certification.objects.get()

    world.moves(holder, world.teller)

    judged = judge(person=holder, track=world.track, today=timezone.localdate())
    assert judged.current == awarded and judged.is_held(timezone.localdate()) and judged.purpose is None
    assert awarded.evidence[1:] == [{"requirement": world.narrowed.pk, "kind": "course", "not_asked": True}]
    client.force_login(hr)
    page = client.get(reverse("register:certificate", args=[awarded.certificates.get().pk])).text
    assert f"{world.ageing}（该岗位不适用）" in page
    # Asked again once it is to be earned anew.
    later = judge(person=holder, track=world.track, today=awarded.valid_through + timedelta(days=1000))
    assert [line.asked.pk for line in later.standing.lines][-1] == world.narrowed.pk


def test_of_two_posts_one_is_enough_and_who_has_none_is_not_asked(world):
    both, none = (world.posted(number, name, world.second) for number, name in (("1", "林一"), ("2", "林二")))
    own = both.postings.get()
    both.postings.create(
        branch=own.branch, position=world.lobby, effective_from=own.effective_from, primary=False, kind=own.kind
    )
    none.postings.update(effective_until=timezone.localdate() - timedelta(days=1))

    asked = {
        who: [
            line.asked.course
            for line in judge(person=who, track=world.track, today=timezone.localdate()).standing.lines
        ]
        for who in (both, none)
    }

    assert asked == {both: [world.etiquette.pk, world.ageing.pk], none: [world.etiquette.pk]}


def test_hr_says_of_whom_it_is_asked_reads_what_changes_and_the_version_keeps_it(client, world, hr):
    client.force_login(hr)
    form = client.get(reverse("rules:add") + f"?track={world.track.pk}").text
    assert "仅对这些岗位" in form and "不选则对所有人适用" in form
    teller = world.posted("100001", "莫晓岚", world.teller)
    Enrolment.objects.create(
        learner=teller, course=world.etiquette, completed_at=timezone.now(), completed_on=timezone.localdate()
    )

    rows = asking(world.etiquette), {**asking(world.ageing), "only_positions": [world.lobby.pk]}
    answer = client.post(reverse("rules:add"), form_of(world.track, timezone.localdate(), *rows))
    assert answer.status_code == 302, answer.context["form"].errors
    preview = ImpactPreview.objects.get()
    page = client.get(reverse("rules:impact", args=[preview.pk])).text

    assert "仅对：大堂经理、柜员" in page and "仅对：大堂经理" in page
    assert [(row.person, row.effect, row.before) for row in preview.rows.all()] == [
        (teller, "gains", [world.narrowed.pk])
    ]
    client.post(reverse("rules:impact", args=[preview.pk]), {"do": "save"})
    saved = RuleVersion.objects.get(number=2)
    assert [list(row.only_positions.all()) for row in saved.requirements.all()] == [[], [world.lobby]]
    shown = client.get(reverse("rules:inspect", args=[saved.pk])).text
    assert shown.count("仅对：大堂经理") == 1
    hr.language = "en"
    hr.save()
    assert "only for: Lobby manager" in client.get(reverse("rules:inspect", args=[saved.pk])).text
    # The copy for the next version asks it of the same.
    again = client.get(reverse("rules:add") + f"?track={world.track.pk}").context["form"]
    copied = [list(row.instance.only_positions.all()) for row in again.formsets["requirements"].forms[:2]]
    assert copied == [[], [world.lobby]]


def test_a_post_of_which_something_is_asked_is_not_deleted(client, world, hr):
    """Without it the requirement would be asked of everybody."""
    client.force_login(hr)

    told = client.post(reverse("positions:delete", args=[world.lobby.pk]), follow=True).context["messages"]

    assert world.narrowed.only_positions.count() == 2
    assert "有认证要求指定了该岗位" in "".join(map(str, told))


def test_nothing_is_waived_that_is_not_asked_nor_everything_that_is(world, hr):
    """The course of the counter leaves the second line nothing to be met once theirs is waived."""
    others, teller = world.posted("100002", "康子默", world.second), world.posted("100001", "莫晓岚", world.teller)

    def waive(who: User, course: Course):
        plan = DecisionPlan("waive", world.track, timezone.localdate(), about=f"course:{course.pk}")
        return propose_decision(plan=plan, people=[who], reason="免修", actor=hr, now=timezone.now())

    for course, why in ((world.ageing, "仅适用于大堂经理、柜员"), (world.etiquette, "没有任何要求需要满足")):
        with pytest.raises(RuleViolation) as refused:
            waive(others, course)
        assert why in str(refused.value.message)
    waive(teller, world.etiquette)


def test_the_second_line_practises_nothing_of_what_only_the_counter_is_asked(world):
    teller, others = world.posted("1", "林一", world.teller), world.posted("2", "林二", world.second)
    for course in (world.etiquette, world.ageing):
        CourseQuiz.objects.create(course=course, quiz=quiz_of(bank_of(1, course.code), 1, code=course.code))
    for who in (teller, others):
        import_history(
            person=who,
            track=world.track,
            awarded_on=timezone.localdate(),
            valid_through=timezone.localdate() + timedelta(days=300),
            now=timezone.now(),
            actor=None,
        )

    found = {who: [source.key for source in courses_of_held_tracks(who)] for who in (teller, others)}

    assert found == {teller: ["ageing", "etiquette"], others: ["etiquette"]}


def test_nobody_recommends_whose_post_is_not_asked_for_it(world):
    world.asks("recommendation", [world.lobby])
    boss = world.posted("4", "贺兰舟", world.lobby)
    asked, others = world.posted("100003", "丁秀禾", world.lobby), world.posted("100002", "康子默", world.second)
    today = {"manager": boss, "track": world.track, "words": "可以", "now": timezone.now()}

    with pytest.raises(RuleViolation):
        recommend(person=others, **today)
    assert recommend(person=asked, **today).person == asked


def test_the_register_asks_for_the_hours_of_the_post(world):
    for only, amount in (([], 12), ([world.teller], 24)):
        world.asks("hours", only, amount=amount, lasts="span", purpose="renewal")
    teller, others = world.posted("1", "林一", world.teller), world.posted("2", "林二", world.second)
    world.completes(teller, world.etiquette, world.ageing)
    world.completes(others, world.etiquette)
    certificates = {row.person: row.certificates.get() for row in Certification.objects.all()}
    posts = {teller.pk: {world.teller.pk}, others.pk: {world.second.pk}}

    hours = cycle_hours(list(certificates.values()), timezone.localdate(), None, posts)

    assert {who: hours[row.pk][0] for who, row in certificates.items()} == {teller: 24, others: 12}


def test_evidence_does_not_grow_old_by_what_only_other_posts_are_asked(world):
    Requirement.objects.filter(pk=world.narrowed.pk).update(lasts="within", lasts_months=12)
    teller, others = world.posted("1", "林一", world.teller), world.posted("2", "林二", world.second)
    today = timezone.localdate()
    old = today - timedelta(days=500)

    said = {who: counting_of(who, today).of("course", old, course=world.ageing.pk) for who in (teller, others)}

    assert said == {teller: "expired", others: "evidence"}


def test_the_rules_are_read_in_one_query_more_however_many_they_are(world):
    for number in range(3):
        with CaptureQueriesContext(connection) as captured:
            histories_of([world.track.pk], timezone.localdate())
        named = [query["sql"] for query in captured if "requirement_only_positions" in query["sql"]]
        assert len(named) == 1, number
        world.asks("course", [world.teller], course=course_of(f"more-{number}"))
