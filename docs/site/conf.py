# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settings of Sphinx; build.py says what it reads and where it writes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
KOREAN = ("docs/ko/", "README.ko")

sys.path.insert(0, str(ROOT))

project = f"{GALAXY['namespace']}.{GALAXY['name']}"
author = GALAXY["authors"][0]
release = version = GALAXY["version"]
language = "en"

extensions = ["myst_parser", "sphinx_antsibull_ext", "docs.site.diagrams"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

# As a Git host does it: every heading has an anchor, and a bare fence is text.
myst_heading_anchors = 4
highlight_language = "text"
pygments_style = "default"
pygments_dark_style = "github-dark"

# The reference names labels and variables of Ansible's own documentation, which would be fetched from the net: what
# points there stays plain text. In our own pages links are Markdown, and those are checked by links.py.
intersphinx_mapping: dict[str, object] = {}
suppress_warnings = ["ref.ref", "ref.envvar"]

# site.css has the colours of the reference, for light and for dark.
antsibull_ext_color_scheme = "none"

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
# The theme's own fonts are those of the machine that reads; nothing is fetched.
html_theme_options = {"navigation_with_keys": True}


def tell_language(app, pagename, templatename, context, doctree):
    """A screen reader and a browser's translation go by the language of the page."""
    if pagename.startswith(KOREAN):
        context["language"] = "ko"


def list_folder(app, docname, source):
    """The pages of a folder stand below its README in the contents, in the order in which that links to them."""
    path = Path(app.srcdir, docname)
    if path.name == "README" and path.parent != Path(app.srcdir):
        pages = dict.fromkeys(re.findall(r"\]\((\w+)\.md\)", source[0]))
        if pages:
            source[0] += "\n".join(["", "```{toctree}", ":hidden:", "", *pages, "```", ""])


def shorten_reference(app, docname, source):
    """The theme has a list of contents of its own, and the collection's name before each title leaves no room there."""
    if docname.startswith("reference/"):
        source[0] = re.sub(r"^\.\. contents::\n(?: +.*\n)*", "", source[0], flags=re.MULTILINE)
        source[0] = re.sub(rf"^{re.escape(project)}\.(?=\w+ \w+ -- )", "", source[0], flags=re.MULTILINE)


def setup(app):
    app.connect("source-read", shorten_reference)
    app.connect("source-read", list_folder)
    app.connect("html-page-context", tell_language)
