"""Filters for bilingual snapshots, and for what is missing."""

from django import template

from academy.templatetags.academy_tags import local
from certificates.rules.acting import act_for

register = template.Library()
register.filter("local", local)
register.filter("act_for", act_for)
