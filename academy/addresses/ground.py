"""For whom the ground floor's own addresses are."""

from academy.addresses import answers_itself, everybody, permitted, roles, screens, signed_in, staff
from academy.models import Role
from academy.models.roles import PEOPLE_ROLES

HR = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)

everybody("home healthz readyz favicon media cms_login")
everybody("service_worker web_manifest without_line")
everybody("set_language", page="home")
# The bank's gateway signs what it reports.
answers_itself("report_arrival")
signed_in("notices profile my_record record_file todo mine house_rules")
signed_in("open_notice", page="notices")
signed_in("set_appearance", page="home")

screens("branches", "academy.branch")
screens("positions", "academy.position")
screens("levels", "academy.careerlevel")
screens("holidays", "academy.calendarexception")
screens("house_rules", "academy.houserule")
screens("role_grants", "academy.rolegrant")
permitted("role_grants:end", "academy.change_rolegrant")
screens("proposals", "academy.proposal")
roles("proposals:decide", *HR, Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER, Role.AUDITOR)
roles("proposals:switches", *HR)
screens("sent_notices", "academy.notice")
permitted("sent_notices:proof", "academy.view_notice")
roles("sent_notices:again", *HR)
staff("keep_filter drop_filter", page="wagtailadmin_home")
roles("devices:index", Role.HR, Role.ADMINISTRATOR)
roles("journal:index journal:entry", *PEOPLE_ROLES)
roles("journal:proof", Role.AUDITOR, Role.ADMINISTRATOR)
roles("journal:export", *PEOPLE_ROLES, page="journal:index")
roles("access_log:index", Role.AUDITOR, Role.ADMINISTRATOR)
roles("access_log:export", Role.AUDITOR, Role.ADMINISTRATOR, page="access_log:index")
roles("jobs:index jobs:job", Role.HR, Role.ADMINISTRATOR)
roles("jobs:again jobs:put_away jobs:turns_again", Role.HR, Role.ADMINISTRATOR, page="jobs:index")

screens("wagtailusers_users", "academy.user")
roles("wagtailusers_users:first_passwords wagtailusers_users:erase wagtailusers_users:erasure", *HR)
roles("wagtailusers_users:transfer wagtailusers_users:leave wagtailusers_users:leave_again", *HR)
roles("wagtailusers_users:withdraw_transfer", *HR)
roles("wagtailusers_users:last_day", Role.HR, Role.ADMINISTRATOR)
roles("wagtailusers_users:unlock", *HR, page="wagtailusers_users:inspect pk")
roles("wagtailusers_users:record_table wagtailusers_users:record_export", *PEOPLE_ROLES)
roles("wagtailusers_users:export_person", *PEOPLE_ROLES, page="wagtailusers_users:inspect pk")

roles("imports:index imports:upload imports:template imports:run imports:errors imports:opening imports:undo", *HR)
roles("imports:confirm imports:correct imports:act", *HR, page="imports:run uuid")

roles("assignments:index assignments:index_results assignments:audiences assignments:audience", *PEOPLE_ROLES)
roles("assignments:new_audience", *HR)
roles("assignments:work assignments:file assignments:new assignments:people", *PEOPLE_ROLES)
roles("assignments:people_results assignments:withdraw_several", *PEOPLE_ROLES)
roles("assignments:withdraw assignments:change assignments:undo_withdrawal", *PEOPLE_ROLES)
roles("assignments:sheet assignments:evaluate", *PEOPLE_ROLES, page="assignments:people kind pk")
