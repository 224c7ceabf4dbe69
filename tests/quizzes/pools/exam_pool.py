"""A question of an exam in all its states, and every address at which it might be read."""

import re
from itertools import product

from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLResolver

from academy.models import AccessLog
from quizzes.models import (
    Question,
    Quiz,
)

# One key for everything, so that an address of whatever kind is asked about the same question.
KEY = 7001


SECRET = "机密"


QUESTIONS = "wagtailsnippets_quizzes_question"


CHOOSER = "wagtailsnippetchoosers_quizzes_question"


def secret_body() -> dict:
    def said(text):
        return {"zh-hans": f"{SECRET}{text}", "en": f"{SECRET} {text}"}

    return {
        "type": "single",
        "stem": said("题干"),
        "feedback": said("解析"),
        "options": [
            {"id": "a", "text": said("对"), "fraction": "1", "feedback": said("因为对")},
            {"id": "b", "text": said("错"), "fraction": "0", "feedback": said("因为错")},
        ],
        "shuffle": True,
    }


def addresses(question: Question) -> list[str]:
    """Every address of the site, its gaps filled with what leads to the question."""
    keys = {str(KEY)}
    for rows in (question.versions, question.revisions, question.workflow_states):
        keys |= {str(pk) for pk in rows.values_list("pk", flat=True)}
    tasks = question.workflow_states.values_list("current_task_state", "current_task_state__task")
    keys |= {str(pk) for row in tasks for pk in row if pk}
    uuids = [str(attempt.uuid) for attempt in Quiz.objects.get(pk=KEY).attempts.all()]
    words = {
        "app_label": ["quizzes"],
        "app_name": ["quizzes"],
        "model_name": ["question", "quiz"],
        "action_name": ["approve"],
        "code": ["exam"],
        "revision_id_a": ["live"],
        "revision_id_b": ["latest"],
        "action": ["delete"],
    }

    def filled(route: str) -> list[str]:
        names = re.findall(r"<(?:(\w+):)?(\w+)>", route)
        choices = []
        for converter, name in names:
            found = uuids if converter == "uuid" else words.get(name, [] if converter == "slug" else sorted(keys))
            choices.append(found if name != "pk" else [str(KEY)])
        return [re.sub(r"<[^>]+>", "%s", route.replace("%", "%%")) % values for values in product(*choices)]

    def walk(resolver, before: str) -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            if isinstance(entry.pattern, RoutePattern):
                route = before + str(entry.pattern)
            else:
                # Of the patterns by expression: named groups are gaps, the rest is text.
                text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", str(entry.pattern))
                route = before + re.sub(r"[\^$?]|\\A|\\Z|\(.*?\)", "", text).replace("\\.", ".").replace("\\", "")
            found += walk(entry, route) if isinstance(entry, URLResolver) else filled(route)
        return found

    return sorted({"/" + one for one in walk(get_resolver(), "")})


def said_to(user, paths: list[str], looks: dict[str, list] | None = None) -> dict[str, str]:
    """Where an answer says a word of the question, and which; in ``looks`` by path what was logged of it."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    told = {}
    for path in paths:
        if "logout" in path:
            continue
        answer = client.get(path)
        text = b"".join(answer) if answer.streaming else answer.content
        # JSON writes Chinese by its numbers.
        for form in (SECRET, SECRET.encode("unicode_escape").decode()):
            place = text.decode(errors="replace").find(form)
            if place >= 0:
                told[path] = text.decode(errors="replace")[max(0, place - 80) : place + 20]
        if looks is not None:
            # Else the look of one page would stand for that of another.
            access_logs = AccessLog.objects.filter(kind="exam_question", person=user)
            looks[path] = list(access_logs.values_list("about", "outcome"))
            access_logs.delete()
    return told
