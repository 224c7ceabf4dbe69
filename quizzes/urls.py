"""Addresses of the measuring floor."""

from django.urls import path

from quizzes import views

app_name = "quizzes"

urlpatterns = [
    path("quizzes/attempts/<uuid:uuid>/", views.attempt, name="attempt"),
    path("quizzes/attempts/<uuid:uuid>/answers/", views.save_answers, name="save"),
    path("quizzes/attempts/<uuid:uuid>/flag/", views.flag, name="flag"),
    path("quizzes/attempts/<uuid:uuid>/submit/", views.submit, name="submit"),
    path("quizzes/attempts/<uuid:uuid>/result/", views.result, name="result"),
    path("quizzes/attempts/<uuid:uuid>/report/<int:slot>/", views.report, name="report"),
    path("quizzes/<slug:code>/", views.start_page, name="start"),
    path("quizzes/<slug:code>/start/", views.start, name="begin"),
]
