"""Where the time of a page goes: its queries, its milliseconds, and its ten most expensive functions, in one process.

``./run bench profile`` works on the demo bank in SQLite; what it prints says what to look at, not what a server does.
"""

import cProfile
import pstats
import statistics
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

ROUNDS, TOP, QUESTIONS = 10, 10, 30
ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS, PASSED = ("academy", "quizzes", "courses", "certificates"), ("academy/middleware.py", "operations/answering.py")
LEARNER, HR = "100001", "300001"


def main(folder: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from academy.models import User

    for command in ("migrate", "load_starter_curriculum", "load_demo"):
        call_command(command, verbosity=0, **({} if command == "migrate" else {"stderr": StringIO()}))
    learner = User.objects.get(staff_number=LEARNER)
    quiz, course = _prepared(learner)
    client, clerk = Client(), Client()
    client.force_login(learner)
    clerk.force_login(User.objects.get(staff_number=HR))
    measure("home", lambda: _get(client, "/"))
    measure("course", lambda: _get(client, course.full_url))
    measure("lesson", lambda: _get(client, course.get_children().first().full_url))
    _attempt(client, quiz)
    measure("register", lambda: _get(clerk, "/cms/register/"))


def _prepared(learner: Any) -> tuple[Any, Any]:
    """A quiz that may be sat again and again, and a course of the curriculum that the learner has begun."""
    from django.utils import timezone

    from courses.models import CoursePage
    from courses.progress.learning import enrol
    from tests.courses.factories import course_of
    from tests.quizzes.factories import bank_of, quiz_of

    now = timezone.now()
    quiz = quiz_of(bank_of(QUESTIONS), QUESTIONS, attempts_allowed=None, wait_minutes=0, wait_later_minutes=0)
    sat = course_of("bench", lessons=1, quiz=quiz)
    sat.quizzes_after_lessons = False
    sat.save()
    page = CoursePage.objects.get(course__code="complaint-handling", locale__language_code="zh-hans")
    for begun in (sat, page.course):
        enrol(learner=learner, course=begun, now=now)
    return quiz, page


def _attempt(client: Any, quiz: Any) -> None:
    """Each step is measured over whole attempts, since it can be done once in each."""
    steps: dict[str, list[Callable[[], Any]]] = {"start": [], "save": [], "submit": [], "result": []}
    address = ""

    def start() -> None:
        nonlocal address
        address = _post(client, f"{quiz.get_absolute_url()}start/")["Location"]

    def save() -> None:
        entries = [{"slot": slot, "sequence": slot, "raw": {"response": "0"}} for slot in range(1, QUESTIONS + 1)]
        said = client.post(f"{address}answers/", {"tab": "t", "answers": entries}, content_type="application/json")
        assert said.status_code == 200, said.content[:300]

    def submit() -> None:
        _post(client, f"{address}submit/")

    def result() -> None:
        _get(client, f"{address}result/")

    tables = {name: Measured(name) for name in steps}
    for number in range(ROUNDS + 1):
        for name, step in (("start", start), ("save", save), ("submit", submit), ("result", result)):
            tables[name].once(step, counts=number > 0)
    for table in tables.values():
        table.show()


def _get(client: Any, address: str) -> None:
    response = client.get(address)
    if response.streaming:
        list(response.streaming_content)
    assert response.status_code == 200, (address, response.status_code)


def _post(client: Any, address: str) -> Any:
    response = client.post(address)
    assert response.status_code == 302, (address, response.status_code, response.content[:300])
    return response


class Measured:
    """The rounds of one page."""

    def __init__(self, name: str) -> None:
        self.name, self.profile, self.queries = name, cProfile.Profile(), 0
        self.seconds: list[float] = []

    def once(self, call: Callable[[], Any], *, counts: bool) -> None:
        """A round that does not count fills what a running server has filled."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        if not counts:
            call()
            return
        with CaptureQueriesContext(connection) as captured:
            self.profile.runcall(call)
        self.queries = len(captured)

    def plain(self, call: Callable[[], Any]) -> None:
        """The profiler more than doubles what it watches: the milliseconds are measured without it."""
        begun = time.process_time()
        call()
        self.seconds.append(time.process_time() - begun)

    def show(self) -> None:
        stats: dict[Any, Any] = vars(pstats.Stats(self.profile, stream=StringIO()))["stats"]
        whole = sum(own for _calls, _all, own, _cumulative, _callers in stats.values()) / ROUNDS * 1000
        plain = f"{statistics.median(self.seconds) * 1000:.1f} ms of CPU; " if self.seconds else ""
        print(f"{self.name}: {self.queries} queries; {plain}{whole:.1f} ms under the profiler", flush=True)
        # By what each calls: alone, a list of a library's smallest functions says nothing of where they are called.
        ours = [(key, row) for key, row in stats.items() if _is_ours(key[0])]
        ours.sort(key=lambda item: -item[1][3])
        for (file, line, function), (_calls, calls, own, cumulative, _callers) in ours[:TOP]:
            print(
                f"  {cumulative / ROUNDS * 1000:7.1f} ms, {own / ROUNDS * 1000:5.1f} of them its own, "
                f"{calls / ROUNDS:5.0f} times  {Path(file).relative_to(ROOT)}:{line} {function}"
            )


def measure(name: str, call: Callable[[], Any]) -> None:
    measured = Measured(name)
    for number in range(ROUNDS + 1):
        measured.once(call, counts=number > 0)
    for _ in range(ROUNDS):
        measured.plain(call)
    measured.show()


def _is_ours(file: str) -> bool:
    """Of the floors, but for what every request passes."""
    return any(file.startswith(f"{ROOT}/{floor}/") for floor in FLOORS) and not file.endswith(PASSED)
