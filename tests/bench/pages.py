"""A lesson signed in, against a bare Wagtail page with the same text, middleware and base template."""

import time
from io import StringIO
from pathlib import Path

ROUNDS, ADDRESS = 60, "/zh-hans/complaint-handling/01-facts-first/"


def main(folder: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from wagtail.models import Page

    from academy.models import User
    from courses.models import Course, LessonPage
    from courses.progress.learning import enrol

    call_command("migrate", verbosity=0)
    call_command("load_starter_curriculum", stdout=StringIO(), stderr=StringIO())
    learner = User.objects.create_user("100001", "x", display_name="欧阳文澜", language="zh-hans")
    now = __import__("django.utils.timezone", fromlist=["now"]).now()
    enrol(learner=learner, course=Course.objects.get(code="complaint-handling"), now=now)
    client = Client()
    client.force_login(learner)

    def bare(page, request, *args, **kwargs):
        return Page.serve(page, request, *args, **kwargs)

    ours_serve = LessonPage.serve
    LessonPage.template = "bench/bare.html"
    ours = naive = 0.0
    for number in range(ROUNDS):
        # In turn, so that a busy moment of the machine falls on both.
        LessonPage.serve = ours_serve
        ours += _seconds(client) if number else 0
        LessonPage.serve = bare
        naive += _seconds(client) if number else 0
    LessonPage.serve = ours_serve
    rounds = ROUNDS - 1
    print(
        f"lesson page signed in, CPU: {ours / rounds * 1000:.1f} ms; bare Wagtail page {naive / rounds * 1000:.1f} ms; "
        f"ratio {ours / naive:.2f} (at most 2)"
    )


def _seconds(client) -> float:
    start = time.process_time()
    response = client.get(ADDRESS)
    assert response.status_code == 200, response.status_code
    return time.process_time() - start
