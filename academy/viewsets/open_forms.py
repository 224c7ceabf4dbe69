"""What a form saves by itself and what a button saves stand in one line, whichever is slower.

Wagtail saves a form while one types. It hears of two savings that cross only when both are told in time: a form that was
published while its first saving ran made a second draft, and a saving that had begun before a publication wrote its
older state over it. Here every saving of the same form waits for the one before, on the row of the form and then of what
it edits, before Wagtail reads anything. What comes with an older state than a button has saved is refused in Wagtail's
own words for it; a new form that was saved already edits what it made, though its browser has not heard of it.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.utils import set_query_params
from wagtail.admin.views.generic.mixins import CreateEditViewOptionalFeaturesMixin
from wagtail.models import Page

from academy.models import OpenForm
from academy.requests.asked import whole_number
from academy.requests.signed_in import SignedInRequest

KEY, TURN = "open-form", "open-form-turn"
KEY_TEXT = re.compile(r"[0-9a-f]{32}")
# The key of a row inside the form: empty for a new one.
ROW_KEY = re.compile(r"-\d+-id$")
KEPT = timedelta(days=7)
View = Callable[..., HttpResponse]


def save_in_one_line(patterns: list[Any], namespace: str = "") -> None:
    """Called once, with all addresses of the admin: every form of pages and snippets that saves by itself, Wagtail's and
    our own, whatever views a viewset gives it."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            save_in_one_line(pattern.url_patterns, pattern.namespace or namespace)
        elif _edits(pattern, namespace):
            pattern.callback = in_one_line(pattern.callback)


def in_one_line(view: View) -> View:
    @wraps(view)
    def saved(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            form = _form_of(request, timezone.now())
            if form is not None and _is_late(request, form):
                return _refusal()
            made = _made_by(form) if form is not None else None
            if form is not None and made is not None and _was_done(request, form):
                return redirect(AdminURLFinder(request.user).get_edit_url(made) or "wagtailadmin_home")
            if made is not None and not _names_a_row(kwargs):
                return _edit(request, made)
            _lock(view, kwargs)
            if form is not None:
                _tell_what_was_not_heard(request, form)
            response = view(request, *args, **kwargs)
            if form is not None and saves_by_itself(request):
                _remember_answer(form, response)
            return response

    return saved


def remember_saving(request: SignedInRequest, instance: models.Model) -> None:
    """Hooked after each creation and each edit of a page or snippet, within the form's turn."""
    key = key_of(request)
    if key:
        OpenForm.objects.filter(person=request.user, key=key).update(
            about=instance._meta.label_lower,
            object_key=str(instance.pk),
            revision=getattr(instance, "latest_revision_id", None),
            turn=_turn_of(request),
            done=not saves_by_itself(request),
        )


def saves_by_itself(request: SignedInRequest) -> bool:
    """As Wagtail tells a saving by script from one by a button."""
    return not request.accepts("text/html")


def _edits(pattern: Any, namespace: str) -> bool:
    if namespace == "wagtailadmin_pages":
        return pattern.name in ("add", "edit")
    view_class = getattr(pattern.callback, "view_class", None)
    return view_class is not None and issubclass(view_class, CreateEditViewOptionalFeaturesMixin)


def _form_of(request: SignedInRequest, now: datetime) -> OpenForm | None:
    """The form's row, locked until its saving is done. None where the page named none, as without scripts."""
    key = key_of(request)
    if not key:
        return None
    form, made = OpenForm.objects.select_for_update().get_or_create(
        person=request.user, key=key, defaults={"opened_at": now}
    )
    if made:
        OpenForm.objects.filter(person=request.user, opened_at__lt=now - KEPT).delete()
    return form


def key_of(request: SignedInRequest) -> str:
    key = request.POST.get(KEY, "")
    return key if KEY_TEXT.fullmatch(key) else ""


def _turn_of(request: SignedInRequest) -> int:
    turn = whole_number(request.POST.get(TURN, ""))
    return turn if turn is not None and 0 <= turn < 2**31 else 0


def _is_late(request: SignedInRequest, form: OpenForm) -> bool:
    """What saves by itself never goes back behind what was saved; a button always says what the form says now."""
    return saves_by_itself(request) and (form.done or 0 < _turn_of(request) <= form.turn)


def _was_done(request: SignedInRequest, form: OpenForm) -> bool:
    """A button pressed once more, whose answer the browser did not wait for: the same again is no second saving, and a new
    row would be made twice."""
    if saves_by_itself(request) or not form.done:
        return False
    if _turn_of(request) == form.turn:
        messages.info(request, _("This was saved already, as shown here."))
        return True
    if any(ROW_KEY.search(name) and not key for name, key in request.POST.items()):
        messages.warning(request, _("This was saved already, as shown here. What you wrote since then is not in it."))
        return True
    return False


def _refusal() -> JsonResponse:
    message = _("This is older than what was saved since.")
    return JsonResponse({"success": False, "error_code": "invalid_revision", "error_message": message}, status=400)


def _names_a_row(kwargs: dict[str, Any]) -> bool:
    return "pk" in kwargs or "page_id" in kwargs


def _made_by(form: OpenForm) -> models.Model | None:
    """What the form has made, unless it was deleted since."""
    if not form.about:
        return None
    return apps.get_model(form.about)._default_manager.filter(pk=form.object_key).first()


def _edit(request: SignedInRequest, made: models.Model) -> HttpResponse:
    """The form of something new, whose browser has not heard that it was saved: from here on it edits that."""
    address = AdminURLFinder(request.user).get_edit_url(made)
    if not address:
        raise PermissionDenied
    match = resolve("/" + address.removeprefix(get_script_prefix()))
    request.resolver_match = match
    response = match.func(request, *match.args, **match.kwargs)
    answer = _answer_in(response)
    if saves_by_itself(request) and answer.get("success"):
        query = {"_w_hydrate_create_view": "1"}
        return JsonResponse(answer | {"url": address, "hydrate_url": set_query_params(address, query)})
    return response


def _lock(view: View, kwargs: dict[str, Any]) -> None:
    """The row that is edited, for as long as its saving takes."""
    if "page_id" in kwargs:
        rows = Page.objects.filter(pk=kwargs["page_id"])
    elif "pk" in kwargs:
        initial: dict[str, Any] = getattr(view, "view_initkwargs", {})
        rows = initial["model"]._base_manager.filter(pk=unquote(str(kwargs["pk"])))
    else:
        return
    rows.select_for_update().order_by().values_list("pk", flat=True).first()


def _tell_what_was_not_heard(request: SignedInRequest, form: OpenForm) -> None:
    """Puts into the request what the answers before have told the browser to put into its fields."""
    posted = request.POST.copy()
    for name, value in form.fields.items():
        if name in posted:
            posted[name] = value
    if saves_by_itself(request) and form.revision and not posted.get("overwrite_revision_id"):
        posted["overwrite_revision_id"] = str(form.revision)
    # The types say that what was posted is never put there by hand; Django's request has a setter for it.
    request.POST = posted  # type: ignore[assignment]


def _remember_answer(form: OpenForm, response: HttpResponse) -> None:
    """An answer tells what was made since the one before; a browser that missed one hears it with the next."""
    answer = _answer_in(response)
    if answer.get("success"):
        answer["field_updates"] = form.fields | answer.get("field_updates", {})
        OpenForm.objects.filter(pk=form.pk).update(fields=answer["field_updates"])
        response.content = json.dumps(answer).encode()


def _answer_in(response: HttpResponse) -> dict[str, Any]:
    is_json = response.headers.get("Content-Type") == "application/json"
    return json.loads(response.content) if is_json else {}
