"""The cast and the browser."""

import os
import shutil

import pytest


@pytest.fixture(autouse=True)
def _empty_caches():
    from django.core.cache import cache
    from django.utils import translation

    from quizzes.frozen import forget

    cache.clear()
    forget()
    translation.activate("zh-hans")
    yield
    translation.deactivate()
    cache.clear()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; journeys skip with one line where none can be had, and fail where one is demanded."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("No Chromium was found, and REQUIRE_BROWSER is set.")
        pytest.skip("no Chromium on this machine: the browser journeys are left out")
    return path
