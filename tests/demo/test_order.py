"""What the demo's people have done stands in the order that the rules shown beside it ask for."""

import pytest
from django.db.models import Q

from academy.models import Posting, User
from certificates.models import Requirement
from courses.models import Enrolment
from quizzes.models import Attempt

pytestmark = pytest.mark.database


def test_nobody_sat_an_exam_before_the_courses_that_open_it():
    exams = Requirement.objects.filter(kind="quiz", purpose="first").exclude(opens_after="")
    sat = []
    for exam in exams.select_related("rule_version__track", "quiz"):
        version = exam.rule_version
        opens = version.requirements.filter(kind="course", mark__in=exam.opening_marks)
        papers = Attempt.objects.filter(quiz=exam.quiz, occasion__startswith=f"track:{version.track.code}:")
        for paper in papers.exclude(started_at=None):
            # Some courses are asked of some posts only.
            posts = Posting.objects.filter(person=paper.learner).values("position")
            asked = opens.filter(Q(only_positions=None) | Q(only_positions__in=posts))
            done = Enrolment.objects.filter(learner=paper.learner, completed_at__lte=paper.started_at)
            assert set(asked.values_list("course", flat=True)) <= set(done.values_list("course", flat=True)), paper
            sat.append(paper)

    # Without them the rows above would say nothing.
    assert len({paper.quiz_id for paper in sat}) > 1


def test_the_newcomer_finishes_a_course_and_then_the_exam_is_open(client):
    """The way that the README tells: the exam waits for the last course, and for nothing else."""
    client.force_login(User.objects.get(staff_number="100001"))
    waits = client.get("/quizzes/cm1-exam/").text.partition("以下条件达成后开放")[2]

    assert "客户投诉处理" in waits
    assert not any(met in waits for met in ("商务礼仪", "客户沟通与客户心理", "网点协作与岗位职责"))
