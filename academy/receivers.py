"""What the ground floor does by the clock: the journal's seal, grants, imports, leavers' accounts, notices and reminders."""

from academy.assignments.evaluating import evaluate_all
from academy.assignments.works import forget_old_lists, take_up_stale
from academy.clock import each_day, each_minute
from academy.delivery import ask_for_sending, route_notices, tell_returned
from academy.importing.carrying import forget_old_files, resume_stale
from academy.journal import seal_entries
from academy.journal.anchoring import tell_head
from academy.operations.sweeping import sweep
from academy.people import close_accounts_of_leavers
from academy.person_record.erasing import resume_erasures
from academy.person_record.exports import forget_expired, resume_exports
from academy.person_record.retention import tell_who_is_due
from academy.reminding import ask_for_reminders
from academy.roles import sync_changed_groups
from academy.staff.sign_in_limits import forget_failed_sign_ins

each_minute("seal the journal", lambda now: seal_entries(now=now))
each_day("derive groups from grants", lambda now, today: sync_changed_groups(today=today))
each_minute("take up imports", lambda now: resume_stale(now=now))
each_day("close accounts of leavers", lambda now, today: close_accounts_of_leavers(today=today))
each_day("forget old import files", lambda now, today: forget_old_files(now=now))
each_minute("take up work on assignments", lambda now: take_up_stale(now=now))
each_day("assignments follow people", lambda now, today: evaluate_all(now=now))
each_minute("take up exports of people's records", lambda now: resume_exports(now=now))
each_day("forget expired exports of people's records", lambda now, today: forget_expired(now=now))
each_minute("route notices", lambda now: route_notices(now=now))
each_minute("send notices, ask", lambda now: ask_for_sending(now=now))
each_day("tell the head of the journal", lambda now, today: tell_head(now=now, today=today))
each_day("clear away what was left half written", sweep)
each_minute("remind people, ask", lambda now: ask_for_reminders(now=now))
each_day("tell who is back from leave", lambda now, today: tell_returned(now=now, today=today))
each_minute("take up erasures", lambda now: resume_erasures(now=now))
each_day("who is due for erasure", lambda now, today: tell_who_is_due(now=now, today=today))
each_day("forget failed sign-ins", lambda now, today: forget_failed_sign_ins(now=now))
each_day("forget old lists of assignments", lambda now, today: forget_old_lists(now=now))
