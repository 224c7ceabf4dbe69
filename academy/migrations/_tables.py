"""Tables of a floor, made together: their models are rendered once, not once for each that is added.

What a floor begins with; a later migration has Django's operations, as ``makemigrations`` writes them.

The loader of migrations passes by a module whose name begins with an underscore.
"""

from django.db.migrations.operations.base import Operation, OperationCategory


class Tables(Operation):
    """Its ``CreateModel`` one after the other, in any order: a table may point to one that comes after it."""

    category = OperationCategory.ADDITION
    serialization_expand_args = ["operations"]

    def __init__(self, operations):
        self.operations = operations

    def deconstruct(self):
        return self.__class__.__name__, [], {"operations": self.operations}

    def state_forwards(self, app_label, state):
        # What was rendered would be rendered again with each model that points to a person: everything, 150 times over.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return "; ".join(operation.describe() for operation in self.operations)
