"""Wagtail's apps with the academy's people in place of its own, and without the API that Wagtail loads with each process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from wagtail.documents.apps import WagtailDocsAppConfig
from wagtail.images.apps import WagtailImagesAppConfig
from wagtail.locales.apps import WagtailLocalesAppConfig
from wagtail.snippets.apps import WagtailSnippetsAppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class AcademyUsersAppConfig(WagtailUsersAppConfig):
    user_viewset = "academy.viewsets.people.PeopleViewSet"


class _Unserved(ModuleType):
    """A module of the API: whatever is registered with it is not kept."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unserved(name)

    def __call__(self, *args: Any, **options: Any) -> None:
        return None


@contextmanager
def _without_api(package: str) -> Iterator[None]:
    """The academy serves no API, and its schemas are a third of the time in which a process starts.

    Wagtail names the modules where its apps get ready, and nowhere else; one that it names otherwise some day is loaded.
    """
    own = f"{package}.api.v3"
    names = [
        name for name in ("wagtail.api.v3.api", own, f"{own}.router", f"{own}.registry") if name not in sys.modules
    ]
    sys.modules.update({name: _Unserved(name) for name in names})
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


class _Unserving:
    """For an app of Wagtail that has something to serve by the API."""

    name: str

    def ready(self) -> None:
        with _without_api(self.name):
            super().ready()  # type: ignore[misc] # The app's own, which stands behind this one.


class AcademyDocsAppConfig(_Unserving, WagtailDocsAppConfig):
    pass


class AcademyImagesAppConfig(_Unserving, WagtailImagesAppConfig):
    pass


class AcademyLocalesAppConfig(_Unserving, WagtailLocalesAppConfig):
    pass


class AcademySnippetsAppConfig(_Unserving, WagtailSnippetsAppConfig):
    pass
