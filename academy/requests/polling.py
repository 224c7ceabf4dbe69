"""The part of a page that is read anew in place; where the answer has none any more, the whole page is."""

from django.http import HttpRequest, HttpResponse

POLLED = "polled"


def reload_where_the_part_is_gone(request: HttpRequest, response: HttpResponse) -> None:
    """What was waited for has led to another page, or the person to the sign-in: the browser goes there."""
    if request.headers.get("HX-Target") != POLLED or response.streaming:
        return
    if f'id="{POLLED}"'.encode() not in response.content:
        response.headers["HX-Refresh"] = "true"
