"""Django's own, which asks for no migration where only words changed."""

from django.core.management.commands import makemigrations

from academy.operations.migrating import WithoutWords


class Command(makemigrations.Command):
    autodetector = WithoutWords
