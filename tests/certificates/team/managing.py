"""People under a line manager, and what the manager does with them."""

from datetime import timedelta

from django.utils import timezone

from academy.models import Role
from certificates.models import Requirement
from tests.cast import person, position
from tests.quizzes.observing.cast import practice

TODAY = timezone.localdate


def under(boss, number, name, branch, *, days=90):
    one = person(number, name, branch, posted=TODAY() - timedelta(days=days))
    posting = one.postings.get()
    posting.manager = boss
    posting.save(update_fields=["manager"])
    return one


def assessing(number, name, branch):
    """An assessor, in a post that asks for no level."""
    one = person(number, name, branch, roles=[Role.ASSESSOR])
    one.postings.update(position=position("in-house-trainer"))
    return one


def wants_observation(track):
    asked = Requirement.objects.create(rule_version=track.rule_versions.get(), kind="observation")
    asked.practices.set([practice(assessor_rank=0)])
    asked.save()


def act(client, boss, **form):
    client.force_login(boss)
    return client.post("/team/", {"words": "本周内完成", **form}, follow=True)


def decide(client, boss, one, what, words="带教已满三个月", track="cm2"):
    client.force_login(boss)
    return client.post(f"/team/{one.pk}/{what}/{track}/", {"words": words}, follow=True)


def told(one):
    return [(notice.kind, notice.facts["words"]) for notice in one.notices.order_by("pk")]
