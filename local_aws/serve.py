# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A local AWS to try things on, with the seed pool as it stood before; it lives until Ctrl-C and leaves nothing."""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from . import interrupts, seed
from .background import LOOK_SECONDS, leads_to
from .emulator import Emulator, EmulatorFailed, EmulatorMissing, ministack

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / ".cache" / "local-aws.sh"
BIN = Path(sys.executable).parent
# A shell that is logged in somewhere may have settings of AWS that would go before the local one.
FORGET = "for name in $(env | sed -n 's/^\\(AWS_[A-Za-z0-9_]*\\)=.*/\\1/p'); do unset \"$name\"; done; unset name"


def main(path: Path = SETTINGS) -> int:
    """:param path: the file that tells a shell of the local AWS."""
    interrupts.as_ctrl_c()
    print("Starting a local AWS ...\n", flush=True)
    try:
        with ministack() as aws, written(path, settings(aws)):
            seed.make_pool(aws.client, visible=3)
            print(instructions(aws, path), flush=True)
            while aws.is_running():
                time.sleep(LOOK_SECONDS)
        print("\nThe local AWS has ended by itself.", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nThe local AWS is stopped.", flush=True)
        return 0
    except (EmulatorFailed, EmulatorMissing, seed.SeedFailed) as failure:
        print(f"\n{failure}", file=sys.stderr, flush=True)
        return 1


def settings(aws: Emulator) -> dict[str, str]:
    """The variables of a terminal that talks to the local AWS and to nothing else."""
    return {
        **aws.environment(),
        "ANSIBLE_HOME": str(ROOT / ".cache" / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }


@contextlib.contextmanager
def written(path: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """A file to be read by a shell, for as long as it is true."""
    lines = [FORGET]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    lines.append(f'export PATH={shlex.quote(str(BIN))}:"$PATH"')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with path.open("x", encoding="utf-8") as opened:
        opened.write("\n".join(lines) + "\n")
        opened.flush()
        try:
            yield
        finally:
            # One of the same name may be another's, that was started later.
            if leads_to(path, opened):
                path.unlink()


def instructions(aws: Emulator, path: Path) -> str:
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"""\
It is at {aws.url} and holds a pool that does not scale as it should:
  group {seed.GROUP}, whose policy follows the metric {seed.OLD_METRIC}
  queue {seed.QUEUE}: 3 messages wait

In another terminal, from this folder:
  . {shlex.quote(str(shown))}

Ctrl-C stops it, and nothing of it is left."""


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
