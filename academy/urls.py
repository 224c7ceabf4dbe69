"""Addresses of the academy. Upper floors are included by string, so that nothing here imports them."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from academy import views
from academy.addresses.bulk_actions import leave_only_listed_bulk_actions
from academy.house_rules.page import house_rules
from academy.notices.delivery.arrival import report_arrival
from academy.operations.device import views as device
from academy.viewsets.choosers import external_link
from academy.viewsets.open_forms import save_in_one_line
from academy.viewsets.taking_away import delete_page

urlpatterns = [
    path("", views.home, name="home"),
    # Asked for most: what stands first is found without a look at the rest.
    path("", include("quizzes.views.hall_urls")),
    path("", include("quizzes.urls")),
    path("", include("quizzes.views.observe_urls")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("service-worker.js", device.service_worker, name="service_worker"),
    path("manifest/<slug:language>.webmanifest", device.web_manifest, name="web_manifest"),
    path("without-line/<slug:language>/", device.without_line, name="without_line"),
    path("accounts/", include("allauth.urls")),
    path("language/", views.set_language, name="set_language"),
    path("appearance/", views.set_appearance, name="set_appearance"),
    path("my/notices/", views.notices, name="notices"),
    path("my/notices/<int:pk>/", views.open_notice, name="open_notice"),
    path("notices/arrival/", report_arrival, name="report_arrival"),
    path("my/profile/", views.profile, name="profile"),
    path("my/record/", views.my_record, name="my_record"),
    path("my/record/<uuid:uuid>/", views.record_file, name="record_file"),
    path("my/house-rules/", house_rules, name="house_rules"),
    path("my/todo/", views.todo, name="todo"),
    path("my/", views.mine, name="mine"),
    path("", include("courses.urls")),
    path("", include("courses.classroom.urls")),
    path("", include("certificates.urls")),
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True), name="cms_login"),
    path("cms/choose-external-link/", external_link, name="wagtailadmin_choose_page_external_link"),
    path("cms/pages/<int:page_id>/delete/", delete_page, name="delete_page"),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("favicon.ico", RedirectView.as_view(url=settings.STATIC_URL + "academy/mark.svg"), name="favicon"),
]
if settings.DEBUG:
    urlpatterns.append(path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}, name="media"))
# Before Wagtail's own of the same address.
urlpatterns += i18n_patterns(
    re_path(wagtail_urls.serve_pattern, views.serve_page, name="wagtail_serve"), path("", include(wagtail_urls))
)

leave_only_listed_bulk_actions()
save_in_one_line(wagtailadmin_urls.urlpatterns)

handler400 = "academy.views.bad_request"
