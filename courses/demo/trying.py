"""What the demo's people tried of their lessons at work: said, ticked by their manager, and not tried yet."""

from datetime import date, timedelta

from academy.demo.bank import moment
from academy.models import User
from academy.staff.access import team_of
from courses.models import LessonProgress
from courses.progress.trying import say_tried, see_tried

NEWCOMER, MANAGER = "100001", "400001"
# How many days ago it was said, in which words.
OF_THE_NEWCOMER = (
    (20, "晨会前照着做了一遍，衣领和工牌都有遗漏。"),
    (17, "试了三位客户，两位先笑了。"),
    (16, ""),
    (5, "先让客户说完，再复述一遍，对方声音低了下来。"),
    (3, "时间线写了半页，发现少问了一个日期。"),
)
OF_THE_TEAM = (
    (9, "用在一位等候较久的客户身上，有效。"),
    (6, ""),
    (2, "忘了一步，下周再试。"),
)
# The manager read them on this day; what came later waits.
SEEN_AGO = 4


def load_tried(*, people: dict[str, User], today: date) -> None:
    """By the newcomer and three colleagues of the same team. A second call changes nothing."""
    if LessonProgress.objects.filter(tried_at__isnull=False).exists():
        return
    for progress, (ago, words) in zip(_older_and_newer(people[NEWCOMER]), OF_THE_NEWCOMER, strict=False):
        say_tried(progress=progress, words=words, now=moment(today - timedelta(days=ago), 17, 40))
    team = LessonProgress.objects.filter(
        enrolment__learner__in=team_of(people[MANAGER], today).exclude(staff_number=NEWCOMER).values("pk"),
        done_at__date__lt=today - timedelta(days=10),
    )
    first = {row.enrolment.learner_id: row for row in team.select_related("enrolment").order_by("-enrolment", "-pk")}
    for progress, (ago, words) in zip(first.values(), OF_THE_TEAM, strict=False):
        say_tried(progress=progress, words=words, now=moment(today - timedelta(days=ago), 18, 5))
    seen = moment(today - timedelta(days=SEEN_AGO), 9, 20)
    said = LessonProgress.objects.filter(tried_at__lt=seen).values_list("pk", flat=True)
    see_tried(manager=people[MANAGER], rows=said, now=seen)


def _older_and_newer(person: User) -> list[LessonProgress]:
    """Three of the lessons done first, then the two done first of the course that is not finished."""
    done = LessonProgress.objects.filter(enrolment__learner=person, done_at__isnull=False).order_by("done_at")
    finished = done.exclude(enrolment__completed_at=None)
    return [*finished[:3], *done.filter(enrolment__completed_at=None)[:2]]
