"""How often a wrong password may be typed, and who unlocks.

By account and address 5 in 5 minutes, by account alone 50 in an hour; each wrong password after that makes the wait
longer: 1, 2, 4, 8, then 15 minutes. A device on which the person signed in before has an allowance of its own, so that
nobody locks a colleague out: neither from the next desk, whose address is the same, nor from anywhere else.
"""

import unicodedata
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.journal import record, register_action
from academy.models import FailedSignIn, User
from academy.notices.inbox import notify, register_notice
from academy.requests.client_address import client_address

UNLOCK = register_action("academy.unlock_sign_in", _("Sign-in unlocked"))
LOCKED = register_notice(
    "academy.sign_in_locked",
    title=_("Wrong passwords were typed for your account"),
    text=_("Signing in was slowed down. If it was not you, change your password and tell HR."),
    icon="warning",
    required=True,
)

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))
HORIZON = timedelta(hours=2)
KEPT = timedelta(days=30)
COOKIE = "device"
COOKIE_AGE = timedelta(days=400)
# A PC of a branch is used by many; who signed in longest ago is forgotten first.
PEOPLE_A_DEVICE = 30


@dataclass(frozen=True)
class Allowance:
    """So many wrong passwords within a time before waiting begins."""

    tries: int
    within: timedelta


BY_ADDRESS = Allowance(5, timedelta(minutes=5))
BY_ACCOUNT = Allowance(50, timedelta(hours=1))


def opens_at(failures: Iterable[datetime], allowance: Allowance) -> datetime | None:
    """From when the next password may be typed, None while nothing stands against it. Pure; ``failures`` ascend.

    Once the allowance is used up, each further failure lengthens the wait, until ``HORIZON`` has passed without one.
    """
    recent: deque[datetime] = deque()
    beyond, opens, last = -1, None, None
    for moment in failures:
        if last is not None and moment - last >= HORIZON:
            beyond, opens = -1, None
            recent.clear()
        last = moment
        recent.append(moment)
        while moment - recent[0] >= allowance.within:
            recent.popleft()
        if beyond >= 0 or len(recent) >= allowance.tries:
            beyond += 1
            opens = moment + WAITS[min(beyond, len(WAITS) - 1)]
    return opens


@dataclass(frozen=True)
class Place:
    """From where somebody signs in: the address, and the device where this person had signed in on it before."""

    address: str
    device: str = ""


@transaction.atomic
def begin_try(*, login: str, request: HttpRequest, now: datetime) -> FailedSignIn | datetime:
    """Counts a password before it is checked: the row, to be taken away when it was right; or the moment from which
    the next may be typed, and then nothing is counted."""
    person, digest = _whose(login)
    place = Place(client_address(request), device_of(request, person))
    attempted = FailedSignIn.objects.create(
        person=person, login_digest=digest, address=place.address, device=place.device, at=now
    )
    opens = _opens_at(_failures(person, digest, now).exclude(pk__gte=attempted.pk), place)
    if opens is not None and opens > now:
        attempted.delete()
        return opens
    return attempted


@transaction.atomic
def was_right(*, attempted: FailedSignIn) -> None:
    """The password was right: what was wrong from the same place is forgotten."""
    same = Q(device=attempted.device) if attempted.device else Q(device="", address=attempted.address)
    FailedSignIn.objects.filter(same, person=attempted.person, login_digest=attempted.login_digest).delete()


def was_wrong(*, attempted: FailedSignIn, now: datetime) -> None:
    """The row stays; once a day the person hears when waiting began."""
    if attempted.person is None:
        return
    place = Place(attempted.address, attempted.device)
    if _opens_at(_failures(attempted.person, "", now), place) is not None:
        notify(person=attempted.person, kind=LOCKED, event=f"{local_day(now)}", now=now, facts={}, path="/my/profile/")


def locked_people(people: Iterable[int], now: datetime) -> dict[int, datetime]:
    """Who cannot sign in just now from some place, and from when the last of these opens. One query."""
    rows = FailedSignIn.objects.filter(person__in=list(people), at__gt=now - HORIZON).order_by("at", "pk")
    places: dict[int, dict[Place, list[datetime]]] = {}
    for person, address, device, moment in rows.values_list("person", "address", "device", "at"):
        mine = places.setdefault(person, {})
        mine.setdefault(Place("" if device else address, device), []).append(moment)
        if not device:
            mine.setdefault(Place("everywhere"), []).append(moment)
    found: dict[int, datetime] = {}
    for person, mine in places.items():
        moments = [
            opens_at(failures, BY_ACCOUNT if place.address == "everywhere" else BY_ADDRESS)
            for place, failures in mine.items()
        ]
        latest = max((moment for moment in moments if moment is not None), default=None)
        if latest is not None and latest > now:
            found[person] = latest
    return found


@transaction.atomic
def unlock_sign_in(*, person: User, actor: User, reason: str, now: datetime) -> int:
    """Forgets the wrong passwords typed for a person. Returns how many; where there were none nothing is journalled.

    Who may: HR of the person's part of the bank, or the invigilator of a session the person sits; the caller checks.
    """
    count, _by_model = FailedSignIn.objects.filter(person=person).delete()
    if count:
        record(UNLOCK, now=now, actor=actor, about=person, person=person, reason=reason, after={"forgotten": count})
    return count


def forget_failed_sign_ins(*, now: datetime) -> int:
    """The daily pass: rows older than ``KEPT`` go."""
    return FailedSignIn.objects.filter(at__lt=now - KEPT).delete()[0]


def device_of(request: HttpRequest, person: User | None) -> str:
    """The device's name where this person had signed in on it before, else ''."""
    device, people = _read(request)
    return device if person is not None and person.pk in people else ""


def remember_device(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Signs the person into the device's cookie, the newest last."""
    device, people = _read(request)
    people = [pk for pk in people if pk != person.pk][-PEOPLE_A_DEVICE + 1 :]
    response.set_cookie(
        COOKIE,
        signing.dumps({"device": device or uuid.uuid4().hex, "people": [*people, person.pk]}, salt=COOKIE),
        max_age=COOKIE_AGE,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_AGE)
        return str(told["device"])[:32], [int(pk) for pk in told["people"]]
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return "", []


def _whose(login: str) -> tuple[User | None, str]:
    """The person that a typed name means, by staff number or e-mail; else its digest."""
    name = unicodedata.normalize("NFKC", login).strip().casefold()
    person = User.objects.filter(Q(staff_number__iexact=name) | Q(email__iexact=name)).order_by("pk").first()
    return (person, "") if person is not None else (None, salted_hmac(COOKIE, name, algorithm="sha256").hexdigest())


def _failures(person: User | None, digest: str, now: datetime) -> QuerySet[FailedSignIn]:
    rows = FailedSignIn.objects.filter(person=person, login_digest=digest, at__gt=now - HORIZON)
    return rows.order_by("at", "pk")


def _opens_at(failures: QuerySet[FailedSignIn], place: Place) -> datetime | None:
    """On a known device its own failures count; elsewhere those of the address, and those of the whole account."""
    rows = list(failures.values_list("at", "address", "device"))
    if place.device:
        return opens_at((at for at, _address, device in rows if device == place.device), BY_ADDRESS)
    unknown = [(at, address) for at, address, device in rows if not device]
    moments = [
        opens_at((at for at, address in unknown if address == place.address), BY_ADDRESS),
        opens_at((at for at, _address in unknown), BY_ACCOUNT),
    ]
    return max((moment for moment in moments if moment is not None), default=None)
