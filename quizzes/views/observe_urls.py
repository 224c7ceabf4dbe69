"""Addresses of observed practice: the person's and the assessor's side."""

from django.urls import path

from quizzes.views import calibrating, observing

app_name = "observe"

urlpatterns = [
    path("observe/", observing.index, name="index"),
    path("observe/practices/<slug:code>/", observing.practice, name="practice"),
    path("observe/practices/<slug:code>/<slug:language>.pdf", observing.rubric_printed, name="rubric_printed"),
    path("observe/<uuid:uuid>/", observing.observation, name="observation"),
    path("observe/<uuid:uuid>/role-card/<slug:language>.pdf", observing.role_card_printed, name="role_card_printed"),
    path("observe/<uuid:uuid>/case/", observing.case, name="case"),
    path("observe/<uuid:uuid>/case/file/", observing.case_file, name="case_file"),
    path("observe/<uuid:uuid>/score/", observing.score, name="score"),
    path("observe/<uuid:uuid>/draft/", observing.draft, name="draft"),
    path("observe/calibrations/<uuid:uuid>/", calibrating.calibration, name="calibration"),
    path("observe/calibrations/<uuid:uuid>/score/", calibrating.calibration_score, name="calibration_score"),
    path("observe/calibrations/<uuid:uuid>/draft/", calibrating.calibration_draft, name="calibration_draft"),
    path("observe/calibrations/<uuid:uuid>/file/", calibrating.calibration_file, name="calibration_file"),
]
