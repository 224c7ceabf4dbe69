"""For whom the measuring floor's addresses are."""

from academy.addresses import answers_itself, permitted, roles, screens, signed_in, snippet
from academy.models import Role
from quizzes.hall.seating import ARRANGERS

MARKERS = (Role.MARKER, Role.TRAINER)
WRITERS = (Role.TRAINER, Role.REVIEWER)
STATISTICS_READERS = (*WRITERS, Role.EXAM_KEEPER, Role.AUDITOR)
READERS = (*ARRANGERS, Role.AUDITOR)

signed_in("quizzes:attempt quizzes:paper quizzes:submit quizzes:result quizzes:report quizzes:start quizzes:file")
signed_in("quizzes:begin", page="quizzes:start code")
# The script of an open paper is told that it is signed out, and keeps what was typed.
answers_itself("quizzes:save", page="quizzes:attempt uuid")
answers_itself("quizzes:pulse")
answers_itself("quizzes:notes", page="quizzes:attempt uuid")
signed_in("quizzes:practice quizzes:practice_today quizzes:wrong_book quizzes:wrong_question quizzes:practice_report")
signed_in("quizzes:practice_begin", page="quizzes:practice")
signed_in("quizzes:wrong_read_again", page="quizzes:wrong_book")
signed_in("quizzes:wrong_remove", page="quizzes:wrong_question pk")
signed_in("quizzes:practice_keep", page="quizzes:result uuid")
signed_in("hall:sessions hall:console hall:board hall:slip")
signed_in("observe:index observe:practice observe:observation observe:case observe:case_file observe:score")
signed_in("observe:rubric_printed observe:role_card_printed")
# The script of a score sheet is told that it is signed out, and keeps what was chosen.
answers_itself("observe:draft", page="observe:observation uuid")
signed_in("observe:calibration observe:calibration_score observe:calibration_file")
answers_itself("observe:calibration_draft", page="observe:calibration uuid")

snippet("quizzes.question")
snippet("quizzes.quiz")
snippet("quizzes.rubric")
screens("question_banks", "quizzes.questionbank")
screens("question_categories", "quizzes.questioncategory")
screens("quiz_overrides", "quizzes.quizoverride")
screens("question_reports", "quizzes.questionreport")
screens("question_imports", "quizzes.questionimport")
permitted("question_reports:answer", "quizzes.view_questionreport")
permitted("quizzes_pool_export", "quizzes.view_questioncategory")
permitted("quizzes_pool_file", "quizzes.view_questioncategory", page="question_categories:index")
roles("quizzes_yearly", Role.TRAINER, Role.HR)
permitted("quizzes_held", "quizzes.change_question", "quizzes.view_question")
permitted("quizzes_question_look", "quizzes.change_question", "quizzes.view_question")
permitted(
    "quizzes_import quizzes_import_template quizzes_import_run quizzes_import_preview quizzes_import_faults",
    "quizzes.add_question",
)
permitted("quizzes_import_file", "quizzes.add_question")
permitted(
    "quizzes_file_upload",
    "quizzes.add_question",
    "quizzes.change_question",
    page="wagtailsnippets_quizzes_question:list",
)
permitted("quizzes_import_undo", "quizzes.add_question")
permitted("question_join", "quizzes.change_question")
permitted("quizzes_import_quiz", "quizzes.add_question", page="quizzes_import_run pk")
permitted("quizzes_dialogue_play", "quizzes.change_question", "quizzes.view_question")
permitted(
    "quizzes_dialogue_tree",
    "quizzes.change_question",
    "quizzes.view_question",
    page="wagtailsnippets_quizzes_question:list",
)
roles("marking_queue marking_answer", *MARKERS)
roles("marking_next marking_back", *MARKERS, page="marking_queue")
roles("quiz_paper", *READERS)
# What answers say of questions, of which an exam's are told by their number to whom its pool is closed.
roles("quizzes_statistics quizzes_retiring quiz_statistics quiz_groups", *STATISTICS_READERS)
roles("question_statistics", *STATISTICS_READERS)
roles("quiz_regrade quizzes_repairs", *WRITERS, *ARRANGERS)
# A trainer runs the quizzes of the people of the own branches; seats and rooms are others' work.
roles("quizzes_conduct", Role.TRAINER, Role.HR, Role.ADMINISTRATOR)

screens("exam_sessions", "quizzes.examsession")
permitted("exam_sessions:session exam_sessions:print", "quizzes.view_examsession")
screens("incidents", "quizzes.incident")
permitted("incidents:credit", "quizzes.view_incident")
screens("special_results", "quizzes.specialresult")
permitted("special_results:consequences", "quizzes.view_specialresult")
roles("special_results:paper", *ARRANGERS)
screens("observed_practices", "quizzes.observedpractice")
screens("observations", "quizzes.observation")
permitted("observations:observation", "quizzes.view_observation")
screens("calibrations", "quizzes.calibration")
permitted("calibrations:calibration calibrations:results calibrations:file", "quizzes.view_calibration")
screens("bans", "quizzes.ban")
roles("bans:propose bans:lift", *ARRANGERS)
