"""What the ground floor does by the clock: seals the journal, follows the grants that begin or end."""

from academy.clock import each_day, each_minute
from academy.journal import seal_entries
from academy.roles import sync_changed_groups

each_minute("seal the journal", lambda now: seal_entries(now=now))
each_day("derive groups from grants", lambda now, today: sync_changed_groups(today=today))
