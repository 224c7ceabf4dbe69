"""Where Wagtail keeps revisions and reviews of a row, so that they can be asked for by queries."""

from django.contrib.contenttypes.fields import GenericRelation


def revisions_of(name: str) -> GenericRelation:
    return _kept("wagtailcore.Revision", name)


def workflow_states_of(name: str) -> GenericRelation:
    return _kept("wagtailcore.WorkflowState", name)


def _kept(model: str, name: str) -> GenericRelation:
    return GenericRelation(
        model,
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name=name,
        for_concrete_model=False,
    )
