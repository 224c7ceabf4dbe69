"""Lists of the admin: every day and moment is written alike, and who left is found where they were."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override
from wagtail.admin.ui.tables import Column, DateColumn

from academy.models import CareerLevel, Role
from academy.staff.people import end_employment
from certificates.models import CertificationTrack, RuleVersion
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("column", [Column("day"), DateColumn("day")])
@pytest.mark.parametrize(
    ("value", "said"),
    [(date(2027, 3, 4), "2027-03-04"), (datetime(2027, 3, 4, 1, 2, tzinfo=UTC), "2027-03-04 09:02"), ("2 层", "2 层")],
)
def test_a_day_reads_the_same_in_every_column_and_language(language, column, value, said):
    with override(language):
        cell = render_to_string(column.cell_template_name, {"column": column, "value": value})

    assert f">{said}<" in cell.replace("\n", "").replace("  ", "")


def test_hr_reads_days_of_rules_and_where_a_leaver_was(client):
    branches = bank()
    client.force_login(person("300001", "苏映雪", branches["HO"], roles=[Role.HR]))
    level = CareerLevel.objects.create(code="CM2", rank=2, name="高级", name_en="Senior")
    track = CertificationTrack.objects.create(code="cm2", name="认证", level=level)
    RuleVersion.objects.create(track=track, number=1, effective_from=date(2027, 3, 4))
    gone = person("100008", "秦若兰", branches["BJ01"])
    today = timezone.localdate()
    end_employment(person=gone, last_day=today - timedelta(days=3), now=timezone.now(), actor=None, reason="调离")

    assert "2027-03-04" in client.get("/cms/rules/").content.decode()
    row = client.get("/cms/users/?q=100008").content.decode().partition("100008")[2]
    assert "望京网点" in row and "已离职" in row
