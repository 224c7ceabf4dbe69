"""Addresses of the measuring floor."""

from django.urls import path, re_path

from quizzes import views
from quizzes.practice import views as practice

app_name = "quizzes"

urlpatterns = [
    re_path(r"^quizzes/files/(?P<digest>[0-9a-f]{64})/$", views.question_file, name="file"),
    path("quizzes/attempts/<uuid:uuid>/", views.attempt, name="attempt"),
    path("quizzes/attempts/<uuid:uuid>/answers/", views.save, name="save"),
    path("quizzes/attempts/<uuid:uuid>/pulse/", views.pulse, name="pulse"),
    path("quizzes/attempts/<uuid:uuid>/paper/", views.paper, name="paper"),
    path("quizzes/attempts/<uuid:uuid>/notes/", views.notes, name="notes"),
    path("quizzes/attempts/<uuid:uuid>/submit/", views.submit, name="submit"),
    path("quizzes/attempts/<uuid:uuid>/result/", views.result, name="result"),
    path("quizzes/attempts/<uuid:uuid>/report/<int:slot>/", views.report, name="report"),
    path("my/practice/", practice.practice, name="practice"),
    path("my/practice/begin/", practice.begin, name="practice_begin"),
    path("my/practice/today/", practice.today, name="practice_today"),
    path("my/practice/wrong/", practice.book, name="wrong_book"),
    path("my/practice/wrong/<int:pk>/", practice.book_question, name="wrong_question"),
    path("my/practice/wrong/<int:pk>/remove/", practice.book_remove, name="wrong_remove"),
    path("my/practice/wrong/read-again/", practice.read_again, name="wrong_read_again"),
    path("my/practice/keep/<uuid:uuid>/<int:slot>/", practice.keep, name="practice_keep"),
    path("my/practice/report/<int:version>/", practice.report, name="practice_report"),
    path("quizzes/<slug:code>/", views.start_page, name="start"),
    path("quizzes/<slug:code>/start/", views.start, name="begin"),
]
