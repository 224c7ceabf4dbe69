"""One notice as a plain-text mail: a subject, the words, a link. Handed over means that the mail server took it."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from academy.models import NoticeDelivery
from academy.notices.delivery.message import Answer, DeliveryFailed, Message, absolute
from academy.notices.inbox import NOTICE_KINDS

TAKEN = 250


class MailChannel:
    """The mail server, kept open for one run of the queue."""

    def __init__(self) -> None:
        self.connection = mailers.default

    def send(self, delivery: NoticeDelivery, message: Message) -> Answer:
        """Raises ``DeliveryFailed``."""
        address = delivery.notice.person.email
        if not address:
            raise DeliveryFailed("no address", hopeless=True)
        kind = NOTICE_KINDS[message.kind]
        with translation.override(message.language):
            body = render_to_string(
                "academy/mail/notice.txt",
                {"message": message, "required": kind.required, "preferences": absolute(reverse("profile"))},
            )
        host = urlsplit(settings.BASE_URL).hostname or "academy"
        mail = EmailMessage(
            subject=message.title,
            body=body,
            to=[address],
            # The same for every try, so that a mail sent twice after a crash is one to the reader's program.
            headers={"Message-ID": f"<{message.key}@{host}>", "Auto-Submitted": "auto-generated"},
        )
        try:
            taken = self.connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()), (0, b""))
            raise DeliveryFailed(_text(said), code=code, hopeless=500 <= code < 600) from refused
        except smtplib.SMTPResponseException as refused:
            self.close()
            raise DeliveryFailed(_text(refused.smtp_error), code=refused.smtp_code) from refused
        except (OSError, ValueError) as fault:
            self.close()
            raise DeliveryFailed(f"{type(fault).__name__}: {fault}") from fault
        if not taken:
            raise DeliveryFailed("not taken")
        return Answer(code=TAKEN)

    def close(self) -> None:
        """Ends the connection; the next mail opens another."""
        try:
            self.connection.close()
        except OSError:
            self.connection = mailers.default


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
