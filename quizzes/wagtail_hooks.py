"""The measuring floor's places in the admin: a table of contents."""

from django.conf import settings
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from academy.models import Role
from academy.staff.groups import allow_bank_wide, allow_model
from academy.viewsets.search_areas import ListSearchArea
from quizzes.hall.panels import invigilator_menu, person_panels, phone_items, todo_items
from quizzes.hall.seating import ARRANGERS
from quizzes.models import Question, Quiz
from quizzes.observing.panels import assessor_menu
from quizzes.observing.panels import phone_items as assessor_on_the_phone
from quizzes.observing.panels import todo_items as observations_to_do
from quizzes.panels import asks_of_home, home_panels, menu_items, running_papers, shortcuts, waiting_items
from quizzes.panels import phone_items as practice_on_the_phone
from quizzes.viewsets.bans import BanViewSet
from quizzes.viewsets.calibrations import CalibrationViewSet
from quizzes.viewsets.categories import QuestionCategoryViewSet
from quizzes.viewsets.conduct import conduct_page
from quizzes.viewsets.dialogues import dialogue_play, dialogue_tree
from quizzes.viewsets.holding import URLS as HELD_URLS
from quizzes.viewsets.holding import held_waits
from quizzes.viewsets.import_page import URLS as IMPORT_URLS
from quizzes.viewsets.imports import QuestionImportViewSet
from quizzes.viewsets.incidents import IncidentViewSet
from quizzes.viewsets.marking import URLS as MARKING_URLS
from quizzes.viewsets.marking import marking_waits, menu_item
from quizzes.viewsets.observations import ObservationViewSet
from quizzes.viewsets.observed_practices import ObservedPracticeViewSet
from quizzes.viewsets.overrides import QuizOverrideViewSet
from quizzes.viewsets.papers import URLS as PAPER_URLS
from quizzes.viewsets.pool_export import URLS as POOL_EXPORT_URLS
from quizzes.viewsets.question_acts import QUESTION_ACTS
from quizzes.viewsets.question_chooser import look_at_question
from quizzes.viewsets.question_files import URLS as FILE_URLS
from quizzes.viewsets.question_joining import URLS as JOINING_URLS
from quizzes.viewsets.question_standing import URLS as STANDING_URLS
from quizzes.viewsets.questions import QuestionBankViewSet, QuestionViewSet
from quizzes.viewsets.quizzes import QuizViewSet
from quizzes.viewsets.regrading import URLS as REGRADING_URLS
from quizzes.viewsets.repairs import URLS as REPAIR_URLS
from quizzes.viewsets.reports import QuestionReportViewSet
from quizzes.viewsets.retiring import URLS as RETIRING_URLS
from quizzes.viewsets.rubrics import RubricViewSet
from quizzes.viewsets.sessions import SessionViewSet
from quizzes.viewsets.special_results import SpecialResultViewSet
from quizzes.viewsets.statistics import URLS as STATISTICS_URLS
from quizzes.viewsets.statistics import looking_waits, statistics_menu
from quizzes.viewsets.yearly import URLS as YEARLY_URLS

for _model in ("questionbank", "questioncategory"):
    # What is open for practice and what is kept for exams holds for everybody's questions.
    allow_bank_wide(Role.TRAINER, f"quizzes.{_model}", "add", "change", "delete")
    for _role in (Role.TRAINER, Role.REVIEWER):
        allow_model(_role, f"quizzes.{_model}", "view")
# The keeper's role opens the exam pools and lets read; what else may be done with them stays a matter of the other roles.
for _model in ("questionbank", "questioncategory", "question", "quiz", "rubric"):
    allow_model(Role.EXAM_KEEPER, f"quizzes.{_model}", "view")
allow_bank_wide(Role.EXAM_KEEPER, "quizzes.questioncategory", "add", "change")
for _role in (Role.TRAINER, Role.REVIEWER):
    allow_model(_role, "quizzes.questionreport", "change", "view")
allow_model(Role.AUDITOR, "quizzes.questionreport", "view")
for _role in (Role.TRAINER, Role.REVIEWER):
    allow_model(_role, "quizzes.questionimport", "view")
allow_model(Role.TRAINER, "quizzes.rubric", "add", "change", "delete", "view")
for _role in (Role.REVIEWER, Role.AUDITOR):
    allow_model(_role, "quizzes.rubric", "view")
for _role in (Role.TRAINER, Role.HR):
    allow_bank_wide(_role, "quizzes.observedpractice", "add", "change", "delete")
for _role in (Role.TRAINER, Role.HR, Role.REVIEWER, Role.AUDITOR, Role.ASSESSOR):
    allow_model(_role, "quizzes.observedpractice", "view")
for _role in (Role.TRAINER, Role.HR):
    allow_model(_role, "quizzes.quizoverride", "add", "change", "delete", "view")
allow_model(Role.AUDITOR, "quizzes.quizoverride", "view")
for _model in ("question", "quiz"):
    allow_model(Role.TRAINER, f"quizzes.{_model}", "add", "change", "delete", "lock", "unlock", "view")
    allow_model(Role.REVIEWER, f"quizzes.{_model}", "change", "publish", "lock", "unlock", "view")
    allow_model(Role.AUDITOR, f"quizzes.{_model}", "view")
    if not settings.REVIEW_REQUIRED:
        allow_model(Role.TRAINER, f"quizzes.{_model}", "publish")

for _role in ARRANGERS:
    allow_model(_role, "quizzes.examsession", "add", "change", "view")
    allow_model(_role, "quizzes.incident", "add", "view")
    allow_model(_role, "quizzes.calibration", "add", "change")
for _role in (*ARRANGERS, Role.AUDITOR):
    for _model in ("examsession", "incident", "ban", "specialresult", "observation", "calibration"):
        allow_model(_role, f"quizzes.{_model}", "view")


class BankGroup(SnippetViewSetGroup):
    menu_label = _("Question bank")
    menu_icon = "help"
    menu_order = 150
    items = (
        QuestionViewSet,
        QuizViewSet,
        QuizOverrideViewSet,
        QuestionCategoryViewSet,
        QuestionBankViewSet,
        RubricViewSet,
        QuestionReportViewSet,
        QuestionImportViewSet,
    )


register_snippet(BankGroup)


class ExamDayGroup(ViewSetGroup):
    menu_label = _("Exam day")
    menu_icon = "date"
    menu_order = 160
    items = (
        SessionViewSet,
        IncidentViewSet,
        SpecialResultViewSet,
        BanViewSet,
        ObservationViewSet,
        CalibrationViewSet,
        ObservedPracticeViewSet,
    )


@hooks.register("register_admin_viewset")
def register_exam_day() -> ExamDayGroup:
    return ExamDayGroup()


@hooks.register("register_admin_urls")
def admin_urls():
    return [
        *HELD_URLS,
        *YEARLY_URLS,
        *MARKING_URLS,
        *PAPER_URLS,
        *POOL_EXPORT_URLS,
        *REGRADING_URLS,
        *REPAIR_URLS,
        *RETIRING_URLS,
        *STATISTICS_URLS,
        *JOINING_URLS,
        *STANDING_URLS,
        path("questions/<int:pk>/look/", look_at_question, name="quizzes_question_look"),
        *IMPORT_URLS,
        *FILE_URLS,
        path("questions/dialogue/tree/", dialogue_tree, name="quizzes_dialogue_tree"),
        path("questions/dialogue/<int:pk>/play/", dialogue_play, name="quizzes_dialogue_play"),
        path("quizzes/<int:pk>/conduct/", conduct_page, name="quizzes_conduct"),
    ]


hooks.register("academy_menu_items", menu_items)
hooks.register("academy_home_asks", asks_of_home)
hooks.register("academy_home_panels", home_panels)
hooks.register("academy_waiting_items", waiting_items)
hooks.register("academy_waiting_items", held_waits)
hooks.register("academy_waiting_items", marking_waits)
hooks.register("academy_waiting_items", looking_waits)
hooks.register("register_admin_menu_item", menu_item)
hooks.register("register_admin_menu_item", statistics_menu)
hooks.register("academy_shortcuts", shortcuts)
hooks.register("academy_menu_items", invigilator_menu)
hooks.register("academy_phone_items", phone_items)
hooks.register("academy_phone_items", practice_on_the_phone)
hooks.register("academy_todo_items", todo_items)
hooks.register("academy_todo_items", running_papers)
hooks.register("academy_menu_items", assessor_menu)
hooks.register("academy_phone_items", assessor_on_the_phone)
hooks.register("academy_todo_items", observations_to_do)
hooks.register("academy_page_scripts", lambda: ["quizzes/unsent.js"])
hooks.register("academy_person_panels", person_panels)


@hooks.register("register_admin_search_area")
def search_questions() -> ListSearchArea:
    return ListSearchArea(_("Questions"), "wagtailsnippets_quizzes_question:list", Question, icon="help", order=30)


@hooks.register("register_admin_search_area")
def search_quizzes() -> ListSearchArea:
    return ListSearchArea(_("Quizzes"), "wagtailsnippets_quizzes_quiz:list", Quiz, icon="form", order=40)


for _act in QUESTION_ACTS:
    hooks.register("register_bulk_action", _act)
