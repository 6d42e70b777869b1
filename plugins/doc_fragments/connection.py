# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every module reaches AWS: the option names of amazon.aws, and what each falls back to."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - python >= 3.11
  - boto3 >= 1.34.0
  - botocore >= 1.34.0
options:
  region:
    description:
      - The AWS region, for example V(ap-northeast-2).
      - Falls back to E(AWS_REGION), E(AWS_DEFAULT_REGION), E(EC2_REGION), then to the region of the profile.
    type: str
    aliases: [aws_region]
  profile:
    description:
      - A named profile of the AWS configuration files.
      - Falls back to E(AWS_PROFILE). Cannot be given beside O(access_key).
    type: str
    aliases: [aws_profile]
  access_key:
    description:
      - The access key id.
      - Falls back to E(AWS_ACCESS_KEY_ID), E(AWS_ACCESS_KEY), E(EC2_ACCESS_KEY), then to botocore's other sources.
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description:
      - The secret access key.
      - Falls back to E(AWS_SECRET_ACCESS_KEY), E(AWS_SECRET_KEY), E(EC2_SECRET_KEY).
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description:
      - The session token of temporary credentials.
      - Falls back to E(AWS_SESSION_TOKEN), E(AWS_SECURITY_TOKEN), E(EC2_SECURITY_TOKEN).
    type: str
    aliases: [aws_session_token]
  endpoint_url:
    description:
      - Another address for every AWS service, for example that of a local emulator.
      - Falls back to E(AWS_URL), E(EC2_URL), then to botocore's own E(AWS_ENDPOINT_URL) and its variants per service.
    type: str
    aliases: [aws_endpoint_url]
  aws_ca_bundle:
    description:
      - The path of a CA bundle with which to check the certificates of AWS. Falls back to E(AWS_CA_BUNDLE).
    type: path
  validate_certs:
    description: Whether the certificates of AWS are checked.
    type: bool
    default: true
  assume_role_arn:
    description: The ARN of a role to assume with the credentials above before anything else is asked.
    type: str
  external_id:
    description: The external id that the role of O(assume_role_arn) asks for.
    type: str
"""
