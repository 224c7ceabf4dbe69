"""Filters for bilingual snapshots."""

from django import template

from academy.templatetags.academy_tags import local

register = template.Library()
register.filter("local", local)
