"""Addresses of exam day: the invigilator's console, outside the admin, and the candidate's slip."""

from django.urls import path

from quizzes.views import hall

app_name = "hall"

urlpatterns = [
    path("hall/", hall.sessions, name="sessions"),
    path("hall/<uuid:uuid>/", hall.console, name="console"),
    path("hall/<uuid:uuid>/board/", hall.board, name="board"),
    path("quizzes/slips/<uuid:uuid>/", hall.slip, name="slip"),
]
