"""For whom the attesting floor's addresses are."""

from academy.addresses import everybody, permitted, roles, screens, signed_in, snippet
from academy.models import Role
from academy.models.roles import PEOPLE_ROLES

READERS = (Role.HR, Role.AUDITOR, Role.ADMINISTRATOR)
DECIDERS = (Role.HR, Role.ADMINISTRATOR)

everybody("certificates:verify certificates:verify_code")
signed_in("certificates:mine certificates:transcript certificates:document certificates:export_file certificates:team")
signed_in("certificates:rounds certificates:round certificates:round_letter")
signed_in("certificates:documents certificates:hand_in certificates:scan")
signed_in("certificates:withdraw_document", page="certificates:documents")
signed_in("certificates:team_person certificates:team_decide")
signed_in("certificates:team_undo", page="certificates:team_person pk")

screens("tracks", "certificates.certificationtrack")
screens("rules", "certificates.ruleversion")
permitted("rules:impact rules:impact_file", "certificates.add_ruleversion")
snippet("certificates.certificatedesign")
screens("outside_document_kinds", "certificates.outsidedocumentkind")
screens("outside_documents", "certificates.outsidedocument")
permitted("outside_documents:document", "certificates.view_outsidedocument")
permitted("outside_documents:hand_in", "certificates.change_outsidedocument")
screens("position_requirements", "certificates.positionrequirement")
screens("rounds", "certificates.certificationround")
roles("rounds:round rounds:list rounds:letters", *PEOPLE_ROLES)
permitted("position_requirements:end", "certificates.change_positionrequirement")
roles("register:index register:index_results register:certificate register:exports", *READERS)
roles("register:person", *READERS)
roles("register:lacking register:lacking_results", *READERS)
roles("register:export register:export_progress", *READERS)
roles("register:blocked", *DECIDERS)
screens("decisions", "certificates.decision")
roles("decisions:decide decisions:take_back decisions:lapses", *DECIDERS)
roles("remind_assigned", Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)
roles("board:index board:names board:appointments", *PEOPLE_ROLES)
