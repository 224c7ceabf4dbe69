"""Addresses of the teaching floor; the pages themselves are Wagtail's, prefixed by language."""

from django.urls import path

from courses import views
from courses.hours.views import my_hours
from courses.job_aids import screens as job_aids
from courses.pages import trying
from courses.programmes import screens as programmes
from courses.what_changed.screens import what_changed

app_name = "courses"

urlpatterns = [
    path("my/what-changed/", what_changed, name="what_changed"),
    path("my/hours/", my_hours, name="my_hours"),
    path("my/job-aids/", job_aids.job_aids, name="job_aids"),
    path("my/job-aids/<slug:code>/", job_aids.job_aid, name="job_aid"),
    path("my/job-aids/<slug:code>/<slug:language>.pdf", job_aids.job_aid_pdf, name="job_aid_pdf"),
    path("my/tasks/", trying.my_tasks, name="my_tasks"),
    path("team/tasks/", trying.team_tasks, name="team_tasks"),
    path("my/programme/", programmes.programme, name="programme"),
    path("my/mentees/", programmes.mentees, name="mentees"),
    path("programmes/of/<int:pk>/", programmes.programme_of, name="programme_of"),
    path("programmes/mentor/<int:pk>/", programmes.mentor, name="programme_mentor"),
    path("programmes/tick/<int:pk>/<int:task>/", programmes.tick, name="programme_tick"),
    path("courses/", views.catalogue, name="catalogue"),
    path("courses/lessons/<int:page_id>/<str:step>/", views.lesson_step, name="lesson_step"),
    path("courses/<slug:code>/", views.course, name="course"),
    path("courses/<slug:code>/enrol/", views.enrol_in, name="enrol"),
]
