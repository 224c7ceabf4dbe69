"""Which fields name a person, and which of them no table of the person's record tells, with the reason why."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import CharField, Field, JSONField, Model, TextField

from academy.models import User

LEFT_OUT: dict[str, str] = {}


def leave_out(reason: str, *fields: str) -> None:
    """Says why fields (``app.Model.field``) stand in no table of a person's record."""
    LEFT_OUT.update(dict.fromkeys(fields, reason))


def fields_about_people() -> Iterator[str]:
    """Every field that leads to a person, and every one that leads to a row about a person.

    A row is about a person when a field that is not left out leads to one; so an answer, which leads to an attempt, is
    found though it names nobody.
    """
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    about: set[type] = {User}
    found: dict[str, None] = {}
    going = True
    while going:
        going = False
        for model in models:
            for field in model._meta.get_fields():
                if not isinstance(field, Field) or not field.is_relation or field.related_model not in about:
                    continue
                name = f"{model._meta.label}.{field.name}"
                if name in found or _told_by_its_pair(model, name):
                    continue
                found[name] = None
                if name not in LEFT_OUT and not field.many_to_many and model not in about:
                    about.add(model)
                    going = True
    yield from found


def _told_by_its_pair(model: type[Model], name: str) -> bool:
    """The table behind a many-to-many field is told where the field is."""
    return bool(model._meta.auto_created)


WAGTAIL = "Wagtail's own record of work on pages, pictures and drafts: it says who edited content, and nothing about the person."
RECORDER = "Who entered a fact about somebody else: the journal tells the same act of the person in academy.acts."

leave_out(
    "With which file a person came, while nobody has opened it: it goes with the opening, which the journal tells.",
    "academy.User.quiet_load",
)
leave_out(
    RECORDER,
    "academy.BranchPlacement.recorded_by",
    "academy.Employment.recorded_by",
    "academy.Posting.recorded_by",
    "academy.Leave.recorded_by",
    "academy.RoleGrant.recorded_by",
    "academy.FormerStaffNumber.recorded_by",
)
leave_out(
    "Says who leads the person's team; the team's postings are told in their own records.", "academy.Posting.manager"
)
leave_out("Rows of a file in course of import; they go 90 days after it.", "academy.ImportLine.run")
leave_out(
    "What stood before an import, kept for a day so that it can be undone; the journal tells both of the person.",
    "academy.ImportedPerson.run",
    "academy.ImportedPerson.person",
)
leave_out(
    "Wrong passwords, mostly other people's, kept for 30 days so that guessing is slow.", "academy.FailedSignIn.person"
)
leave_out("What was asked for is told by the table of its own kind.", "academy.Job.asked_by")
leave_out("Which heading of a file means what: a habit of a screen.", "academy.ColumnMapping.person")
leave_out("What somebody looks for in lists of others: a habit of a screen.", "academy.SavedFilter.owner")
leave_out("A form that stands open in a browser; it goes a week later.", "academy.OpenForm.person")
leave_out("Repeats the e-mail of the account.", "account.EmailAddress.user")
leave_out("A secret of the second factor of signing in; a copy of it would weaken it.", "mfa.Authenticator.user")
leave_out("Language, picture and theme of the admin's screens.", "wagtailusers.UserProfile.user")
leave_out(
    WAGTAIL,
    "wagtailmedia.Media.uploaded_by_user",
    "wagtaildocs.Document.uploaded_by_user",
    "wagtailimages.Image.uploaded_by_user",
    "wagtailadmin.EditingSession.user",
    "wagtailadmin.FormState.user",
    "wagtailcore.APIToken.user",
    "wagtailcore.ModelLogEntry.user",
    "wagtailcore.Revision.user",
    "wagtailcore.UploadedFile.uploaded_by_user",
    "wagtailcore.WorkflowState.requested_by",
    "wagtailcore.TaskState.finished_by",
    "wagtailcore.Page.locked_by",
    "wagtailcore.Page.owner",
    "wagtailcore.PageLogEntry.user",
    "wagtailcore.Comment.user",
    "wagtailcore.Comment.resolved_by",
    "wagtailcore.CommentReply.user",
    "wagtailcore.PageSubscription.user",
)
leave_out(
    "Once a person's data are erased nothing is left to hand out; the erasure stands in the journal.",
    "academy.Erasure.person",
    "academy.Erasure.proposal",
)

leave_out(
    "A thing that a proposal concerns: a question, a quiz, a page, a rule. The proposal itself is told.",
    "academy.ProposalObject.proposal",
)

KEPT_TEXTS: dict[str, str] = {}


def keep_text(reason: str, *fields: str) -> None:
    """Says why an erasure leaves fields that hold text (``app.Model.field``) as they are."""
    KEPT_TEXTS.update(dict.fromkeys(fields, reason))


def texts_about_people() -> Iterator[str]:
    """Every field of the academy's own models about people in which somebody may have written what they like.

    Fields with choices, digests, keys and addresses of the site hold nothing of that.
    """
    models = {name.rpartition(".")[0] for name in fields_about_people()} | {User._meta.label}
    for label in sorted(models):
        model = apps.get_model(label)
        if label in CONTENT or not model.__module__.startswith(("academy.", "quizzes.", "courses.", "certificates.")):
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, CharField | TextField | JSONField) and not field.choices and _is_written(model, field):
                yield f"{label}.{field.name}"


def _is_written(model: type[Model], field: Field) -> bool:
    return not field.name.endswith(CODES) and not (isinstance(field, CharField) and (field.max_length or 0) <= SHORT)


# Content of the academy, which is about no one: a text in it that names somebody is an editor's to change.
CONTENT = (
    "courses.CataloguePage",
    "courses.CoursePage",
    "courses.LessonPage",
    "quizzes.Question",
    "quizzes.QuestionVersion",
    "quizzes.Quiz",
)
# By their ends, fields that the program fills; and what is too short to say something about somebody.
CODES = (
    "digest",
    "seal",
    "code",
    "slug",
    "kind",
    "action",
    "event",
    "shape",
    "occasion",
    "path",
    "uuid",
    "serial",
    "prefix",
    "about",
)
SHORT = 20

keep_text(
    "Names of the bank's parts and documents, which name nobody.",
    "academy.BranchPlacement.name",
    "academy.BranchPlacement.name_en",
    "academy.Posting.department",
)
keep_text(
    "Filled by the program: outcomes, counts, encodings, columns of a file, the other system's number of a message.",
    "academy.AccessLog.outcome",
    "academy.Erasure.counts",
    "academy.Job.file",
    "academy.Job.holder",
    "academy.Job.once",
    "academy.FailedSignIn.address",
    "academy.FailedSignIn.device",
    "academy.ImportRun.encoding",
    "academy.ImportRun.sheet",
    "academy.ImportRun.columns",
    "academy.ImportRun.for_new",
    "academy.ImportRun.counts",
    "academy.JournalEntry.fact",
    "academy.JournalEntry.mark",
    "academy.NoticeDelivery.answer_id",
)
keep_text("It names a thing by its model and key.", "academy.ProposalObject.reference")
