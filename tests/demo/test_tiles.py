"""A tile of the admin's home counts what its page counts, for whoever reads it."""

import pytest
from django.test import Client
from django.utils import timezone

from academy.models import Notice, NoticeDelivery, Role, RoleGrant, User
from academy.models.roles import ADMIN_ROLES
from quizzes.models import Attempt, Question, Quiz

STAFF = [role for role in Role if role in ADMIN_ROLES]
# So many different tiles each of these has at least; the others have few or none.
LEAST = {Role.TRAINER: 5, Role.REVIEWER: 2, Role.HR: 6, Role.ADMINISTRATOR: 8, Role.MARKER: 1}


@pytest.fixture
def much_waits():
    """Of each kind one more than the demo has, and beside it what is not of the kind."""
    quiz = Quiz.objects.filter(kind=Quiz.Kind.COURSE).order_by("pk").first()
    for number in range(2):
        Quiz.objects.create(code=f"draft-{number}", title=f"草稿 {number}", live=False)
        copy = Question.objects.filter(type="single").order_by("pk").first()
        Question.objects.create(bank=copy.bank, name=f"草稿 {number}", type="single", body=copy.body, live=False)
    Question.objects.filter(pk__in=Question.objects.filter(live=True).order_by("pk").values("pk")[:3]).update(
        has_unpublished_changes=True
    )
    held = Attempt.objects.filter(state=Attempt.State.FINISHED).order_by("pk")[:3]
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in held]).update(released_at=None)
    notice = Notice.objects.order_by("pk").first()
    for channel in NoticeDelivery.Channel.values:
        NoticeDelivery.objects.get_or_create(
            notice=notice,
            channel=channel,
            defaults={"state": NoticeDelivery.State.GIVEN_UP, "queued_at": timezone.now()},
        )
    NoticeDelivery.objects.filter(notice=notice).update(state=NoticeDelivery.State.GIVEN_UP)
    return quiz


def counted(page) -> int:
    """How many rows a page says that it has: a listing by its pager, a page by hand by what it is given."""
    context = page.context
    for name in ("paginator", "page", "total", "waiting", "rows", "object_list"):
        found = context.get(name, None)
        found = getattr(found, "paginator", found)
        if found is not None:
            return found if isinstance(found, int) else found.count if hasattr(found, "per_page") else len(found)
    raise AssertionError(f"{page.request['PATH_INFO']} says nowhere how many rows it has")


@pytest.mark.parametrize("role", STAFF)
def test_every_tile_counts_what_its_page_counts(role, much_waits, settings):
    settings.EMAIL_URL = settings.NOTICES_BY_MAIL = True
    people = User.objects.filter(pk__in=RoleGrant.objects.current().filter(role=role).values("person"), is_active=True)
    walked, wrong = set(), []
    for person in people.order_by("pk")[:2]:
        client = Client()
        client.force_login(person)
        home = client.get("/cms/")
        for tile in [*home.context["waiting"], *home.context["quiet"]]:
            if not tile.url:
                continue
            page = client.get(tile.url)
            assert page.status_code == 200, tile.url
            walked.add(tile.words)
            if counted(page) != tile.count:
                wrong.append((role, tile.url, tile.count, counted(page)))

    assert wrong == []
    assert len(walked) >= LEAST.get(role, 0), walked
