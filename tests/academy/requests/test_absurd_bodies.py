"""Absurd bodies and single absurd fields, a sample of each at every address: never an error of the server.

Which value meets which address turns with the address, so that the walk is the same every time and takes seconds.
"""

import re
from itertools import islice
from zlib import crc32

import pytest
from django.db import transaction
from django.urls import get_resolver
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.chooser import BaseChooseView

from tests.academy.requests.test_absurd import (  # noqa: F401
    LEFT_OUT,
    OURS,
    PLACE,
    ROOT,
    _plain_pages,
    routes,
    turned,
    world,
)

pytestmark = pytest.mark.django_db
# One at a time, so that no other fault hides behind the first.
SINGLE = ("9999999999999999999", "foo", "%C2%B2", "2026-02-31", "9" * 30, "%00", "%ED%A0%80", "%FF", "x" * 5000, "-1")
STOCK = (
    "p",
    "page",
    "q",
    "ordering",
    "collection_id",
    "locale",
    "tag",
    "user",
    "page_type",
    "content_type",
    "multiple",
)
BODIES = ("9999999999999999999", "²", "2026-02-31", "\x00", "x" * 5000, "-1", "", b"\xed\xa0\x80")
RAW = (
    (b"\xff\xfe", "application/json"),
    (b"[]", "application/json"),
    (b'{"a": {"b": [1e999]}}', "application/json"),
    (b'"\\ud800"', "application/json"),
    (b"a=%ff%00&b=%ED%A0%80&csrfmiddlewaretoken=%00", "application/x-www-form-urlencoded"),
    (b"--x\r\n", "multipart/form-data; boundary=y"),
    (b"--x", "multipart/form-data"),
)
POSTED = re.compile(r'request\.POST(?:\.get\(|\.getlist\(|\[)\s*"(\w+)"|^    (\w+) = forms\.\w+', re.MULTILINE)
# Ends the session of who walks.
ENDS = re.compile(r"^/accounts/(logout|login|inactive|password)")


def names_posted() -> set[str]:
    found = {"id", "ids", "pk", "next", "order", "url", "comment", "file", "title", "search", "type"}
    for app in OURS:
        for file in (ROOT / app).rglob("*.py"):
            if "migrations" not in file.parts:
                found |= {a or b for a, b in POSTED.findall(file.read_text())}
    return found


def places(route: str) -> str:
    return PLACE.sub(lambda match: "00000000-0000-0000-0000-000000000000" if match[1] == "uuid" else "1", route)


@pytest.mark.parametrize("who", ["admin", "learner"])
def test_no_absurd_body_is_an_error(client, world, who):  # noqa: F811
    names, wrong, count = sorted(names_posted()), [], 0
    assert len(names) > 60
    client.raise_request_exception = False
    client.force_login(world[who])
    for route in sorted(set(routes())):
        if LEFT_OUT.match(route) or ENDS.match(route) or (who == "learner" and route.startswith("/cms/")):
            continue
        value, raw = next(turned(BODIES, route)), next(turned(RAW, route))
        # Bodies of the wrong shape go to every third address: they fall before any view is asked.
        for body, kind in ((dict.fromkeys(names, value), None), raw)[: 2 if crc32(route.encode()) % 3 == 0 else 1]:
            count += 1
            with transaction.atomic():
                sent = {"content_type": kind} if kind else {}
                answer = client.post(places(route), body, **sent)
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                wrong.append((route, value if kind is None else raw))
    assert count > (500 if who == "admin" else 80) and wrong == []


def test_no_single_absurd_field_of_a_stock_listing_or_chooser_is_an_error(client, world):  # noqa: F811
    client.raise_request_exception = False
    client.force_login(world["admin"])
    wrong, count = [], 0
    for route in sorted(set(routes())):
        if not route.startswith("/cms/") or LEFT_OUT.match(route):
            continue
        address = places(route)
        view = getattr(getattr(get_resolver().resolve(address), "func", None), "view_class", object)
        if not issubclass(view, BaseListingView | BaseChooseView):
            continue
        for name, value in islice(zip(turned(STOCK, route), turned(SINGLE, route), strict=False), 3):
            count += 1
            if client.get(f"{address}?{name}={value}").status_code >= 500:
                wrong.append(f"{address}?{name}={value[:30]}")
    assert count > 100 and wrong == []
