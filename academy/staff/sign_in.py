"""Sign-in by staff number or e-mail; nobody signs up, HR opens the account and hands out the first password."""

import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from academy.journal import record, register_action
from academy.models import User
from academy.requests.client_address import client_address
from academy.staff.sign_in_limits import begin_try, remember_device, was_right, was_wrong

FIRST_PASSWORD = register_action("academy.first_password", _("First password given"))

# Without characters that are misread from paper.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP_LENGTH = 3, 4


class AccountAdapter(DefaultAccountAdapter):
    """allauth's rules for this bank."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The staff number, e-mail address or password is not right."),
        "email_password_mismatch": _("The staff number, e-mail address or password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Nor does a sign-in lead on to the question whether to sign out, as going back after it would."""
        leaves = urlsplit(url or "").path == reverse("account_logout")
        return not leaves and bool(super().is_safe_url(url))

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials) -> None:
        # allauth counts passwords by account alone, so that anybody locks anybody out; its own limit is kept for codes.
        self._login_failed_rl_usage = ratelimit.consume(request, app="allauth.account", action="password_failed")
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")
        login = credentials.get("username") or credentials.get("email") or ""
        attempted = begin_try(login=login, request=request, now=timezone.now())
        if isinstance(attempted, datetime):
            raise ValidationError(
                _(
                    "Too many wrong passwords. The next one can be typed at %(time)s. HR, or in an exam the "
                    "invigilator, can unlock your sign-in."
                )
                % {"time": date_format(timezone.localtime(attempted) + timedelta(seconds=59), "H:i")}
            )
        self.attempted = attempted

    def authentication_failed(self, request: HttpRequest, **credentials) -> None:
        was_wrong(attempted=self.attempted, now=timezone.now())

    def post_login(self, request: HttpRequest, user: User, **kwargs) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, user)
        return response

    def authenticate(self, request: HttpRequest, **credentials):
        user = super().authenticate(request, **credentials)
        if user is not None:
            was_right(attempted=self.attempted)
        if user is not None and first_password_has_run_out(user, timezone.now()):
            raise ValidationError(
                _("This first password has run out. Ask your HR training administrator for a new one.")
            )
        return user

    def set_password(self, user: User, password: str) -> None:
        user.must_change_password = False
        user.first_password_until = None
        super().set_password(user, password)


def first_password_has_run_out(user: User, now: datetime) -> bool:
    return bool(user.must_change_password and user.first_password_until and user.first_password_until < now)


@transaction.atomic
def give_first_password(*, person: User, now: datetime, actor: User | None) -> str:
    """Sets a one-time code that must be changed at the first sign-in. Returns it; it is stored only as a hash."""
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    person.set_password(code)
    person.must_change_password = True
    person.first_password_until = now + timedelta(days=settings.FIRST_PASSWORD_DAYS)
    person.save(update_fields=["password", "must_change_password", "first_password_until"])
    record(FIRST_PASSWORD, now=now, actor=actor, about=person, person=person)
    return code
