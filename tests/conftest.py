"""The cast and the browser."""

import contextlib
import gc
import os
import shutil
from datetime import UTC

import pytest
import time_machine
from hypothesis import HealthCheck, settings

from tests.marked import says_so
from tests.moments import NOW

# The same cases on every run and machine, however slow that is: a suite that fails by chance is believed by nobody.
settings.register_profile(
    "rules", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rules")

# Its first start collects the static files, its others take a copy of them.
SERVED = "tests/academy/operations/test_serve.py"
# What PostgreSQL loads for a whole file or folder is loaded by one worker only; SQLite lays copies (tests/worlds.py).
LOADED_ONCE = ("tests/demo/", "tests/test_journey.py") if "TEST_DATABASE_URL" in os.environ else (SERVED,)

LONG = ("real_clock", "browser")
OF_OTHERS = {"transactional_db", "live_server"}

# The collector looks rarely, and never at the product and the tests themselves: a tenth of the time went into it.
gc.set_threshold(20_000, 20, 20)


def pytest_xdist_make_scheduler(config, log):
    """Tests go to whichever worker is free, and those that share a world to one.

    ``xdist_group`` would say the same, but xdist 3.8 marks the groups in a name that pytest 9.2 no longer reads.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByWorld(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((world for world in LOADED_ONCE if nodeid.startswith(world)), nodeid)

    return ByWorld(config, log)


def pytest_configure(config):
    """Every run stands on the same day, a Monday morning, and its clock goes on from there.

    What starts other processes or a browser lives by the machine's clock: see ``_clock``.
    """
    stopped = time_machine.travel(NOW, tick=True)
    stopped.start()
    config.add_cleanup(stopped.stop)


def pytest_terminal_summary(terminalreporter):
    """The figure of the walk of every address: addresses × roles, the requests asked for it, and how many stood open."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    called = [report for report in reports if getattr(report, "when", "") == "call"]
    walks = [value for report in called for name, value in report.user_properties if name == "walk"]
    if walks:
        terminalreporter.write_line(
            f"Walk of every address: {walks[0]['addresses']} addresses × {len(walks)} roles,"
            f" {sum(walk['requests'] for walk in walks)} requests, {sum(walk['open'] for walk in walks)} open"
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest begin first, and a test with transactions of its own gives back what the migrations wrote.

    pytest-django puts last what uses no database of the run: the tests that start processes, of a minute and more, for
    which one worker would wait at the end.

    Without ``serialized_rollback`` Django empties the tables and makes the groups anew, which the next such test on the
    same worker finds twice.
    """
    items.sort(key=lambda item: next((at for at, mark in enumerate(LONG) if item.get_closest_marker(mark)), len(LONG)))
    for item in items:
        for mark in item.iter_markers("django_db"):
            if mark.kwargs.get("transaction") and not mark.kwargs.get("serialized_rollback"):
                raise pytest.UsageError(f"{item.nodeid}: transaction=True needs serialized_rollback=True")


def pytest_itemcollected(item):
    """PostgreSQL's part collects only files that speak of the mark: another's would be left out without a word."""
    if item.get_closest_marker("database") and not says_so(item.path):
        raise pytest.UsageError(f"{item.nodeid}: its own file says that it depends on the database")


def pytest_collection_finish():
    """What is loaded by now stays to the end of the run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _clock(request):
    """The machine's clock for what is marked ``browser`` or ``real_clock``: another process knows no other."""
    if not any(request.node.get_closest_marker(name) for name in ("browser", "real_clock")):
        yield
        return
    with time_machine.travel(time_machine.escape_hatch.datetime.datetime.now(UTC), tick=True):
        yield


@pytest.fixture(autouse=True)
def _empty_caches():
    from django.core.cache import cache
    from django.utils import translation

    from academy.templatetags.once_tags import forget_parts
    from quizzes.grading.frozen import forget

    cache.clear()
    forget()
    forget_parts()
    translation.activate("zh-hans")
    yield
    translation.deactivate()
    cache.clear()


@pytest.fixture(autouse=True)
def _files_closed(monkeypatch):
    """A test that reads only the status of a file leaves it open, and some later test would be blamed for it."""
    from django.core.signals import request_finished
    from django.db import close_old_connections
    from django.test import Client

    ask, streams = Client.request, []

    def request(self, **asked):
        response = ask(self, **asked)
        if response.streaming:
            streams.append(response)
        return response

    monkeypatch.setattr(Client, "request", request)
    yield
    # As Django's own client does it: the end of a request closes connections, and a test still needs its own.
    request_finished.disconnect(close_old_connections)
    for response in streams:
        response.close()
    request_finished.connect(close_old_connections)


@pytest.fixture(scope="session")
def indices():
    from tests.indexing import indexed_when_asked

    with indexed_when_asked() as pending:
        yield pending


@pytest.fixture(autouse=True)
def _indexed_when_asked(request, indices):
    """Where a test's transaction is its own. Others see each row when it is committed, and what is in the index with it."""
    mark = request.node.get_closest_marker("django_db")
    seen = OF_OTHERS.intersection(request.fixturenames) or any(request.node.get_closest_marker(name) for name in LONG)
    alone = mark is not None and not mark.kwargs.get("transaction") and not seen
    with indices.waiting() if alone else contextlib.nullcontext():
        yield


@pytest.fixture
def ground():
    """Whoever wants to sits any quiz."""
    from academy.doors import Ground, grounds_for

    def always(quiz, learner):
        return [Ground(occasion="test:1", label="test", url="/")]

    grounds_for.register(always)
    yield
    grounds_for.functions.remove(always)


@pytest.fixture
def plain_pages(monkeypatch):
    """For walks of every address. The page that says “not here” is drawn in its own tests, not some thousand times here.

    Nor is what each template was drawn with copied for a test to read: these read the page.
    """
    from django.http import HttpResponseNotFound
    from django.template import Template

    import academy.urls

    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))
    monkeypatch.setattr(academy.urls, "handler404", lambda request, exception: HttpResponseNotFound(), raising=False)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; journeys skip with one line where none can be had, and fail where one is demanded."""
    # The same without the frame of a window, which nobody sees: a journey costs a quarter less.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("No Chromium was found, and REQUIRE_BROWSER is set.")
        pytest.skip("no Chromium on this machine: the browser journeys are left out")
    return path


def _stand_catalogues():
    """Every test begins with the two catalogues, as an academy that was prepared once: each course would make them anew."""
    from courses.starter.loading import ensure_catalogues
    from tests.indexing import indexed_when_asked

    with indexed_when_asked() as pending, pending.waiting():
        ensure_catalogues([])


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """pytest-django's own, but a database that was migrated is copied where the migrations are the same as before."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from tests import migrated

    option = request.config.getvalue
    keep = option("reuse_db") and not option("create_db")
    marks = [mark for item in request.session.items for mark in item.iter_markers("django_db")]
    transactional = any(mark.kwargs.get("serialized_rollback") for mark in marks)
    with contextlib.ExitStack() as stack, django_db_blocker.unblock():
        copied = not (keep and migrated.stands(connection))
        if copied:
            stack.enter_context(migrated.one_at_a_time())
            if migrated.lay(connection):
                keep, copied = True, False
                stack.close()
        made = setup_databases(
            verbosity=option("verbose"),
            interactive=False,
            keepdb=keep,
            aliases={"default"},
            serialized_aliases=set(),
        )
        if copied:
            migrated.keep(connection)
        _stand_catalogues()
    laid_over = contextlib.ExitStack()
    if transactional:
        with django_db_blocker.unblock():
            laid_over.enter_context(migrated.emptied_by_copy(connection))
    yield
    with django_db_blocker.unblock():
        laid_over.close()
        if not option("reuse_db"):
            teardown_databases(made, verbosity=option("verbose"))
