"""Every address of the site, walked by everybody of the demo: nothing fails, nothing is open that is not theirs, nobody
of another branch is found on any page, and no link leads its reader to “not here”."""

from collections import Counter

import pytest
from django.utils import timezone

from academy.addresses import RULES, leads_in
from academy.demo.bank import LOGINS
from academy.models import Notice, RoleGrant, User
from academy.staff.access import people_visible_to
from certificates.models import Certificate, Certification
from courses.models import LessonPage
from quizzes.models import Attempt, Question
from tests.demo.walking import HOSTILE, METHODS, PLACE, Links, Step, Targets, addresses, client_of, step, walk

# Whoever plays in the demo, visitors too; a second person of the same role and place sees what the first one sees.
ROLES = ["", *(login.number for login in LOGINS if login.number != "300003")]
# They may not see the victim: a visitor, a learner, HR of another branch, line manager and assessor of others, a trainer.
OUTSIDERS = ["", "100099", "100001", "300002", "400001", "500001", "510001", "200001"]
# What every request may keep: the session, and whom an auditor looked at.
BOOKKEEPING = {"django_session", "academy_accesslog"}


@pytest.fixture
def victim():
    """A certified learner of another first-level branch than 300002 and 100099 belong to, whom no assessor knows."""
    certificate = (
        Certificate.objects.filter(person__attempts__isnull=False, superseded_by=None)
        .exclude(person__postings__branch__path__contains=_branch_of("300002"))
        .exclude(person__postings__manager__staff_number="400001")
        .exclude(person__observations__isnull=False)
        .select_related("person")
        .first()
    )
    assert certificate is not None
    return certificate


def _branch_of(number: str) -> str:
    """The part of a path that names the first-level branch of a person."""
    posting = User.objects.get(staff_number=number).postings.filter(withdrawn_at=None, effective_until=None).first()
    return "/" + posting.branch.path.strip("/").split("/")[1] + "/"


@pytest.fixture
def targets(victim):
    return Targets(victim.person)


def told(text: str, address: str, victim) -> bool:
    """Whether a page says who this is. Verification shows the serial number to everybody, and masks the person."""
    hers = [victim.person.display_name, victim.person.staff_number]
    return any(mark in text for mark in hers if mark) or (not address.startswith("/verify/") and victim.serial in text)


@pytest.mark.parametrize("number", ROLES)
def test_every_address_as_everybody_by_get_and_post(victim, targets, plain_pages, record_walk, number):
    client = client_of(number)
    today = timezone.localdate()
    problems = []
    walked, links = Counter(), Links()
    for each in walk(client, targets, today):
        walked[each.address.template] += 1
        links.note(each)
        problems += [
            (what, each.method, each.url, each.status) for what in _faults(each, client, number, victim, today)
        ]

    problems += [("leads nowhere", *link) for link in links.dead(client, today)]
    record_walk(addresses=len(walked), requests=walked.total(), open=len(problems))
    assert problems == []


def _faults(step: Step, client, number: str, victim, today) -> list[str]:
    """What must not be about one answer."""
    rule = RULES[step.address.name]
    refused, found = step.status == 404, []
    asked_to_sign_in = step.status == 302 and step.location.startswith("/accounts/login/?next=")
    # No worker beats in a test, and the check of that says so.
    if step.status >= 500 and step.address.name != "readyz":
        found.append("fails")
    if rule.signed_in and not number and not asked_to_sign_in:
        found.append("open to visitors")
    if (not rule.signed_in or number) and not rule.asks(client.person, today) and not refused:
        found.append("open to this role")
    by_rule = rule.label.startswith(("roles", "permission")) and rule.asks(client.person, today) and not rule.page
    # Some of Wagtail's ask for something in the query, or have nothing left to offer a technician.
    by_rule = by_rule and not step.address.name.startswith("wagtailadmin_") and not client.person.is_superuser
    # The other way round: a rule is not wider than what stands behind it.
    turned_away = step.status in (403, 404) or step.location == "/cms/"
    if step.method == "GET" and by_rule and turned_away and not PLACE.search(step.address.template):
        found.append("the rule lets in, the page does not")
    if step.method == "GET" and step.status == 405:
        found.append("an empty page for whoever comes back by a link")
    if "initDateChooser" in step.text and not step.url.startswith("/cms/"):
        found.append("asks for a script of the admin")
    if refused and set(step.writes) - BOOKKEEPING:
        found.append(f"refused, and wrote {step.writes}")
    if number in OUTSIDERS and told(step.text, step.url, victim):
        found.append("tells of another's record")
    return found


@pytest.mark.parametrize("number", ["100099", "300002"])
def test_posting_to_what_belongs_to_another_changes_nothing(victim, targets, plain_pages, number):
    client = client_of(number)
    # What a person does with their own (a practice open to everybody) is no change of another's.
    hidden = User.objects.exclude(pk__in=people_visible_to(client.person, timezone.localdate()).values("pk"))
    hidden = list(hidden.exclude(pk=client.person.pk).values_list("pk", flat=True))
    assert victim.person_id in hidden
    before = _state(hidden)

    for address in sorted(set(addresses()), key=lambda address: address.template):
        if PLACE.search(address.template) and "logout" not in address.template:
            response = client.post(targets.fill(address), {**HOSTILE, "person": victim.person.pk})
            assert response.status_code < 500, address

    assert _state(hidden) == before


def _state(hidden: list[int]) -> list:
    """All that could have been changed about those people, and what is nobody's own."""
    return [
        list(Certificate.objects.filter(person__in=hidden).order_by("pk").values("pk", "serial", "pdf_digest")),
        list(Certification.objects.filter(person__in=hidden, ending__isnull=False).values_list("pk", flat=True)),
        list(Attempt.objects.filter(learner__in=hidden).order_by("pk").values("pk", "state", "mark")),
        list(User.objects.filter(pk__in=hidden).order_by("pk").values("pk", "display_name", "password", "is_active")),
        list(RoleGrant.objects.filter(person__in=hidden).order_by("pk").values("pk", "withdrawn_at")),
        list(Notice.objects.filter(person__in=hidden).order_by("pk").values("pk", "read_at")),
        Question.objects.count(),
        LessonPage.objects.count(),
    ]


def test_a_refusal_by_rule_comes_before_the_method(victim, targets, plain_pages):
    """What ``walk`` stands on: of what is not for a trainer, both methods say the same."""
    client = client_of("200001")
    today = timezone.localdate()
    refused = [address for address in addresses() if not leads_in(address.name, client.person, today)]
    # The admin's own sign-in is no page: it leads on, whoever asks.
    refused = [address for address in refused if address.name != "wagtailadmin_login"]

    answers = {
        (step(client, address, targets.fill(address), method).status) for address in refused[::10] for method in METHODS
    }

    assert len(refused) > 100
    assert answers == {404}
