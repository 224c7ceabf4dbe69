"""Essays of the demo's people: one marked by two, one where two markers differ, others waiting; all by the rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal

from academy.demo.bank import moment
from academy.doors import Ground, grounds_for
from academy.models import Branch, Role, User
from academy.staff.roles import grant_role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.marking.giving import give_mark
from quizzes.marking.queue import take_next
from quizzes.marking.rubrics import judge
from quizzes.models import Attempt, Question, QuestionBank, Quiz, QuizSlot, Rubric

CODE = "written-reply"
STEM = {
    "zh-hans": "罗女士来信：昨天电话里柜员说存单今天到期，今天来取却说明天到期，她急着用钱，白跑一趟。请写一封不超过 200 字的回信。",
    "en": "Ms Luo writes: a teller told her by phone that her deposit matured today; she came, and it matures tomorrow. "
    "She needs the money and made the way for nothing. Answer her in 120 words at most.",
}
GUIDE = {
    "zh-hans": "先承认白跑一趟这件事，再说查清了什么，给出今天就能做的一步；不解释制度，不推给电话里的人。",
    "en": "First what happened to her, then what was found, then one step for today. No lecture, no blame on the caller.",
}
ANSWERS = [
    "罗女士：您好。昨天电话里我们报错了到期日，让您白跑一趟，这是我们的差错。我已查过录音和存单，到期日是明天。"
    "您今天若急用，可以办理部分提前支取，损失的利息由我们网点向上申请补偿；若明天来，我九点在大堂等您，不用排队。",
    "罗女士您好，存单到期日以存单上打印的日期为准，电话咨询仅供参考。请您明天携带身份证再来办理。感谢您的理解与支持。",
    "您好，给您带来不便我们深表歉意。经核实，工作人员把日期看成了今天。您可以今天先办提前支取，也可以明天再来。",
    "罗女士，昨天是我接的电话，是我看错了日期。今天我可以上门给您办理，您说个方便的时间。",
]
# Level of each criterion by the first and by the second marker; the second answer divides them.
GIVEN = [((2, 2, 1), (2, 2, 2)), ((0, 1, 0), (1, 2, 2))]


def load_marking(*, people: dict[str, User], writers: list[User], today: date) -> None:
    """Makes the quiz, its papers and some marks. Idempotent."""
    if Quiz.objects.filter(code=CODE).exists():
        return
    now = moment(today - timedelta(days=3), 16)
    root = Branch.objects.get(parent=None)
    for number in ("200002", "500001"):
        grant_role(person=people[number], role=Role.MARKER, branch=root, now=now, actor=people["300001"])
    question = _question(now)
    quiz = Quiz.objects.create(
        code=CODE,
        title="书面答复练笔",
        title_en="A written reply",
        kind=Quiz.Kind.PRACTICE,
        pass_mark=Decimal(60),
        attempts_allowed=1,
        markers=2,
        marking_tolerance=Decimal(20),
        live=True,
    )
    QuizSlot.objects.create(quiz=quiz, question=question, mark=Decimal(10), sort_order=0)
    with _lent_ground(quiz):
        for place, (writer, text) in enumerate(zip(writers, ANSWERS, strict=False)):
            _hand_in(quiz, writer, text, now + timedelta(minutes=9 * place))
    assert question.rubric is not None
    rubric = question.rubric.as_data()
    for given in GIVEN:
        for marker, levels in zip((people["200001"], people["200002"]), given, strict=True):
            at = now + timedelta(hours=20)
            answer = take_next(question=question, marker=marker, now=at)
            if answer is None:
                continue
            chosen = {criterion["id"]: level for criterion, level in zip(rubric["criteria"], levels, strict=True)}
            fraction, kept = judge(rubric, levels=chosen, vetoes=frozenset())
            give_mark(
                answer=answer,
                marker=marker,
                fraction=fraction,
                chosen=kept,
                comment="先承认差错，这一步做得好。",
                now=at,
            )


def _question(now: datetime) -> Question:
    levels = [("0", "没有", "not there"), ("1", "有，但不清楚", "there, not clear"), ("2", "清楚", "clear")]
    rows = [{"points": points, "text": text, "text_en": text_en} for points, text, text_en in levels]
    rubric = Rubric.objects.create(
        name="书面答复评分表",
        name_en="Rubric of a written reply",
        criteria=[
            ("criterion", {"name": "先承认发生了什么", "name_en": "Names what happened", "levels": rows}),
            ("criterion", {"name": "说清查到了什么", "name_en": "Says what was found", "levels": rows}),
            ("criterion", {"name": "给出今天能做的一步", "name_en": "Gives one step for today", "levels": rows}),
            ("veto", {"name": "承诺做不到的事", "name_en": "Promises what cannot be kept", "only_observed": False}),
        ],
    )
    bank, _created = QuestionBank.objects.get_or_create(
        slug="written-cases", defaults={"name": "书面案例题库", "name_en": "Written cases"}
    )
    question = Question.objects.create(
        bank=bank,
        name="罗女士来信",
        type="essay",
        rubric=rubric,
        live=True,
        body={"type": "essay", "stem": STEM, "guide": GUIDE, "words_max": 200},
    )
    publish_version(question=question, now=now, actor=None)
    return question


@contextmanager
def _lent_ground(quiz: Quiz) -> Iterator[None]:
    """No course and no level of the demo asks for this quiz, so it is lent a ground while its papers are written."""

    def demo_ground(asked: Quiz, learner: User) -> list[Ground]:
        return [Ground(occasion="demo:written", label=quiz.local_title, url="/")] if asked.pk == quiz.pk else []

    grounds_for.register(demo_ground)
    try:
        yield
    finally:
        grounds_for.functions.remove(demo_ground)


def _hand_in(quiz: Quiz, writer: User, text: str, now: datetime) -> Attempt:
    attempt = start_attempt(quiz=quiz, learner=writer, language="zh-hans", now=now, seed=writer.pk)
    save_answer(
        attempt=attempt, slot=1, response={"text": text}, tab="demo", sequence=1, now=now + timedelta(minutes=6)
    )
    closed = submit_attempt(attempt=attempt, now=now + timedelta(minutes=8))
    follow_up(attempt=closed, now=now + timedelta(minutes=8))
    return closed
