"""What a person's browser may keep of a page, told to the academy's worker in it by headers.

Every page says whose it is; only those that say so are kept, and never what stands in them between the comments "not kept"
and "kept again". What follows from it is written in docs/offline.md.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from academy.models import HouseSwitch
from academy.requests.kept.answers import kept_for_all

PERSON, KEEP, FORGET = "Academy-Person", "Academy-Keep", "Academy-Forget"
NOBODY = "-"
# Papers: so long after their end a copy may lie on the device, and so long where they have no end.
SLACK_SECONDS = 15 * 60
LONGEST_SECONDS = 7 * 24 * 3600
# Lessons: whoever has not opened one for so long loads it anew.
LESSON_SECONDS = 60 * 24 * 3600


def keeps_on_devices() -> bool:
    """Whether browsers keep anything: on unless head office switched it off."""
    return HouseSwitch.is_on(HouseSwitch.KEEP_ON_DEVICES)


def keeps_on_devices_for(request: HttpRequest) -> bool:
    """The same for a page that is shown often: asked again only when a fact has changed."""
    return kept_for_all(request, "keeps-on-devices", keeps_on_devices)


def say_whose(request: HttpRequest, response: HttpResponse) -> None:
    """Pages only: what scripts and other machines ask for is nobody's to keep."""
    user = getattr(request, "user", None)
    if user is not None and response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers[PERSON] = str(user.pk) if user.is_authenticated else NOBODY


def keep_lesson(response: HttpResponse) -> None:
    response.headers[KEEP] = f"lesson; seconds={LESSON_SECONDS}"


def keep_paper(response: HttpResponse, *, deadline: datetime | None, now: datetime) -> None:
    """In seconds from now, since the clock of the device may be wrong."""
    left = LONGEST_SECONDS if deadline is None else max(0, int((deadline - now).total_seconds())) + SLACK_SECONDS
    response.headers[KEEP] = f"paper; seconds={min(left, LONGEST_SECONDS)}"


def forget_on_device(response: HttpResponse, address: str) -> None:
    """Everything that is kept below the address goes."""
    response.headers[FORGET] = address
