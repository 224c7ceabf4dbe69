"""For whom the addresses of Wagtail, allauth and Django are. A name that a new version brings is shut until it stands here."""

from academy.addresses import closed, everybody, permitted, roles, signed_in, staff, superuser
from academy.models import Role

WRITERS = (Role.TRAINER, Role.REVIEWER)

# allauth: nobody signs up, and an e-mail address is a fact that HR enters, so nobody has addresses of their own there;
# a forgotten password is mended by HR, who gives a new first password.
everybody("account_login account_inactive mfa_authenticate")
signed_in("account_logout account_reauthenticate account_change_password")
signed_in("mfa_index mfa_reauthenticate mfa_activate_totp mfa_deactivate_totp")
signed_in("mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes")
closed("account_signup account_email account_email_verification_sent account_confirm_email account_set_password")
closed("account_reset_password account_reset_password_done account_confirm_login_code")
closed("account_reset_password_from_key account_reset_password_from_key_done")

# Wagtail's own ways to sign in know no limit of tries and no second factor.
closed("wagtailadmin_login wagtailcore_login wagtailadmin_password_reset wagtailadmin_password_reset_done")
closed("wagtailadmin_password_reset_confirm wagtailadmin_password_reset_complete")

# Pages: a page says itself who may read it.
everybody("wagtail_serve wagtailcore_authenticate_with_password wagtaildocs_authenticate_with_password")
signed_in("wagtaildocs_serve")

staff("wagtailadmin_home wagtailadmin_account wagtailadmin_sprite")
everybody("wagtailadmin_javascript_catalog")
staff("wagtailadmin_logout wagtailadmin_dismissibles", page="wagtailadmin_home")
staff("wagtailadmin_editing_sessions:ping wagtailadmin_editing_sessions:release", page="wagtailadmin_home")
# Which acts there are says academy.addresses.bulk_actions.
staff("wagtail_bulk_action")
# Pages that show developers an error.
closed("wagtailadmin_error_test django.views.generic.base.TemplateView wagtail.admin.views.home.default")
# Groups follow from grants, so they have no screens.
closed("wagtailusers_groups:index wagtailusers_groups:index_results wagtailusers_groups:add wagtailusers_groups:edit")
closed("wagtailusers_groups:delete wagtailusers_groups:history wagtailusers_groups:history_results")
closed("wagtailusers_groups:usage")

roles("wagtailadmin_explore_root wagtailadmin_explore wagtailadmin_explore_results", *WRITERS)
for _name in [
    "add",
    "preview_on_add",
    "type_use",
    "choose_parent",
    "type_use_results",
    "usage",
    "edit",
    "preview_on_edit",
    "view_draft",
    "add_subpage",
    "delete",
    "unpublish",
    "convert_alias",
    "search",
    "search_results",
    "move",
    "move_confirm",
    "copy",
    "collect_workflow_action_data",
    "confirm_workflow_cancellation",
    "workflow_preview",
    "set_privacy",
    "revisions_index",
    "revisions_view",
    "revisions_revert",
    "revisions_unschedule",
    "revisions_compare",
    "workflow_history",
    "workflow_history_detail",
    "history",
    "history_results",
]:
    roles(f"wagtailadmin_pages:{_name}", *WRITERS)
for _name in ("workflow_action", "lock", "unlock"):
    roles(f"wagtailadmin_pages:{_name}", *WRITERS, page="wagtailadmin_pages:edit page_id")
roles("delete_page", *WRITERS)
roles("wagtailadmin_pages:set_page_position", *WRITERS, page="wagtailadmin_explore_root")
for _name in ("pages", "documents", "images"):
    roles(" ".join(f"wagtailadmin_api:{_name}:{screen}" for screen in ("listing", "detail", "find")), *WRITERS)
# Deletes, unpublishes and copies without the question that tells the consequences first. No page of the admin uses it.
closed("wagtailadmin_api:pages:action")
for _name in ("page", "page_child", "page_search", "page_chosen_multiple"):
    roles(f"wagtailadmin_choose_{_name}", *WRITERS)
for _name in ("external_link", "email_link", "phone_link", "anchor_link"):
    roles(f"wagtailadmin_choose_page_{_name}", *WRITERS)
roles("wagtailadmin_tag_autocomplete wagtailadmin_tag_model_autocomplete", *WRITERS)
roles("wagtailadmin_block_preview", *WRITERS)
permitted("simple_translation:submit_page_translation", "simple_translation.submit_translation")
permitted("simple_translation:submit_snippet_translation", "simple_translation.submit_translation")

for _name in ("locked_pages", "workflow", "workflow_tasks", "aging_pages", "page_types_usage"):
    roles(f"wagtailadmin_reports:{_name} wagtailadmin_reports:{_name}_results", *WRITERS)
superuser("wagtailadmin_reports:site_history wagtailadmin_reports:site_history_results")

for _name in ("index", "index_results", "add", "add_multiple"):
    roles(f"wagtailimages:{_name} wagtaildocs:{_name}", *WRITERS)
for _name in ("edit", "delete", "url_generator", "url_generator_output", "preview", "image_usage"):
    roles(f"wagtailimages:{_name}", *WRITERS)
for _name in ("edit", "delete", "document_usage"):
    roles(f"wagtaildocs:{_name}", *WRITERS)
for _name in ("edit_multiple", "delete_multiple", "delete_upload_multiple"):
    roles(f"wagtailimages:{_name}", *WRITERS, page="wagtailimages:index")
    roles(f"wagtaildocs:{_name}", *WRITERS, page="wagtaildocs:index")
roles("wagtailimages:create_multiple_from_uploaded_image", *WRITERS, page="wagtailimages:index")
roles("wagtaildocs:create_multiple_from_uploaded_document", *WRITERS, page="wagtaildocs:index")
for _name in ("choose", "choose_results", "chosen", "chosen_multiple", "create"):
    roles(f"wagtailimages_chooser:{_name} wagtaildocs_chooser:{_name}", *WRITERS)
roles("wagtailimages_chooser:select_format", *WRITERS)
for _name in [
    "index",
    "add",
    "edit",
    "delete",
    "chooser",
    "chooser_typed",
    "media_chosen",
    "chooser_upload",
    "media_usage",
]:
    roles(f"wagtailmedia:{_name}", *WRITERS)

superuser("wagtailsnippets:index wagtailsettings:edit wagtailsettings:preview_on_edit")
for _name in ("index", "add", "edit", "delete", "set_privacy"):
    superuser(f"wagtailadmin_collections:{_name}")
for _name in ("index", "index_results", "add", "edit", "delete", "history", "history_results", "usage"):
    superuser(f"wagtailsites:{_name} wagtaillocales:{_name}")
superuser("wagtailsites:copy")
for _name in [
    "index",
    "index_results",
    "add",
    "disable",
    "edit",
    "usage",
    "usage_results",
    "add_task",
    "select_task_type",
    "task_index",
    "task_index_results",
    "edit_task",
    "disable_task",
    "task_chooser",
    "task_chooser_results",
    "task_chooser_create",
    "task_chosen",
]:
    superuser(f"wagtailadmin_workflows:{_name}")
superuser("wagtailadmin_workflows:enable wagtailadmin_workflows:remove", page="wagtailadmin_workflows:index")
superuser("wagtailadmin_workflows:enable_task", page="wagtailadmin_workflows:task_index")
