"""The walk of every address: all routes of the site, filled with rows of the demo, asked for by GET and POST as everybody."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zlib import crc32

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from wagtail.documents.models import Document
from wagtail.images.models import Image

from academy.addresses import MODELS, RULES, leads_in
from academy.models import AssignmentWork, ImportRun, PersonExport, User
from certificates.models import Certificate, CertificateExport
from courses.models import ClassSession, Course, LessonPage
from quizzes.models import Answer, Attempt, ExamSession, Observation, ObservedPractice, Question, Quiz

PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
METHODS = ("GET", "POST")
LINK = re.compile(r'<a\b[^>]*\shref="(/[^"?#]*)')
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)
# What a form is never asked for by a person, each as bad as it can be.
HOSTILE = {
    "reason": "<script>x</script>",
    "action": "revoke",
    "person": "²",
    "branch": "9" * 30,
    "as_of": "9999-12-31",
    "on": "0000-00-00",
    "page": "-1",
    "next": "//example.com/",
    "slot": "1e9",
    "id": "all",
    "staff_number": "\x00'",
    "act": "observe:²:9999999999999999999",
    "language": "xx",
    "tab": "{}",
    "pk": "-1",
    "track": "²",
    "form-TOTAL_FORMS": "x",
}


@dataclass(frozen=True)
class Address:
    """One route: its template with places to fill, its view and the name of that."""

    template: str
    name: str
    view: Any


def addresses(resolver: Any = None, prefix: str = "/", names: tuple[str, ...] = ()) -> Iterator[Address]:
    """Every route of the site. A regular expression becomes a template too."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from addresses(entry, prefix + _template(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            name = ":".join((*names, entry.name or entry.lookup_str))
            yield Address(prefix + _template(entry.pattern), name, entry.callback)


def _template(pattern: Any) -> str:
    text = str(pattern)
    if hasattr(pattern, "_route"):
        return text
    text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", text.lstrip("^").replace(r"\Z", "").rstrip("$"))
    text = text.replace("((?:[\\w\\-]+/)*)", "<path:path>").replace(r"(\d+)", "<int:pk>").replace("(.*)", "x")
    return text.replace("\\", "").replace(".*", "no-such-place")


class Targets:
    """What fills the places of an address: rows of one person, where a row is about a person, else the first there is."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.attempt = Attempt.objects.filter(learner=person).order_by("pk").first()
        self.certificate = Certificate.objects.filter(person=person).first()
        lesson = next(page for page in LessonPage.objects.live() if page.check_question_id)
        self.page = lesson.pk
        self.rows = {
            "app_label": "quizzes",
            "model_name": "question",
            "app_name": "quizzes",
            "model_id": 1,
            "content_type_app_name": "courses",
            "content_type_model_name": "lessonpage",
            "action_name": "approve",
            "revision_id_a": "earliest",
            "revision_id_b": "latest",
            "media_type": "video",
            "filter_spec": "width-100",
            "action": "delete",
            "step": "check",
            "language": "en",
            "kind": "course",
            "slot": 1,
            "form": "xlsx",
            "path": "business-etiquette/",
            "uidb36": "x",
            "key": "x",
            "uidb64": "x",
            "token": "x",
            "act": "extend",
            "object_id": lesson.pk,
            "digest": "0" * 64,
        }
        self.uuids = {
            "hall:": ExamSession,
            "observe:": Observation,
            "classroom:": ClassSession,
            "imports:": ImportRun,
            "certificates:": CertificateExport,
            "register:": CertificateExport,
            "record": PersonExport,
            "wagtailusers_users:": PersonExport,
            "assignments:": AssignmentWork,
        }

    def fill(self, address: Address) -> str:
        return PLACE.sub(lambda found: str(self._value(address, *found.groups())), address.template)

    def _value(self, address: Address, converter: str | None, name: str) -> Any:
        if name == "uuid":
            model = next((model for start, model in self.uuids.items() if address.name.startswith(start)), Attempt)
            row = model.objects.first() if model is not Attempt else self.attempt
            return row.uuid if row else "00000000-0000-4000-8000-000000000000"
        if name == "code":
            return self._code(address)
        if "page" in name or name == "destination_id" or address.name.startswith(("wagtailadmin_pages", "simple")):
            return self.page if name.endswith(("id", "pk")) and "revision" not in name else self.rows.get(name, 1)
        if name in self.rows:
            return self.rows[name]
        if name == "answer":
            return self._key(Answer.objects.filter(attempt=self.attempt))
        if name == "question" or address.name.startswith(("quiz_regrade", "quizzes_dialogue")):
            return self._key(Question.objects.all())
        if name == "image_id":
            return self._key(Image.objects.all())
        if name == "document_id":
            return self._key(Document.objects.all())
        if name in ("pk", "id"):
            return self._key(self._of_namespace(address.name.rpartition(":")[0]))
        return 1 if converter in (None, "int", "str") else "x"

    def _code(self, address: Address) -> str:
        if address.name.startswith("certificates:"):
            return self.certificate.code if self.certificate else "x" * 24
        if address.name.startswith("courses:"):
            return Course.objects.first().code
        if address.name.startswith("observe:"):
            return ObservedPractice.objects.first().code
        return Quiz.objects.first().code if address.name.startswith("quizzes:") else "academy.posting"

    def _of_namespace(self, namespace: str) -> Any:
        label = MODELS.get(namespace) or MODELS.get(namespace.replace("choosers", "s"))
        if label is None:
            return Certificate.objects.filter(person=self.person) if namespace == "register" else Quiz.objects.all()
        model = apps.get_model(label)
        if model is User:
            return User.objects.filter(pk=self.person.pk)
        for link in ("person", "learner"):
            if any(one.name == link for one in model._meta.get_fields()):
                about = model.objects.filter(**{link: self.person})
                return about if about.exists() else model.objects.all()
        return model.objects.all()

    def _key(self, rows: Any) -> int:
        return rows.order_by("pk").values_list("pk", flat=True).first() or 1


@dataclass(frozen=True)
class Step:
    """One request of the walk and its answer; ``writes`` are the tables it wrote to, all of it rolled back."""

    address: Address
    url: str
    method: str
    status: int
    text: str
    location: str
    writes: tuple[str, ...]


def client_of(number: str = "") -> Client:
    client = Client(raise_request_exception=False)
    client.person = AnonymousUser()
    if number:
        client.person = User.objects.get(staff_number=number)
        client.force_login(client.person)
    return client


def walk(client: Client, targets: Targets, today: date) -> Iterator[Step]:
    """Every address by GET and by POST, each in a transaction that is rolled back.

    What the rule of an address refuses is refused before anybody looks at the method (``by_rule`` of the middleware), so
    such a one is asked for by one of both: by which changes with role and address, so that all roles see both of each.
    """
    first: dict[str, Address] = {}
    for address in addresses():
        first.setdefault(address.template, address)  # The resolver, too, takes the first that fits.
    for template, address in sorted(first.items()):
        url = targets.fill(address)
        methods = METHODS
        if not leads_in(address.name, client.person, today):
            role = getattr(client.person, "staff_number", "")
            methods = (METHODS[crc32(f"{role} {template}".encode()) % len(METHODS)],)
        for method in methods:
            yield step(client, address, url, method)


def step(client: Client, address: Address, url: str, method: str) -> Step:
    writes: list[str] = []
    cookies = copy.deepcopy(client.cookies)  # One step signs out.

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITE.match(sql):
            writes.append(sql.split('"')[1] if '"' in sql else sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(watch):
            response = client.get(url) if method == "GET" else client.post(url, HOSTILE)
            text = content_of(response)
        transaction.set_rollback(True)
    client.cookies = cookies
    return Step(address, url, method, response.status_code, text, response.get("Location", ""), tuple(writes))


@dataclass
class Links:
    """What the pages of one reader link to, and which routes answered them."""

    pages: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    def note(self, page: Step) -> None:
        if page.method == "GET" and page.status == 200:
            self.answered.add(page.address.name)
            for url in LINK.findall(page.text):
                self.pages.setdefault(url, page.url)

    def dead(self, client: Client, today: date) -> list[tuple[str, str]]:
        """(link, page that shows it) of what is not there for its reader: by rule, or where no row of the route answered."""
        found = []
        for url, page in sorted(self.pages.items()):
            try:
                name = resolve(url).view_name
            except Resolver404:
                continue  # A page of the other language's tree.
            # Those of many at a time are pressed with what was ticked, and without it there is nothing to show.
            if name not in RULES or name in self.answered or name == "wagtail_bulk_action":
                continue
            if not leads_in(name, client.person, today) or _is_missing(client, url):
                found.append((url, page))
        return found


def _is_missing(client: Client, url: str) -> bool:
    response = client.get(url)
    response.close()  # It may hold a file open.
    return response.status_code == 404


def content_of(response: Any) -> str:
    parts = response.streaming_content if response.streaming else (response.content,)
    return b"".join(parts).decode("utf-8", "replace")
