"""What may be done to many things at once in the admin. What is not listed is not registered, whoever brings it."""

from wagtail.admin.views.bulk_action.registry import bulk_action_registry

# Of people none: they are switched off one by one, with a reason and a journal entry, and roles are granted. Of pages and
# snippets none of Wagtail's: each says first what it would do, and asks a second person where it counts, one at a time.
# Of questions our own: they hand in what counts (quizzes/bank/many.py).
LISTED: dict[str, set[str]] = {
    "wagtailimages.image": {"add_tags", "add_to_collection", "delete"},
    "wagtaildocs.document": {"add_tags", "add_to_collection", "delete"},
    "quizzes.question": {"question_move", "question_tag", "question_submit", "question_retire"},
}


def registered_bulk_actions() -> dict[str, set[str]]:
    """What Wagtail's registry holds now, by model."""
    bulk_action_registry.get_bulk_actions_for_model("", "")  # It is filled at the first question.
    return {
        f"{app}.{model}": set(actions)
        for app, models in bulk_action_registry.actions.items()
        for model, actions in models.items()
        if actions
    }


def leave_only_listed_bulk_actions() -> None:
    """Takes every other one out of Wagtail's registry, so that neither its button nor its address is left. Idempotent."""
    for label, actions in registered_bulk_actions().items():
        app, model = label.split(".")
        held = bulk_action_registry.actions[app][model]
        for action in actions - LISTED.get(label, set()):
            del held[action]
