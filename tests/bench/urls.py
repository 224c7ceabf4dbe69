"""The academy's addresses and one more: the least a signed-in view that stores something could cost."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from academy.addresses import signed_in
from academy.urls import handler400
from academy.urls import urlpatterns as academy_patterns

UPSERT = """
INSERT INTO bench_upsert (person, slot, value) VALUES (%s, %s, %s)
ON CONFLICT (person, slot) DO UPDATE SET value = excluded.value
"""


@login_required
@require_POST
def upsert(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [request.user.pk, 1, request.body.decode()[:100]])
    return JsonResponse({"status": "saved"})


# An address without a rule is shut; this one is asked by the rest of the ring as any other.
signed_in("bench_upsert")
urlpatterns = [path("bench/upsert/", upsert, name="bench_upsert"), *academy_patterns]

__all__ = ["handler400", "urlpatterns"]
