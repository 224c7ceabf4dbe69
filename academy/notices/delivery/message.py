"""One notice in the words that leave the house, and what the other side made of it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from academy.models import NoticeDelivery
from academy.notices.inbox import read_notices


@dataclass(frozen=True)
class Message:
    """A notice in the person's language, as it is sent."""

    key: str
    kind: str
    language: str
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class Answer:
    """The other side has it."""

    code: int | None = None
    number: str = ""


class DeliveryFailed(Exception):
    """It was not taken. ``hopeless``: a further try changes nothing; ``wait``: seconds that the other side asked for."""

    def __init__(self, reason: str, *, code: int | None = None, hopeless: bool = False, wait: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.code, self.hopeless, self.wait = reason, code, hopeless, wait


def message_of(delivery: NoticeDelivery) -> Message | None:
    """The words, made in the person's language of this moment. None when the kind of notice is gone."""
    notice = delivery.notice
    language = notice.person.language or settings.LANGUAGE_CODE
    with translation.override(language):
        words = read_notices([notice], language)
    if not words:
        return None
    return Message(
        key=str(delivery.key),
        kind=notice.kind,
        language=language,
        title=" ".join(words[0].title.split()),
        text=words[0].text.strip(),
        url=absolute(notice.path),
    )


def absolute(path: str) -> str:
    """The address of a path of this site, under its prefix; '' for none."""
    if not path:
        return ""
    prefix = urlsplit(settings.BASE_URL).path
    return settings.BASE_URL + (path.removeprefix(prefix) if prefix and path.startswith(prefix + "/") else path)
