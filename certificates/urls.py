"""Addresses of the attesting floor."""

from django.urls import path, re_path

from certificates import views
from certificates.outside import views as outside_views
from certificates.rounds import views as round_views
from certificates.team import views as team_views

app_name = "certificates"

urlpatterns = [
    path("my/certificates/", views.mine, name="mine"),
    path("my/transcript/", views.transcript, name="transcript"),
    path("my/rounds/", round_views.own_rounds, name="rounds"),
    path("my/rounds/<int:pk>/", round_views.own_round, name="round"),
    path("my/rounds/<int:pk>/letter/", round_views.own_letter, name="round_letter"),
    path("my/documents/", outside_views.documents, name="documents"),
    path("my/documents/<uuid:uuid>/scan/", outside_views.scan, name="scan"),
    path("my/documents/<uuid:uuid>/withdraw/", outside_views.withdraw_document, name="withdraw_document"),
    path("my/documents/<slug:code>/", outside_views.hand_in_document, name="hand_in"),
    re_path(r"^certificates/(?P<code>[0-9A-Za-z-]{20,32})\.pdf$", views.document, name="document"),
    path("team/", team_views.team, name="team"),
    path("team/<int:pk>/", team_views.person, name="team_person"),
    path("team/<int:pk>/undo/<str:act>/<str:code>/", team_views.undo, name="team_undo"),
    path("team/<int:pk>/<str:act>/<str:code>/", team_views.decide, name="team_decide"),
    path("verify/", views.verify, name="verify"),
    # Whatever is written there is a question, with a slash in it, too.
    path("verify/<path:code>/", views.verify_code, name="verify_code"),
    path("exports/<uuid:uuid>.zip", views.export_file, name="export_file"),
]
