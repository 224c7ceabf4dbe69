"""Wagtail's user management with the academy's people in its place."""

from wagtail.users.apps import WagtailUsersAppConfig


class AcademyUsersAppConfig(WagtailUsersAppConfig):
    user_viewset = "academy.viewsets.people.PeopleViewSet"
