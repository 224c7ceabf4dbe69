"""A level that asks to win a client over follows from the play that does, and from none that does not."""

from datetime import date

import pytest
from django.utils import timezone

from academy.doors import consequences_of
from academy.models import CareerLevel
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from certificates.rules.known import Evidence
from certificates.rules.meeting import unmeetable
from certificates.rules.openings import with_openings
from certificates.rules.standing import Asked, evaluate
from quizzes.attempts.endings import note_missed_endings
from quizzes.hall.results import Annulment
from quizzes.models import Answer, DialogueEnding
from tests.cast import OPENED, bank, person
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.types.test_dialogue_pages import attempt_at, question_of, say

D = date


TODAY = D(2026, 11, 23)


@pytest.mark.parametrize(
    ("lasts", "days", "expected"),
    [
        ({"lasts": "once"}, [D(2020, 1, 1), D(2026, 1, 1)], D(2020, 1, 1)),
        ({"lasts": "once"}, [], None),
        ({"lasts": "within", "lasts_months": 12}, [D(2025, 11, 23)], D(2025, 11, 23)),
        ({"lasts": "within", "lasts_months": 12}, [D(2025, 11, 22)], None),
        ({"lasts": "cycle"}, [D(2026, 9, 30)], None),
        ({"lasts": "cycle"}, [D(2026, 9, 30), D(2026, 10, 1)], D(2026, 10, 1)),
        # What lies ahead of the day asked is not known on it.
        ({"lasts": "once"}, [D(2026, 11, 24)], None),
    ],
)
def test_a_dialogue_won_counts_as_long_as_it_is_asked_to(lasts, days, expected):
    asked = Asked(pk=1, kind="dialogue", label="d", quiz=7, **lasts)

    line = evaluate((asked,), Evidence(dialogues={7: tuple(days)}), TODAY, cycle_from=D(2026, 10, 1)).lines[0]

    assert (line.met, line.evidence_on) == (expected is not None, expected)
    assert bool(line.missing) is (expected is None)


def test_a_dialogue_is_no_exam_and_waits_for_nothing():
    wanted = (
        Asked(pk=1, kind="months_in_post", label="m", phase="apply", amount=6),
        Asked(pk=2, kind="dialogue", label="d", quiz=7),
    )

    standing = with_openings(evaluate(wanted, Evidence(), TODAY), Evidence(), TODAY, date.min)

    assert standing.lines[1].opens_after == () and not standing.lines[1].opened


def level_that_asks(quiz) -> CertificationTrack:
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理", name_en="Client manager")
    track = CertificationTrack.objects.create(
        code="cm2", level=level, name="客户经理", award="automatic", mode="completion"
    )
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=rules, kind="dialogue", quiz=quiz)
    return track


@pytest.mark.django_db
@pytest.mark.database
def test_the_level_comes_with_the_last_word(client, django_capture_on_commit_callbacks, ground):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    attempt = attempt_at(learner, "practice")
    track = level_that_asks(attempt.quiz)
    client.force_login(learner)

    with django_capture_on_commit_callbacks(execute=True):
        say(client, attempt, "b", 0)
        say(client, attempt, "c", 1, "t2")
        client.post(attempt.get_absolute_url(), {"slot": 1, "response-again": "1"})
    home = client.get("/").content.decode()
    assert not Certification.objects.exists()
    assert "赢得客户：对话" in home and attempt.quiz.get_absolute_url() in home

    with django_capture_on_commit_callbacks(execute=True):
        say(client, attempt, "a", 0)
        # Sent twice by an impatient thumb.
        say(client, attempt, "a", 1, "t2")
        say(client, attempt, "a", 1, "t2")

    held = Certification.objects.get()
    assert (held.person, held.track) == (learner, track)
    assert [(fact["kind"], fact["on"]) for fact in held.evidence] == [("dialogue", str(timezone.localdate()))]
    assert list(DialogueEnding.objects.values_list("play", "kind")) == [(1, "lost"), (2, "won")]
    assert DialogueEnding.objects.get(kind="won").followed_up_at is not None
    # Whoever takes the paper away reads which level rests on it.
    assert [track.level.code in consequence.text for consequence in consequences_of(Annulment(attempt))] == [True]


@pytest.mark.django_db
@pytest.mark.database
def test_in_an_exam_nothing_is_noted_before_the_result(client, ground):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    attempt = attempt_at(learner, "exam")
    client.force_login(learner)
    say(client, attempt, "a", 0)
    say(client, attempt, "a", 1, "t2")

    assert Answer.objects.get().response == {"path": ["a", "a"]}
    assert not DialogueEnding.objects.exists()


@pytest.mark.django_db
@pytest.mark.database
def test_plays_from_before_endings_were_noted_are_found_once(client, ground):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    attempt = attempt_at(learner, "practice")
    answer = {"path": ["a"], "earlier": [["a", "a"], ["b", "c"]]}
    Answer.objects.create(attempt=attempt, slot=1, version_id=attempt.paper[0]["version"], response=answer)

    assert note_missed_endings(now=timezone.now()) == 2
    assert note_missed_endings(now=timezone.now()) == 0
    assert list(DialogueEnding.objects.values_list("play", "kind")) == [(1, "won"), (2, "lost")]


@pytest.mark.django_db
@pytest.mark.database
def test_what_plays_no_dialogue_cannot_be_won(client, ground):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    talk = attempt_at(learner, "practice").quiz
    exam = attempt_at(learner, "exam", question_of()).quiz
    other = quiz_of(bank_of(1), 1, code="drawn", kind="practice")
    track = level_that_asks(talk)

    def faults(quiz):
        requirement = Requirement(kind="dialogue", quiz=quiz)
        return [
            fault.field for fault in unmeetable(track=track, requirements=[requirement], today=timezone.localdate())
        ]

    assert faults(talk) == []
    assert faults(exam) == faults(other) == ["quiz"]
