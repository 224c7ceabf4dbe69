"""Addresses of observed practice: the person's and the assessor's side."""

from django.urls import path

from quizzes.views import observing

app_name = "observe"

urlpatterns = [
    path("observe/", observing.index, name="index"),
    path("observe/practices/<slug:code>/", observing.practice, name="practice"),
    path("observe/<uuid:uuid>/", observing.observation, name="observation"),
    path("observe/<uuid:uuid>/case/", observing.case, name="case"),
    path("observe/<uuid:uuid>/score/", observing.score, name="score"),
    path("observe/<uuid:uuid>/draft/", observing.draft, name="draft"),
]
