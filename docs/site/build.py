# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build the documentation site into .cache/site/html, from the Markdown as it lies and the plugins' own documentation.

Sphinx wants all it reads below one folder. So the pages are laid out there as they lie in the checkout, and their
links to each other hold on a Git host and on the site. Only the reference is made anew, by antsibull-docs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from release.git import known_files

from .links import broken_links

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SITE = ROOT / ".cache" / "site"
SOURCE = SITE / "source"
HTML = SITE / "html"
DOCTREES = SITE / "doctrees"
BIN = Path(sys.executable).parent
COLLECTION = "academy.video_scaling"
# Folders with pages, or with files that pages link to. The rest of the checkout is not read at all.
FOLDERS = ("docs", "examples", "roles")


def main() -> int:
    prepare()
    make_reference()
    options = ["-W", "--keep-going", "-q", "-j", "auto", "-b", "html", "-c", str(HERE), "-d", str(DOCTREES)]
    code = run([str(BIN / "sphinx-build"), *options, str(SOURCE), str(HTML)])
    broken = [] if code else broken_links(HTML)
    for line in broken:
        print(line, file=sys.stderr)
    if not code and not broken:
        print(f"The site is {HTML.relative_to(ROOT)}/index.html")
    return code or bool(broken)


def prepare() -> None:
    shutil.rmtree(SITE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    for path in read():
        (SOURCE / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, SOURCE / path)
    (SOURCE / "index.md").write_text(index(), encoding="utf-8")


def read() -> list[Path]:
    """What git knows of the pages and of what they link to: what only lies around is not published."""
    own = HERE.relative_to(ROOT)
    return [
        path for path in known_files(ROOT) if is_front(path) or (path.parts[0] in FOLDERS and own not in path.parents)
    ]


def is_front(path: Path) -> bool:
    return path.parent == Path() and (path.suffix == ".md" or path.name in ("COPYING", "execution-environment.yml"))


def index() -> str:
    """The front page as it is written, and below it the pages that it does not name yet."""
    text = (HERE / "index.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:.+<)?([\w/.]+)>?$", text, re.MULTILINE))
    found = [path for path in read() if path.suffix == ".md" and (path.parts[0] == "docs" or is_front(path))]
    pages = [str(path.with_suffix("")) for path in found]
    folders = {str(path.parent) for path in found if path.stem == "README" and not is_front(path)}
    missing = sorted(page for page in pages if page not in named and str(Path(page).parent) not in folders)
    korean = [page for page in missing if "ko" in re.split(r"[/.]", page)]
    return text + toctree("한국어", korean) + toctree("More", [page for page in missing if page not in korean])


def toctree(caption: str, pages: list[str]) -> str:
    lines = ["", "```{toctree}", f":caption: {caption}", ":maxdepth: 1", "", *pages, "```", ""]
    return "\n".join(lines) if pages else ""


def make_reference() -> None:
    reference = SOURCE / "reference"
    # antsibull-docs insists on a folder that nobody else can write to.
    reference.mkdir(mode=0o755)
    command = ["collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(reference)]
    if run([str(BIN / "antsibull-docs"), *command, COLLECTION]):
        raise SystemExit("antsibull-docs failed")


def run(command: list[str]) -> int:
    """With a home of its own: what a user has set up for Ansible or installed is no part of the site."""
    home = SITE / "home"
    home.mkdir(exist_ok=True)
    environment = {
        "HOME": str(home),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
        "PYTHONWARNINGS": "ignore",
        "ANSIBLE_HOME": str(home / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "playbooks" / "collections"),
    }
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
