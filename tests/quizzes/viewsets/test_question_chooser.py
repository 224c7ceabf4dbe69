"""The chooser of questions: what it offers where, how it finds, and how a question is looked at before it is chosen."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import AccessLog, Role
from courses.models.blocks import LessonBody
from quizzes.bank.versions import publish_version
from quizzes.models import Question, QuestionBank, QuestionCategory, Quiz, QuizSlot
from quizzes.types import QUESTION_TYPES
from quizzes.viewsets.quizzes import QuizViewSet
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body

pytestmark = [pytest.mark.django_db, pytest.mark.both]
CHOOSER = "wagtailsnippetchoosers_quizzes_question"
LESSON = {"lesson": "1"}
COURSE_QUIZ = {"kind": Quiz.Kind.COURSE}


@pytest.fixture
def trainer(client):
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER], language="en"))
    return client


def question(stem: str, *, kind: str = "single", english: str = "", more: dict | None = None, **fields) -> Question:
    home = QuestionBank.objects.get_or_create(slug="service", defaults={"name": "服务"})[0]
    said = {**body("当面道歉", "不作解释"), "stem": {"zh-hans": stem} | ({"en": english} if english else {})}
    made = Question.objects.create(**{"bank": home, "name": "q", "type": kind, "body": said | (more or {}), **fields})
    if kind == "single":
        publish_version(question=made, now=timezone.now(), actor=None)
    return made


def test_the_window_and_the_way_to_a_question_speak_the_readers_language(trainer):
    """Wagtail puts these words together once for the process."""
    window = trainer.get(reverse(f"{CHOOSER}:choose")).content.decode()
    editor = trainer.get(reverse("wagtailsnippets_quizzes_question:list")).text

    assert "Choose" in window and "选择" not in window
    assert "Home" in editor and "首页" not in editor


def test_only_banks_are_offered_out_of_which_the_place_may_take(trainer):
    question("公开题")
    pool = bank_of(1, slug="pool")
    QuestionCategory.objects.filter(pk=pool.pk).update(kept_for_exams=True)

    def banks(**place):
        form = trainer.get(reverse(f"{CHOOSER}:choose"), place).context["filter_form"]
        return set(form.fields["bank"].queryset.values_list("slug", flat=True)), form.fields["bank"].help_text

    assert banks(**LESSON) == banks(**COURSE_QUIZ)
    offered_banks, said = banks(**LESSON)
    assert offered_banks == {"service"} and "kept for exams" in str(said)


def offered(client, **asked) -> set[int]:
    page = client.get(reverse(f"{CHOOSER}:choose_results"), asked)
    assert page.status_code == 200
    return {
        int(key)
        for key in re.findall(r"/chooser/chosen/(\d+)/|chosen/(\d+)", page.content.decode())
        for key in key
        if key
    }


class TestWhatIsFound:
    @pytest.fixture(autouse=True)
    def bank(self, trainer):
        self.stem = question("客户投诉等候时间太长，第一句说什么？", english="A client complains about waiting")
        self.option = question("乙题", more={"options": body("复述客户的诉求")["options"]})
        self.client = trainer

    @pytest.mark.parametrize("word", ["等候时间", "ＷＡＩＴＩＮＧ", "投诉 第一句", "complains"])
    def test_words_of_the_stem_in_either_language_and_inside_a_run_of_chinese(self, word):
        assert offered(self.client, q=word) == {self.stem.pk}

    def test_words_of_an_option(self):
        assert offered(self.client, q="客户的诉求") == {self.option.pk}

    def test_what_was_written_since_is_found_and_what_was_taken_out_is_not(self):
        self.option.body = body("另一句话")
        self.option.save(update_fields=["body"])

        assert offered(self.client, q="另一句话") == {self.option.pk}
        assert offered(self.client, q="客户的诉求") == set()

    @pytest.mark.parametrize("word", ["stem", "zh-hans", "fraction", "single"])
    def test_the_parts_of_a_question_are_no_words_of_it(self, word):
        assert offered(self.client, q=word) == set()

    def test_the_list_of_the_bank_finds_the_same(self):
        found = self.client.get(reverse("wagtailsnippets_quizzes_question:list_results"), {"q": "客户的诉求"})
        assert [one.pk for one in found.context["object_list"]] == [self.option.pk]

    def test_nothing_found_names_the_words_and_a_way_on(self):
        said = self.client.get(reverse(f"{CHOOSER}:choose_results"), {"q": "没有的话"}).content.decode()
        assert "没有的话" in said and "snippet" not in said


class TestFilters:
    def test_by_bank_category_type_difficulty_and_language(self, trainer):
        one = question("甲题", english="One")
        other = QuestionBank.objects.create(slug="other", name="另一题库")
        category = QuestionCategory.objects.create(bank=other, slug="c", name="类")
        two = question("乙题", bank=other, category=category, difficulty="hard")
        talk = question("谈话", kind="dialogue", bank=other)

        assert offered(trainer, bank=other.pk) == {two.pk, talk.pk}
        assert offered(trainer, category=category.pk) == {two.pk}
        assert offered(trainer, type="dialogue") == {talk.pk}
        assert offered(trainer, difficulty="hard") == {two.pk}
        assert offered(trainer, language="en") == {one.pk}
        assert offered(trainer, bank=other.pk, language="zh-hans", q="乙") == {two.pk}

    def test_what_is_retired_is_offered_nowhere(self, trainer):
        question("旧题", retired_at=timezone.now())
        assert offered(trainer) == set()


class TestPlaces:
    @pytest.mark.parametrize("kind", QUESTION_TYPES)
    def test_a_lesson_is_offered_exactly_what_it_takes(self, trainer, kind):
        made = question("题", kind=kind)
        taken = made.lesson_refusal() is None

        assert offered(trainer, **LESSON) == ({made.pk} if taken else set())
        # A case is drawn by a line of its category.
        assert offered(trainer, **COURSE_QUIZ) == ({made.pk} if kind != "case" else set())

    def test_questions_kept_for_exams_are_offered_to_exams_alone(self, trainer):
        keeper = person("200002", "秦守诚", bank()["HO"], roles=[Role.TRAINER, Role.EXAM_KEEPER])
        category = bank_of(1)
        QuestionCategory.objects.filter(pk=category.pk).update(kept_for_exams=True)
        kept = category.questions.get()

        assert offered(trainer, kind=Quiz.Kind.EXAM) == set()
        trainer.force_login(keeper)
        assert offered(trainer, kind=Quiz.Kind.EXAM) == {kept.pk}
        assert AccessLog.objects.filter(person=keeper, outcome="chooser").count() == 1
        assert offered(trainer, **COURSE_QUIZ) == offered(trainer, **LESSON) == set()

    def test_each_field_says_where_it_stands(self):
        check = LessonBody().child_blocks["check"].child_blocks["question"].widget
        assert check.get_chooser_modal_url().endswith("?lesson=1")
        form = QuizViewSet().get_edit_handler().get_form_class()
        line = form.formsets["slots"].form
        assert line.base_fields["question"].widget.linked_fields == {"kind": "#id_kind"}

    def test_the_window_keeps_its_place_while_one_searches(self, trainer):
        question("题")
        window = trainer.get(reverse(f"{CHOOSER}:choose"), LESSON).json()["html"]
        assert "choose/results/?lesson=1" in window or "results/?lesson=1" in window


class TestLook:
    def test_a_question_is_shown_in_the_window_before_it_is_chosen(self, trainer):
        made = question("甲题", english="First thing to say?")
        page = trainer.get(reverse("quizzes_question_look", args=[made.pk]))

        assert page.status_code == 200 and "First thing to say?" in page.content.decode()
        assert page.headers["X-Frame-Options"] == "SAMEORIGIN"

    def test_a_pool_stays_shut(self, trainer):
        category = bank_of(1)
        QuestionCategory.objects.filter(pk=category.pk).update(kept_for_exams=True)
        page = trainer.get(reverse("quizzes_question_look", args=[category.questions.get().pk]))
        assert page.status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_queries_for_one_row_and_for_three(trainer, django_assert_num_queries, rows):
    for number in range(rows):
        question(f"题{number}")
    address = reverse(f"{CHOOSER}:choose_results")
    trainer.get(address)
    with django_assert_num_queries(11):
        assert trainer.get(address, {"q": "题"}).content.decode().count("<iframe") == rows


def test_twenty_stand_on_a_page(trainer):
    for number in range(21):
        question(f"题{number}")
    assert len(offered(trainer)) == 20 and len(offered(trainer, p=2)) == 1


def test_categories_follow_the_bank_that_is_chosen(trainer):
    """In the window, the list and the editor: each option says whose it is."""
    made = question("甲题")
    category = QuestionCategory.objects.create(bank=made.bank, slug="c", name="投诉")
    question("乙题", category=category)
    edit = reverse("wagtailsnippets_quizzes_question:edit", args=[made.pk])
    for address in (reverse(f"{CHOOSER}:choose"), reverse("wagtailsnippets_quizzes_question:list"), edit):
        page = trainer.get(address).content.decode()
        assert 'data-follows="bank"' in page.replace('\\"', '"'), address
        assert f'value="{category.pk}" data-of="{made.bank_id}"' in page.replace('\\"', '"'), address


def test_what_was_chosen_is_called_in_the_readers_words(trainer):
    made = question("离柜以前", english="Before the client leaves")

    answer = trainer.get(reverse(f"{CHOOSER}:chosen", args=[made.pk])).json()
    lesson = LessonBody().child_blocks["check"].child_blocks["question"].widget.get_value_data(made)

    assert answer["result"]["string"] == lesson["string"] == "Before the client leaves"


def test_a_course_is_offered_its_quizzes_and_no_level_exam(trainer):
    for code, kind in (("course-one", Quiz.Kind.COURSE), ("level-one", Quiz.Kind.EXAM)):
        Quiz.objects.create(code=code, title=code, kind=kind, live=True)
    window = reverse("wagtailsnippetchoosers_quizzes_quiz:choose")

    offered, everywhere = trainer.get(window, {"course": "1"}).text, trainer.get(window).text

    assert "course-one" in offered and "level-one" not in offered
    assert "level-one" in everywhere


def test_a_lesson_is_offered_first_what_no_quiz_asks_and_told_which_quiz_asks_the_others(trainer):
    free = question("自由题")
    category = QuestionCategory.objects.create(bank=free.bank, slug="c", name="投诉")
    drawn, named = question("抽题", category=category), question("点名题")
    remittance = Quiz.objects.create(code="r", title="跨境汇款测验", title_en="Remittance quiz")
    QuizSlot.objects.create(quiz=remittance, category=category, count=1, sort_order=0)
    QuizSlot.objects.create(quiz=remittance, question=named, sort_order=1)

    page = trainer.get(reverse(f"{CHOOSER}:choose"), LESSON)

    assert [found.pk for found in page.context["results"]] == [free.pk, named.pk, drawn.pk]
    assert page.content.decode().count("Remittance quiz") == 2 and "stand last" in page.content.decode()
    assert "stand last" not in trainer.get(reverse(f"{CHOOSER}:choose"), COURSE_QUIZ).content.decode()
