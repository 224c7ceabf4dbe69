"""Addresses of the teaching floor; the pages themselves are Wagtail's, prefixed by language."""

from django.urls import path

from courses import views
from courses.hours.views import my_hours

app_name = "courses"

urlpatterns = [
    path("my/hours/", my_hours, name="my_hours"),
    path("courses/", views.catalogue, name="catalogue"),
    path("courses/lessons/<int:page_id>/<str:step>/", views.lesson_step, name="lesson_step"),
    path("courses/<slug:code>/", views.course, name="course"),
    path("courses/<slug:code>/enrol/", views.enrol_in, name="enrol"),
]
