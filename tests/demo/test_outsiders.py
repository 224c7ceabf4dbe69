"""Every address of the site, walked by those it is not for: nobody of another branch is found on any page."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from academy.access import people_visible_to
from academy.models import JournalEntry, Notice, RoleGrant, User
from certificates.models import Certificate, Certification
from courses.models import Course, CourseAssignment, LessonPage
from quizzes.models import Attempt, Question, Quiz

PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
# Addresses that are for everybody, by design.
PUBLIC = re.compile(
    r"^/($|my/$|healthz|readyz|verify/|accounts/(login|signup|logout|reauthenticate|inactive|confirm-email|password/reset|2fa/)"
    r"|accounts/email/|language/|static/|favicon|cms/(login|password_reset|jsi18n|sprite)|documents/|(zh-hans|en)/)"
)


def addresses(resolver=None, prefix: str = "/") -> Iterator[str]:
    """Every route of the site as a template; a regular expression counts where it holds no choice."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = str(entry.pattern)
        if not hasattr(entry.pattern, "_route"):
            pattern = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern.lstrip("^").rstrip("$").replace("\\Z", ""))
            pattern = pattern.replace("\\.", ".").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from addresses(entry, prefix + pattern)
        elif isinstance(entry, URLPattern) and not re.search(r"[()\[\]*+?\\|]", pattern):
            yield prefix + pattern


def filled(template: str, targets: dict[str, list]) -> set[str]:
    """The address with each place filled from what belongs to the victim."""
    names = PLACE.findall(template)
    if not names:
        return {template}
    found = set()
    for choice in range(max(len(targets[_kind(*one)]) for one in names)):
        values = iter([targets[_kind(*one)][choice % len(targets[_kind(*one)])] for one in names])
        found.add(PLACE.sub(lambda _match: str(next(values)), template))  # noqa: B023
    return found


def _kind(converter: str, name: str) -> str:
    if name in ("uuid", "code"):
        return name
    return {"int": "pk", "uuid": "uuid", "slug": "slug", "path": "path"}.get(
        converter, "pk" if "pk" in name or name.endswith("id") else "slug"
    )


@pytest.fixture
def victim():
    """A certified learner of another first-level branch than 300002 and 100099 belong to."""
    certificate = (
        Certificate.objects.filter(person__attempts__isnull=False, superseded_by=None)
        .exclude(person__postings__branch__path__contains=_branch_of("300002"))
        .exclude(person__postings__manager__staff_number="400001")
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
    person = victim.person
    attempt = Attempt.objects.filter(learner=person).first()
    hers = [
        person.pk, victim.pk, victim.certification_id, attempt.pk,
        JournalEntry.objects.filter(person=person).values_list("pk", flat=True).first(),
        RoleGrant.objects.exclude(person__staff_number="300002").values_list("pk", flat=True).first(),
        CourseAssignment.objects.filter(audience__branch__code="BJ0000").values_list("pk", flat=True).first(),
    ]  # fmt: skip
    return {
        "pk": [pk for pk in hers if pk],
        "uuid": [attempt.uuid],
        "code": [victim.code, Course.objects.first().code, Quiz.objects.first().code],
        "slug": ["course", "users", Quiz.objects.first().code],
        "path": ["business-etiquette/", "x"],
    }


def told(text: str, address: str, victim) -> bool:
    """Whether a page says who this is. Verification shows the serial number to everybody, and masks the person."""
    hers = [victim.person.display_name, victim.person.staff_number]
    return any(mark in text for mark in hers if mark) or (not address.startswith("/verify/") and victim.serial in text)


def client_of(number: str, language: str = "zh-hans") -> Client:
    client = Client(raise_request_exception=False)
    client.person = User.objects.get(staff_number=number)
    client.force_login(client.person)
    return client


def content_of(response) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode("utf-8", "replace")
    return response.content.decode("utf-8", "replace")


def walked(client: Client, targets: dict[str, list]) -> Iterator[tuple[str, int, str, str]]:
    # Wagtail's own page that shows developers an error.
    templates = sorted(set(addresses()) - {"/cms/failwhale/"})
    assert len(templates) > 200, "the walk has lost its way"
    for template in templates:
        for address in sorted(filled(template, targets)):
            response = client.get(address)
            yield address, response.status_code, content_of(response), response.get("Location", "")


def test_signed_out_nothing_but_the_public_pages(victim, targets):
    problems = []
    for address, status, text, location in walked(Client(raise_request_exception=False), targets):
        asked_to_sign_in = status in (301, 302) and re.match("/(accounts|cms)/login/", location)
        if status >= 500 or told(text, address, victim) or status == 200 and not PUBLIC.match(address):
            problems.append((address, status))
        elif status in (301, 302) and not asked_to_sign_in and not PUBLIC.match(address):
            problems.append((address, status, location))

    assert problems == []


def test_a_learner_of_another_branch_finds_nobody_and_no_admin(victim, targets):
    problems = []
    for address, status, text, _location in walked(client_of("100099"), targets):
        if status >= 500 or told(text, address, victim):
            problems.append((address, status))
        if address.startswith("/cms/") and status != 404:
            problems.append((address, status))

    assert problems == []


@pytest.mark.parametrize("number", ["300002", "400001", "500001", "200001"])
def test_staff_who_may_not_see_this_person_find_nobody(victim, targets, number):
    """HR of another branch, a line manager of others, an assessor and a trainer."""
    problems = []
    for address, status, text, _location in walked(client_of(number), targets):
        if status >= 500 or told(text, address, victim):
            problems.append((address, status))

    assert problems == []


@pytest.mark.parametrize("number", ["100099", "300002"])
def test_posting_to_what_belongs_to_another_changes_nothing(victim, targets, number):
    client = client_of(number)
    # What a person does with their own (a practice open to everybody) is no change of another's.
    hidden = User.objects.exclude(pk__in=people_visible_to(client.person, timezone.localdate()).values("pk"))
    hidden = list(hidden.exclude(pk=client.person.pk).values_list("pk", flat=True))
    assert victim.person_id in hidden
    before = _state(hidden)

    for template in sorted(set(addresses())):
        if not PLACE.search(template) or "logout" in template or "bulk" in template:
            continue
        for address in sorted(filled(template, targets)):
            if address.startswith("/cms/pages/1/"):
                continue  # The root of Wagtail's tree is nobody's, and its views stumble over a page without a parent.
            response = client.post(address, {"reason": "x", "action": "revoke", "person": victim.person.pk})
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
