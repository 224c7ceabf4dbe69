"""The register: the database chooses the rows that the rule would."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Branch, User
from certificates.register.rows import RegisterQuery, certificates_asked, rows_of_certificates
from certificates.rules.statuses import Status

pytestmark = pytest.mark.database
DAYS = (-700, -200, 0, 150)


def rows(**asked):
    question = RegisterQuery(known_as_of=timezone.now(), **asked)
    return rows_of_certificates(question, certificates_asked(question, User.objects.all()))


@pytest.mark.parametrize("distance", DAYS)
def test_each_status_filter_chooses_what_the_rule_says(distance):
    day = timezone.localdate() + timedelta(days=distance)
    everything = rows(as_of=day)

    for status in set(Status) - {Status.REPLACED}:
        chosen = {row.certificate.pk for row in rows(as_of=day, status=status.value)}
        assert chosen == {row.certificate.pk for row in everything if row.status == status}, status


def test_the_demo_holds_every_common_status():
    found = {row.status for row in rows(as_of=timezone.localdate())}

    # Without them the test above would say nothing.
    assert found >= {Status.VALID, Status.DUE, Status.EXPIRED, Status.REVOKED, Status.LEFT, Status.CONTAINED}


def test_replaced_documents_are_shown_when_asked_for_and_only_then():
    today = timezone.localdate()
    everything = rows(as_of=today)

    replaced = rows(as_of=today, status=Status.REPLACED.value)

    assert replaced
    assert {row.values["截至日状态"] for row in replaced} == {"已换发"}
    assert {row.certificate.superseded_by.pk for row in replaced} <= {row.certificate.pk for row in everything}
    assert Status.REPLACED not in {row.status for row in everything}


def test_a_branch_filter_holds_everything_below_it_and_nothing_else():
    today = timezone.localdate()
    everything = rows(as_of=today)

    for branch in Branch.objects.all():
        below = {
            row.certificate.pk for row in everything if row.posting and row.posting.branch.path.startswith(branch.path)
        }
        assert {row.certificate.pk for row in rows(as_of=today, branch=branch.code)} == below, branch.code
