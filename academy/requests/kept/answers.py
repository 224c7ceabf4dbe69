"""Answers kept under the versions of what they rest on, and until the moment at which time alone changes them.

An answer is computed after its versions were read and kept under these: whatever is committed meanwhile has raised them,
so nobody who reads the versions later gets it. It is plain data, of one language and one local day.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime, time, timedelta
from typing import Any

from django.core.cache import caches
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from academy.models import FactsVersion
from academy.requests.kept import kept
from academy.requests.kept.presence import answer_about
from academy.requests.kept.watching import EVERYBODY
from academy.requests.prepared import BoundQuery, PreparedQuery, each_asked_once

type Versions = tuple[int, int]

# While an answer about a person is computed: the version of what concerns everybody.
_everybodys: ContextVar[int | None] = ContextVar("everybody's version", default=None)
# No answer outlives its day.
LONGEST = 25 * 3600

SUMS = PreparedQuery(
    lambda everybody, person: (
        FactsVersion.objects.filter(subject__in=[everybody, person])
        .order_by()
        .values("subject")
        .annotate(version=Sum("stamp"))
        .values_list("subject", "version")
    )
)


def asks_of_versions(person: int) -> BoundQuery[Any] | None:
    """What ``read_versions`` asks."""
    return SUMS.bound(everybody=EVERYBODY, person=person)


def read_versions(person: int) -> Versions:
    """Of what concerns everybody, and of a person's own facts. One query, none where ``asks_of_versions`` was asked."""
    found = {subject: int(version) for subject, version in SUMS.rows(everybody=EVERYBODY, person=person)}
    return found.get(EVERYBODY, 0), found.get(person, 0)


def read_versions_of_several(people: Collection[int]) -> tuple[int, int]:
    """Of what concerns everybody, and of the facts of all these people together. One query."""
    sums = FactsVersion.objects.filter(subject__in=[EVERYBODY, *people]).order_by("subject").values_list("subject")
    found = [(subject, int(version)) for subject, version in sums.annotate(version=Sum("stamp"))]
    everybodys = next((version for subject, version in found if subject == EVERYBODY), 0)
    return everybodys, hash((tuple(sorted(people)), tuple(found)))


def versions_of(request: HttpRequest, person: int) -> Versions:
    """Read once a request that only reads; one that writes reads them each time."""
    if request.method not in ("GET", "HEAD"):
        return read_versions(person)
    return kept(request, "versions", lambda: read_versions(person), of=person)


def kept_answer[Value](
    name: str,
    read: Callable[[], Value],
    *,
    person: int,
    under: object,
    now: datetime,
    moments: Callable[[], Iterable[datetime]] = tuple,
    worth_keeping: Callable[[Value], bool] = lambda value: True,
    everybodys: int | None = None,
) -> Value:
    """What ``read`` gives about a person, or, of person 0, about no one. ``under``: the versions, and what else it
    depends on; ``moments`` are those at which time alone makes it another, beside midnight. ``everybodys`` is the version
    under which ``read`` may share what it reads, see ``shared``."""
    key = f"{name}:{person}:{get_language()}"
    held: tuple[Any, ...] | None = caches["kept"].get(key)
    if held is not None and held[0] == under and held[1] <= now < held[2]:
        return held[3]
    token = _everybodys.set(everybodys)
    try:
        with _put_together(person) if everybodys is not None else nullcontext():
            value = read()
            if not worth_keeping(value):
                return value
            midnight = next_midnight(now)
            until = min((moment for moment in moments() if moment > now), default=midnight)
    finally:
        _everybodys.reset(token)
    caches["kept"].set(key, (under, now, min(until, midnight), value), timeout=LONGEST)
    return value


@contextmanager
def _put_together(person: int) -> Iterator[None]:
    """Rows that several parts of an answer ask for are read once, and tables in which the person has none not at all."""
    with each_asked_once(), answer_about(person):
        yield


@contextmanager
def by_what_stands_now() -> Iterator[None]:
    """Within it what is the same for everybody is read once, and not at all where it is kept under the version that stands
    at its beginning. For what decides several times in one act by rules that the act does not change. One query, none
    within an answer."""
    if _everybodys.get() is not None:
        yield
        return
    token = _everybodys.set(read_versions(EVERYBODY)[0])
    try:
        yield
    finally:
        _everybodys.reset(token)


@contextmanager
def shared_for(request: HttpRequest) -> Iterator[None]:
    """For a page that only reads: what is the same for everybody is shared as within an answer, see ``shared``."""
    token = _everybodys.set(versions_of(request, request.user.pk or EVERYBODY)[0])
    try:
        yield
    finally:
        _everybodys.reset(token)


@contextmanager
def put_together_for(request: HttpRequest) -> Iterator[None]:
    """For what a page reads about its own person beside the kept answers: shared and asked once as within one."""
    with shared_for(request), _put_together(request.user.pk or EVERYBODY):
        yield


def shared[Value](name: str, read: Callable[[], Value]) -> Value:
    """What is the same for everybody and read for the answer about one person: read once for the answers about all.

    Outside of such an answer it is read each time, so that whoever decides by it decides by what stands.
    """
    version = _everybodys.get()
    if version is None:
        return read()
    return kept_answer(f"shared-{name}", read, person=EVERYBODY, under=version, now=timezone.now())


def kept_for_everybody[Value](name: str, read: Callable[[], Value]) -> Value:
    """What is the same for everybody, where no request is at hand: one query for the version, none within an answer."""
    version = _everybodys.get()
    under = read_versions(EVERYBODY)[0] if version is None else version
    return kept_answer(name, read, person=EVERYBODY, under=under, now=timezone.now())


def kept_for_all[Value](
    request: HttpRequest,
    name: str,
    read: Callable[[], Value],
    *,
    worth_keeping: Callable[[Value], bool] = lambda value: True,
) -> Value:
    """What is the same for everybody: under the version of what concerns everybody alone."""
    versions = versions_of(request, request.user.pk or EVERYBODY)
    now = timezone.now()
    return kept_answer(name, read, person=EVERYBODY, under=versions[0], now=now, worth_keeping=worth_keeping)


def next_midnight(now: datetime) -> datetime:
    """When the bank's next day begins."""
    return datetime.combine(
        timezone.localtime(now).date() + timedelta(days=1), time(), tzinfo=timezone.get_current_timezone()
    )
