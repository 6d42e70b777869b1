# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An organisation lets nothing be created without its tags, which the create request has to carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_aws.recorder import Answer, Recorded
from local_aws.strict import wire
from local_aws.strict.behaviour import Behaviour

NAME = "tags_required"
SOURCE = (
    "documented: AWS Organizations User Guide, 'Require a tag on specified created resources' (an example of an SCP)",
    "documented: IAM User Guide, 'Troubleshoot access denied error messages' (the words of an explicit deny)",
    "assumed: a rule or parameter that exists is changed without them",
)

CALLER = "assumed-role/deployer/me"


def _of_mapping(name: str) -> Callable[[Mapping[str, Any]], set[str]]:
    return lambda parameters: set(parameters.get(name) or {})


def _of_list(parameters: Mapping[str, Any]) -> set[str]:
    return {tag["Key"] for tag in parameters.get("Tags") or []}


def _of_form(parameters: Mapping[str, Any]) -> set[str]:
    return {value for name, value in parameters.items() if name.startswith("Tags.member.") and name.endswith(".Key")}


# What creates: the keys of the tags in the request, and the resource as its ARN ends.
CREATES: Mapping[tuple[str, str], tuple[Callable[[Mapping[str, Any]], set[str]], str]] = {
    ("sqs", "CreateQueue"): (_of_mapping("tags"), "{QueueName}"),
    ("iam", "CreateRole"): (_of_form, "role/{RoleName}"),
    ("lambda", "CreateFunction"): (_of_mapping("Tags"), "function:{FunctionName}"),
    ("logs", "CreateLogGroup"): (_of_mapping("tags"), "log-group:{logGroupName}"),
    ("events", "PutRule"): (_of_list, "rule/{Name}"),
    ("ssm", "PutParameter"): (_of_list, "parameter/{Name}"),
}


class TagsRequired(Behaviour):
    def before(self, request: Recorded) -> Answer | None:
        if (request.service, request.operation) not in CREATES:
            return None
        keys, resource = CREATES[request.service, request.operation]
        if set(self.settings.required_tags) <= keys(request.parameters) or self._exists(request):
            return None
        # The path of a parameter begins with the slash of its ARN.
        return _denied(request, resource.format(**request.parameters).replace("//", "/"))

    def _exists(self, request: Recorded) -> bool:
        """Of what is created and changed by one operation."""
        if request.operation == "PutRule":
            missing, asked, of = "ResourceNotFoundException", "describe_rule", {"Name": request.parameters["Name"]}
        elif request.operation == "PutParameter":
            missing, asked, of = "ParameterNotFound", "get_parameter", {"Name": request.parameters["Name"]}
        else:
            return False
        return bool(self.aws.unless(missing, request.service, request, asked, **of))


def _denied(request: Recorded, resource: str) -> Answer:
    account, region = wire.scope_of(request)
    place = f"{request.service}:{'' if request.service == 'iam' else region}:{account}"
    # SQS writes its actions in small letters.
    action = request.operation.lower() if request.service == "sqs" else request.operation
    message = (
        f"User: arn:aws:sts::{account}:{CALLER} is not authorized to perform: {request.service}:{action} on resource: "
        f"arn:aws:{place}:{resource} with an explicit deny in a service control policy"
    )
    if request.service == "iam":
        return wire.query_error("iam", 403, "AccessDenied", message)
    if request.service == "lambda":
        return wire.lambda_error(403, "AccessDeniedException", message)
    if request.service == "sqs":
        return wire.json_error("com.amazon.coral.service#AccessDeniedException", message, query_code="AccessDenied")
    return wire.json_error("AccessDeniedException", message)
