"""What a person is to do is one list: learner, manager and ladder read the same duties with the same days."""

from collections import Counter

from django.test import RequestFactory
from django.utils import timezone

from academy.duties.duty import duties_of
from academy.models import User
from academy.viewsets.panels import todo_items
from certificates.panels import home_panels
from certificates.team.members import members_of


def seen_by(person: User):
    request = RequestFactory().get("/")
    request.user = person
    return request


def test_the_learners_list_is_the_managers_list_for_everybody():
    today = timezone.localdate()
    people = list(User.objects.employed(today).filter(is_active=True).order_by("pk"))
    kinds = Counter()
    problems = []
    for member in members_of(people, today):
        request = seen_by(member.person)
        items = todo_items(request)
        mine = {(item.about, item.due_on) for item in items if item.about}
        theirs = {(duty.about, None if duty.paused else duty.due_on) for duty, _state in member.duties}
        twice = [key for key, count in Counter((item.title, item.url) for item in items).items() if count > 1]
        # Who is not on the way to a level is shown no ladder, and has no duty about one.
        ladders = [
            steps
            for panel in home_panels(request)
            for steps in map(panel["context"].get, ("steps", "outside"))
            if steps
        ]
        pills = {(duty.about, duty.due_on) for steps in ladders for _step, duty, *_rest in steps if duty is not None}
        levels = {(duty.about, duty.due_on) for duty, _state in member.duties if duty.about.startswith("level:")}
        if mine != theirs or twice or pills != levels:
            problems.append((member.person, mine ^ theirs, twice, pills ^ levels))
        kinds.update(duty.kind for duty, _state in member.duties)
        kinds["running"] += sum(item.running for item in items)

    assert problems == []
    # The demo has somebody in each state, so that the comparison is of something.
    assert {"course", "track", "post", "renewal"} <= set(kinds) and kinds.total() > 50


def test_nothing_is_asked_of_a_person_twice():
    today = timezone.localdate()
    people = list(User.objects.values_list("pk", flat=True))

    for duties in duties_of(people=people, on=today).values():
        abouts = [duty.about for duty in duties]
        assert len(abouts) == len(set(abouts))
