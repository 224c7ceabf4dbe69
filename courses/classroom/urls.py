"""Addresses of the classroom on the learner's side."""

from django.urls import path

from courses.classroom import views

app_name = "classroom"

urlpatterns = [
    path("classes/", views.sessions, name="sessions"),
    path("classes/<uuid:uuid>/", views.session, name="session"),
    path("classes/<uuid:uuid>/sign-in/", views.sign_in, name="sign_in"),
]
