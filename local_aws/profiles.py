# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An AWS configuration file leads its readers to a local AWS, and this reader follows it nowhere else."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.config import Config

from .emulator import ACCOUNT, LOOPBACK, REGION

DEFAULT = "default"


class NotLocal(RuntimeError):
    """The configuration leads beyond the loopback."""


def text(url: str, accounts: Mapping[str, str]) -> str:
    """The file that leads to `url`: a profile for each account, by name, beside the default one."""
    sections = {DEFAULT: ACCOUNT} | {f"profile {name}": account for name, account in accounts.items()}
    return "\n".join(_section(name, account, url) for name, account in sections.items())


def client(service: str, *, region: str | None = None, profile: str | None = None) -> Any:
    """A client as AWS_CONFIG_FILE says, which must lead to the loopback."""
    made = _session(profile or DEFAULT, region).client(service, config=Config(proxies={}))
    if urlsplit(made.meta.endpoint_url).hostname != LOOPBACK:
        raise NotLocal(f"{service} would be asked at {made.meta.endpoint_url}: is the local AWS running?")
    return made


def _section(name: str, account: str, url: str) -> str:
    # The emulators take an access key of twelve digits for the account.
    return (
        f"[{name}]\n"
        f"endpoint_url = {url}\n"
        f"region = {REGION}\n"
        f"aws_access_key_id = {account}\n"
        "aws_secret_access_key = local\n"
    )


@functools.cache
def _session(profile: str, region: str | None) -> Session:
    # Named, so that keys in the environment are not taken instead.
    return Session(profile_name=profile, region_name=region)
