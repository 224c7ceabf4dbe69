"""The windows of Wagtail's choosers speak the reader's language, whichever the process began with."""

import json
import re

import pytest
from django.urls import reverse

from academy.models import Role, User
from tests.cast import bank, person


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["wagtailimages_chooser:choose", "wagtaildocs_chooser:choose"])
def test_tabs_are_in_the_language_of_the_reader(client, place):
    trainer = person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER])
    client.force_login(trainer)

    def tabs(language):
        User.objects.filter(pk=trainer.pk).update(language=language)
        window = json.loads(client.get(reverse(place)).content)["html"]
        return [
            re.sub(r"<[^>]+>", "", tab).split()[0] for tab in re.findall(r'<a[^>]*role="tab".*?</a>', window, re.DOTALL)
        ]

    assert tabs("en")[0] == "Search"
    assert tabs("zh-hans")[0] == "搜索"
