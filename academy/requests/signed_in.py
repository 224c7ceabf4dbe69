"""A request of somebody who has signed in: what every view behind ``academy.addresses``' outer ring is handed.

A type and no more: Django makes the request, and ``academy.middleware.by_rule`` lets no visitor to an address whose rule
asks for a sign-in. Tests hold that each view which says so stands behind such a rule.
"""

from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from academy.models import User

type Anybody = User | AnonymousUser


class SignedInRequest(HttpRequest):
    user: User


def is_signed_in(request: HttpRequest) -> TypeGuard[SignedInRequest]:
    """For views that visitors may open, too."""
    return request.user.is_authenticated
