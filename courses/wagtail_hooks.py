"""The teaching floor's places: a table of contents."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from academy.groups import allow_model
from academy.models import Role
from courses.models import Topic
from courses.panels import home_panels, menu_items


class TopicViewSet(ModelViewSet):
    model = Topic
    name = "topics"
    icon = "tag"
    menu_label = _("Topics")
    menu_order = 240
    add_to_settings_menu = True
    list_display = ["name", "name_en", "slug", "sort_order"]
    form_fields = ["name", "name_en", "slug", "sort_order"]
    copy_view_enabled = False


allow_model(Role.TRAINER, "courses.topic", "add", "change", "delete", "view")


@hooks.register("register_admin_viewset")
def register_topics():
    return TopicViewSet()


hooks.register("academy_menu_items", menu_items)
hooks.register("academy_home_panels", home_panels)
