"""Before something is taken away, whoever does it reads what that would do to people."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from academy.doors import consequences_of


def tell_consequences(request: HttpRequest, change: Any) -> None:
    """For Wagtail's ``before_…_page`` hooks: the answers of every floor stand above the question."""
    if request.method == "GET":
        for consequence in consequences_of(change):
            messages.warning(request, consequence.text)
