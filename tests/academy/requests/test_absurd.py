"""Absurd values and wrong filters at every address: never an error of the server, never a list or a file that is wider."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from zlib import crc32

import pytest
from django.forms import Field
from django.http import QueryDict
from django.template import Template
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.admin.views.generic.base import BaseListingView

from academy.models import AssignmentWork, Audience, CareerLevel, JournalEntry, Role
from academy.requests.asked import Filter, whole_number
from certificates.award.awarding import import_history
from certificates.models import CertificateExport, CertificationTrack, TrackAssignment
from courses.models import TrainingExport
from tests.cast import bank, person

pytestmark = pytest.mark.django_db
OURS = ("academy", "quizzes", "courses", "certificates")
ROOT = Path(__file__).resolve().parents[3]
PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
LONG = "9" * 30
ABSURD = (
    "9999-12-31",
    "0001-01-01",
    "0000-01-01",
    "2026-02-31",
    "²",
    LONG,
    "-1",
    str(2**63),
    "%00",
    "%ED%A0%80",
    "x" * 200,
    "",
)
# Wrong for every kind of field but one of words.
NO_DAY = "2026-02-31x"
# What stands in an address's place of each kind.
PLACES = {
    "int": (LONG, str(2**63), "0"),
    "str": (LONG, "abc", "%C2%B2", "%00x", "-1", "x" * 300),
    "slug": (LONG, "x" * 300),
    "uuid": ("00000000-0000-0000-0000-000000000000",),
    "path": ("%00", "x" * 300),
}
# Every name by which the code reads an address or a filter.
READ = re.compile(r'request\.GET(?:\.get\(|\.getlist\(|\[)\s*"(\w+)"')
FIELD = re.compile(r"^    (\w+) = (?:forms|django_filters)\.\w+|^    (\w+) = DayField", re.MULTILINE)
# The failwhale is an error by design, and a site without a worker is not ready.
LEFT_OUT = re.compile(r"^/(accounts/logout|static|language|readyz|cms/failwhale)/?")


def routes(resolver=None, prefix: str = "/") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = str(entry.pattern)
        if not hasattr(entry.pattern, "_route"):
            pattern = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern.lstrip("^").rstrip("$").replace("\\Z", ""))
            pattern = pattern.replace("\\.", ".").replace("\\/", "/").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + pattern)
        elif isinstance(entry, URLPattern) and not re.search(r"[()\[\]*+?\\|]", pattern):
            yield prefix + pattern


def names_read() -> set[str]:
    found = {"p", "page", "q", "ordering", "export", "format", "locale", "_w_filter_fragment"}
    for app in OURS:
        for file in (ROOT / app).rglob("*.py"):
            if "migrations" not in file.parts:
                text = file.read_text()
                found |= set(READ.findall(text)) | {a or b for a, b in FIELD.findall(text)}
    return found - {"export", "format", "model"}


def names_of(page: str) -> set[str]:
    """Every field that a page itself offers."""
    return set(re.findall(r'<(?:input|select)[^>]*\bname="(\w+)"', page)) | {"p", "q"}


def filled(route: str) -> list[str]:
    """The route with each absurd value in every one of its places."""
    kinds = [kind or "str" for kind, _name in PLACE.findall(route)]
    if not kinds:
        return [route]
    return [_filled(route, turn) for turn in range(max(len(PLACES.get(kind, ("x",))) for kind in kinds))]


def _filled(route: str, turn: int) -> str:
    def value(match: re.Match[str]) -> str:
        values = PLACES.get(match[1] or "str", ("x",))
        return values[turn % len(values)]

    return PLACE.sub(value, route)


@pytest.fixture
def world():
    """A branch with a certified learner, an assignment, and those who look."""
    branches = bank()
    level = CareerLevel.objects.create(code="CM1", name="一级", rank=1, line="retail")
    track = CertificationTrack.objects.create(code="T1", name="甲", level=level)
    learner = person("100001", "欧阳文澜", branches["BJ01"])
    office = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    admin = person("900001", "康乃文", branches["HO"], roles=[Role.ADMINISTRATOR], is_superuser=True)
    now, today = timezone.now(), timezone.localdate()
    import_history(
        person=learner,
        track=track,
        awarded_on=today - timedelta(days=90),
        valid_through=today + timedelta(days=900),
        now=now,
        actor=None,
        reason="test",
    )
    audience = Audience.objects.create(name="全体", branch=branches["HO"], created_by=office)
    assignment = TrackAssignment.objects.create(
        track=track, audience=audience, due_date=today, effective_from=today, created_by=office
    )
    return {"branches": branches, "learner": learner, "office": office, "admin": admin, "assignment": assignment}


@pytest.fixture(autouse=True)
def _plain_pages(monkeypatch):
    """What each template was drawn with is not copied for a test to read: these read statuses and pages, thousands."""
    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))


def turned(values: tuple, route: str) -> cycle:
    """The values in their order, beginning where the address says: the walk is the same every time, and each value meets
    every kind of screen."""
    first = crc32(route.encode()) % len(values)
    return cycle(values[first:] + values[:first])


def answers(client, address: str) -> int:
    client.raise_request_exception = False
    return client.get(address).status_code


@pytest.mark.parametrize("who", ["admin", "learner"])
def test_no_absurd_value_in_an_address_is_an_error(client, world, who):
    client.force_login(world[who])
    wrong, count = [], 0
    for route in sorted(set(routes())):
        if PLACE.search(route) and not LEFT_OUT.match(route) and (who == "admin" or not route.startswith("/cms/")):
            for address in filled(route):
                count += 1
                if answers(client, address) >= 500:
                    wrong.append(address)
    assert count > (300 if who == "admin" else 60) and wrong == []


@pytest.mark.parametrize("who", ["admin", "learner"])
def test_no_absurd_question_is_an_error(client, world, who):
    """Every name that any screen reads, at every address without places, with half of the absurd values, in turn."""
    client.force_login(world[who])
    names = sorted(names_read())
    assert len(names) > 40
    wrong, count = [], 0
    people = reverse("assignments:people", args=["track", world["assignment"].pk])
    for route in [*sorted(set(routes())), people]:
        # Who is not staff finds nothing below /cms/, whatever is asked.
        if PLACE.search(route) or LEFT_OUT.match(route) or (who == "learner" and route.startswith("/cms/")):
            continue
        for value in islice(turned(ABSURD, route), len(ABSURD) // 2):
            count += 1
            address = f"{route}?{'&'.join(f'{name}={value}' for name in names)}"
            if answers(client, address) >= 500:
                wrong.append(address[:200] + value)
    # One name at a time where the screens are ours; a collection, since a wrong one is answered before any screen reads.
    if who == "admin":
        places = (reverse("wagtailimages_chooser:choose"), reverse("wagtaildocs_chooser:choose"))
        wrong += [
            f"{place}?collection_id={value}"
            for place in places
            for value in ABSURD
            if answers(client, f"{place}?collection_id={value}") >= 500
        ]
    ours = [
        "/cms/register/",
        "/cms/register/lacking/",
        "/cms/board/",
        "/cms/board/names/",
        "/cms/board/appointments/",
        "/cms/training_register/",
        "/cms/assignments/",
        "/cms/imports/",
        "/cms/users/first-passwords/",
        people,
        "/cms/notices/",
        "/cms/journal/",
        "/cms/hour_entries/",
        "/cms/users/",
        "/courses/",
        "/my/practice/wrong/",
    ]
    for route in ours:
        for name in names_of(client.get(route).content.decode()) if who == "admin" else ("p", "page", "q", "answer"):
            for value in ("9999-12-31", "0001-01-01", "²", LONG):
                if answers(client, f"{route}?{name}={value}") >= 500:
                    wrong.append(f"{route}?{name}={value}")
    assert count > (1000 if who == "admin" else 200) and wrong == []


def files_asked() -> int:
    return (
        CertificateExport.objects.count()
        + TrainingExport.objects.count()
        + AssignmentWork.objects.count()
        + JournalEntry.objects.filter(action__contains="export").count()
    )


def test_a_filter_with_a_fault_lists_nothing_and_exports_nothing(client, world):
    client.force_login(world["office"])
    name, number = world["learner"].display_name, world["learner"].staff_number
    kind, pk = world["assignment"].kind, world["assignment"].pk
    people = reverse("assignments:people", args=[kind, pk])
    asked = {
        reverse("register:index"): [
            "branch=BJ&as_of=2026-02-31",
            "track=XX",
            "as_of=9999-12-31",
            "status=x",
            "branch=NO",
        ],
        reverse("register:lacking"): ["track=XX", "branch=NO"],
        reverse("training_register:index"): ["until=2026-02-31", "year=99999", "branch=NO"],
        reverse("board:index"): ["on=2030-01-01", "on=2026-02-31", "line=x", "level=XX"],
        reverse("board:names"): ["show=required&on=2999-01-01"],
        people: ["branch=NO", "problem=x"],
        reverse("wagtailusers_users:first_passwords"): ["branch=NO"],
    }
    before = files_asked()
    for address, queries in asked.items():
        for query in queries:
            page = client.get(f"{address}?{query}")
            assert page.status_code == 400 and "errorlist" in page.content.decode(), (address, query)
            assert name not in page.content.decode() and number not in page.content.decode(), (address, query)
            assert client.get(f"{address}?{query}&format=xlsx").status_code == 400
    for address, query in [
        (reverse("register:export"), "branch=BJ&as_of=2026-02-31"),
        (reverse("training_register:export"), "until=2026-02-31"),
        (reverse("assignments:sheet", args=[kind, pk]), "branch=NO"),
    ]:
        page = client.post(f"{address}?{query}")
        assert page.status_code == 400 and "errorlist" in page.content.decode(), address
    assert files_asked() == before


def listings() -> Iterator[str]:
    """Every listing of the admin that has filters, Wagtail's own included."""
    for route in sorted(set(routes())):
        if route.startswith("/cms/") and not PLACE.search(route):
            view = getattr(getattr(get_resolver().resolve(route), "func", None), "view_class", None)
            if view is not None and issubclass(view, BaseListingView):
                yield route


def names_read_by(field: Field, name: str) -> list[str]:
    """The names under which an address brings that field the wrong value: its own, or the lower end of a span."""
    read = field.widget.value_from_datadict
    nothing, ends = read(QueryDict(), {}, name), ("", "_from", "_after", "_min")
    return [name + end for end in ends if read(QueryDict(f"{name}{end}={NO_DAY}"), {}, name) != nothing]


def test_a_wrong_field_of_a_wagtail_filter_lists_nothing(client, world):
    """Wagtail lists everything where one field is wrong, and so does its export."""
    client.force_login(world["admin"])
    walked = 0
    for route in listings():
        page = client.get(route)
        filters = (page.context_data or {}).get("filters") if getattr(page, "context_data", None) else None
        if page.status_code != 200 or not filters:
            continue
        for field in filters.form.fields:
            for name in names_read_by(filters.form.fields[field], field):
                bad = client.get(route, {name: NO_DAY})
                if bad.status_code != 200 or bad.context_data["filters"].is_valid():
                    continue
                walked += 1
                assert not bad.context_data["object_list"], (route, field)
                if bad.context_data["view"].__module__.split(".")[0] in OURS:
                    label = str(bad.context_data["filters"].form.fields[field].label)
                    assert label in bad.content.decode(), (route, field)
                sheet = client.get(route, {name: NO_DAY, "export": "csv"})
                if sheet.streaming:
                    assert len(b"".join(sheet.streaming_content).splitlines()) <= 2, (route, field)
    assert walked >= 10


def test_forms_of_filters_answer_only_through_the_guard():
    """No view reads a filter's fields past ``asked``."""
    for app in OURS:
        for file in (ROOT / app).rglob("viewsets/*.py"):
            assert not re.search(r"cleaned_data if \w+(\.\w+)?\.is_valid\(\) else", file.read_text()), file
    assert Filter({}).asked() == {}


def test_whole_numbers():
    assert whole_number("12") == 12 and whole_number(str(2**63 - 1)) == 2**63 - 1
    assert [whole_number(one) for one in ("", "²", "１２", "-1", "1.0", str(2**63), LONG, "0" * 5000)] == [None] * 8
