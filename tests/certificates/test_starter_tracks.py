"""The tracks of the starter in a bank: what the file asks of some posts only comes by a new version, HR's own stays."""

import pytest
import yaml
from django.utils import timezone

from academy.models import Position
from certificates.curriculum.loading import FILE, content_of, load_starter_tracks
from certificates.models import CertificationTrack, Requirement
from courses.models import Course, StarterRecord
from courses.starter.records import digest
from quizzes.models import Quiz

pytestmark = pytest.mark.django_db
NARROWED = ["lobby-manager", "teller"]


@pytest.fixture
def loaded():
    """The tracks, over courses and quizzes of which only the names stand."""
    asked = [
        row for track in yaml.safe_load(FILE.read_text(encoding="utf-8"))["tracks"] for row in track["requirements"]
    ]
    for code in {row["course"] for row in asked if "course" in row}:
        Course.objects.create(code=code)
    for code in {row["quiz"] for row in asked if "quiz" in row}:
        Quiz.objects.create(code=code, title=code)
    load_starter_tracks(now=timezone.now())
    return CertificationTrack.objects.get(code="service")


def ageing(version) -> Requirement:
    return version.requirements.get(course__code="ageing-clients")


def codes(requirement: Requirement) -> list[str]:
    return sorted(position.code for position in requirement.only_positions.all())


def test_the_service_certificate_asks_the_counter_and_the_lobby_alone_for_ageing_clients(loaded):
    (version,) = loaded.rule_versions.all()

    assert codes(ageing(version)) == NARROWED
    assert not Requirement.objects.exclude(pk=ageing(version).pk).filter(only_positions__isnull=False).exists()
    assert load_starter_tracks(now=timezone.now()) == []


def as_it_stood_before(track: CertificationTrack) -> None:
    """As an earlier file made it: asked of everybody."""
    version = track.rule_versions.get()
    narrowed = ageing(version)
    narrowed.only_positions.set([])
    narrowed.save()
    record = StarterRecord.objects.get(path="tracks.yaml#service")
    record.file_digest, record.content_digest = "before", digest(content_of(version))
    record.save()


def test_a_bank_gets_it_by_a_new_version_with_a_transition(loaded):
    as_it_stood_before(loaded)

    report = load_starter_tracks(now=timezone.now())

    old, new = loaded.rule_versions.order_by("number")
    assert len(report) == 1 and "version 2" in report[0]
    assert (codes(ageing(old)), codes(ageing(new))) == ([], NARROWED)
    assert new.effective_from == timezone.localdate() and new.transition_until is not None


def test_what_hr_narrowed_in_another_way_is_left_alone(loaded):
    as_it_stood_before(loaded)
    own = ageing(loaded.rule_versions.get())
    own.only_positions.set([Position.objects.get(code="outlet-head")])
    own.save()

    report = load_starter_tracks(now=timezone.now())

    assert loaded.rule_versions.count() == 1 and codes(ageing(loaded.rule_versions.get())) == ["outlet-head"]
    assert report == ["tracks.yaml#service: left alone, it was edited here"]
