# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of the configuration collections' format, as their roles take them: those that must be there, then more.

Checked against the roles' task files of https://github.com/redhat-cop/infra.controller_configuration at d349ac2f3979
(after 2.11, since when its changelog tells of no change to these keys) and of
https://github.com/redhat-cop/infra.aap_configuration at 0192362c2568 (where 2 was made), 5da3b00015af (3), and
11e5f8e10fe2, 01a934f05871 and dfcfaf1205cd (4).
"""

from __future__ import annotations

NOTIFICATIONS = {f"notification_templates_{when}" for when in ("started", "success", "error")}
ASKS = {"inventory", "limit", "variables", "scm_branch", "tags", "skip_tags", "labels"}
# The keys that both infra.controller_configuration 2 and infra.aap_configuration 3 and 4 take, those first that must be
# there; of templates and nodes only those that are of use here. Three that the roles call optional must be: where they
# are left out, ansible-core 2.19 makes a text of what the older roles take for nothing, and the modules want a
# dictionary.
FORMAT: dict[str, tuple[set[str], set[str]]] = {
    "controller_credentials": (
        {"name", "credential_type", "organization"},
        {"description", "inputs", "update_secrets", "user", "team", "state"},
    ),
    "controller_execution_environments": (
        {"name", "image"},
        {"description", "organization", "credential", "pull", "state"},
    ),
    "controller_notifications": (
        {"name", "organization", "notification_type", "notification_configuration", "messages"},
        {"description", "state"},
    ),
    "controller_projects": (
        {"name", "organization", "scm_type", "scm_url"},
        {
            *{"description", "scm_branch", "scm_refspec", "credential", "scm_clean", "scm_delete_on_update", "state"},
            *{"scm_track_submodules", "scm_update_on_launch", "scm_update_cache_timeout", "allow_override", "timeout"},
            *{"default_environment", "wait", "update_project", "interval"},
            *NOTIFICATIONS,
        },
    ),
    "controller_inventories": (
        {"name", "organization", "variables"},
        {"description", "kind", "host_filter", "instance_groups", "input_inventories", "state"},
    ),
    "controller_hosts": ({"name", "inventory"}, {"description", "enabled", "variables", "state"}),
    "controller_inventory_sources": (
        {"name", "inventory", "organization", "source", "source_vars"},
        {
            *{
                "description",
                "source_path",
                "source_project",
                "scm_branch",
                "credential",
                "limit",
                "state",
            },
            *{"execution_environment", "overwrite", "overwrite_vars", "timeout", "verbosity", "update_on_launch"},
            *{"update_cache_timeout", "enabled_var", "enabled_value", "host_filter"},
            *NOTIFICATIONS,
        },
    ),
    "controller_templates": (
        {
            "name",
            "organization",
            "project",
            "playbook",
            "inventory",
            "execution_environment",
            "credentials",
            "job_type",
        },
        {
            *{"description", "extra_vars", "limit", "verbosity", "diff_mode", "forks", "timeout", "job_slice_count"},
            *{"survey_enabled", "survey_spec", "allow_simultaneous", "labels", "state", "ask_job_type_on_launch"},
            *{"ask_diff_mode_on_launch", "ask_credential_on_launch", "ask_verbosity_on_launch"},
            *{f"ask_{what}_on_launch" for what in ASKS},
            *NOTIFICATIONS,
        },
    ),
    "controller_workflows": (
        {"name", "organization", "simplified_workflow_nodes"},
        {
            *{"description", "extra_vars", "limit", "inventory", "allow_simultaneous", "survey_enabled", "survey_spec"},
            *{"labels", "destroy_current_nodes", "notification_templates_approvals", "state"},
            *{f"ask_{what}_on_launch" for what in ASKS},
            *NOTIFICATIONS,
        },
    ),
    "controller_schedules": (
        {"name", "organization", "unified_job_template", "rrule"},
        {"description", "extra_data", "inventory", "limit", "job_type", "diff_mode", "verbosity", "enabled", "state"},
    ),
}
NODE = (
    {"identifier"},
    {
        *{"unified_job_template", "approval_node", "success_nodes", "failure_nodes", "always_nodes", "extra_data"},
        *{"all_parents_must_converge", "inventory", "limit", "job_type", "credentials", "lookup_organization"},
    },
)
QUESTION = (
    {"question_name", "question_description", "type", "variable", "required"},
    {"default", "min", "max", "choices", "new_question"},
)
