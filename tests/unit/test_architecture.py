# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom, who may ask what, and where everything lies: the rules of the design, read from the sources."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from .examples import ROOT

COLLECTION = "ansible_collections.academy.video_scaling"
MODULE_UTILS = "plugins/module_utils"
DIAGNOSIS = f"{MODULE_UTILS}/diagnosis/"
LAMBDA = "files/lambda/queue_depth/lambda_function.py"
TESTS = ROOT / "tests" / "unit"

# Each layer, the layers it may import, and what it may import from outside beside the standard library.
# plugins/modules -> steps -> reconcile -> plan, with aws and the resources beside: never upwards.
LAYERS = {
    f"{MODULE_UTILS}/failures.py": (set(), set()),
    f"{MODULE_UTILS}/place.py": (set(), set()),
    f"{MODULE_UTILS}/plan.py": ({"failures.py", "place.py"}, set()),
    f"{MODULE_UTILS}/pool.py": ({"failures.py"}, set()),
    f"{MODULE_UTILS}/package.py": ({"pool.py"}, set()),
    f"{MODULE_UTILS}/tags.py": ({"failures.py"}, set()),
    f"{MODULE_UTILS}/metric_math.py": (set(), set()),
    f"{MODULE_UTILS}/target_tracking.py": (set(), set()),
    f"{MODULE_UTILS}/resources/": (
        {"failures.py", "place.py", "plan.py", "pool.py", "package.py", "metric_math.py", "tags.py", "resources/"},
        set(),
    ),
    f"{MODULE_UTILS}/reconcile.py": ({"failures.py", "plan.py"}, set()),
    f"{MODULE_UTILS}/verify.py": ({"failures.py", "plan.py", "pool.py", "reconcile.py", "resources/"}, set()),
    f"{MODULE_UTILS}/steps/": (
        {
            "failures.py",
            "place.py",
            "plan.py",
            "pool.py",
            "package.py",
            "reconcile.py",
            "tags.py",
            "target_tracking.py",
            "verify.py",
            "resources/",
            "steps/",
        },
        set(),
    ),
    DIAGNOSIS: (
        {"failures.py", "place.py", "plan.py", "pool.py", "metric_math.py", "resources/", "diagnosis/"},
        set(),
    ),
    f"{MODULE_UTILS}/aws/": (
        {"failures.py", "place.py", "plan.py", "pool.py", "tags.py", "aws/"},
        {"ansible", "boto3", "botocore"},
    ),
    f"{MODULE_UTILS}/step_module.py": ({"reconcile.py", "steps/", "aws/module.py"}, set()),
    "plugins/modules/": ({"tags.py", "steps/", "diagnosis/", "aws/module.py", "step_module.py"}, set()),
    "plugins/action/": ({"plugins/action/"}, {"ansible"}),
    "plugins/callback/": ({"aws/progress.py"}, {"ansible"}),
    "plugins/filter/": ({"plugins/plugin_utils/", "pool.py"}, set()),
    # What an inventory finds is read, and checked, as the modules do it.
    "plugins/inventory/": (
        {"failures.py", "aws/connection.py", "plugins/plugin_utils/fleet/"},
        {"ansible"},
    ),
    "plugins/plugin_utils/fleet/": (
        {
            "failures.py",
            "place.py",
            "plan.py",
            "pool.py",
            "resources/",
            "aws/module.py",
            "aws/connection.py",
            "plugins/plugin_utils/fleet/",
        },
        {"ansible"},
    ),
    # What filters share. Jinja2 and MarkupSafe come with Ansible. Names are listed as in the modules' sentences.
    "plugins/plugin_utils/": ({"plugins/plugin_utils/", "failures.py"}, {"jinja2", "markupsafe"}),
    "plugins/doc_fragments/": (set(), set()),
    "files/lambda/": (set(), {"botocore"}),
}
# The words that the table in CONTRIBUTING.md replaces, and names that say nothing.
REPLACED = {"told", "bring", "brought", "wish", "wishes"}
BANNED = {"helper", "helpers", "util", "utils", "common", "manager", *REPLACED}
SIZES = {"set_desired_capacity", "update_auto_scaling_group", "create_auto_scaling_group"}


def sources():
    found = sorted(path for folder in ("plugins", "files") for path in (ROOT / folder).rglob("*.py"))
    return [path.relative_to(ROOT).as_posix() for path in found if path.name != "__init__.py"]


SOURCES = sources()
every_source = pytest.mark.parametrize("source", SOURCES)


@cache
def tree(source):
    return ast.parse((ROOT / source).read_text(encoding="utf-8"))


def nodes(source, *kinds):
    return [node for node in ast.walk(tree(source)) if isinstance(node, kinds)]


def layer_of(path):
    return next((layer for layer in LAYERS if path == layer or (layer.endswith("/") and path.startswith(layer))), None)


def imported(source):
    """Every imported name as a dotted path, wherever in the file it stands."""
    package = (COLLECTION + "." + source.removesuffix(".py").replace("/", ".")).split(".")
    for node in nodes(source, ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            base = package[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # What is imported from a package may be a file of it.
            yield from (f"{module}.{alias.name}" for alias in node.names)


def inside(dotted):
    """The file of this collection that a dotted path leads to, None where it leads elsewhere."""
    parts = dotted.removeprefix(COLLECTION + ".").split(".") if dotted.startswith(COLLECTION + ".") else []
    for length in (len(parts), len(parts) - 1):
        path = "/".join(parts[:length]) + ".py"
        if length > 0 and (ROOT / path).is_file():
            return path
    return None


def outside(source):
    return {dotted.split(".")[0] for dotted in imported(source)} - {"ansible_collections"} - sys.stdlib_module_names


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 30
    assert LAMBDA in SOURCES
    assert f"{MODULE_UTILS}/plan.py" in {inside(dotted) for dotted in imported(f"{MODULE_UTILS}/reconcile.py")}


@every_source
def test_imports_go_down_only(source):
    layer = layer_of(source)
    assert layer, f"{source} lies in no layer: add its folder to LAYERS, with what it may import"
    allowed, _outside = LAYERS[layer]
    for path in filter(None, map(inside, imported(source))):
        below = path.removeprefix(f"{MODULE_UTILS}/")
        permitted = any(below == name or (name.endswith("/") and below.startswith(name)) for name in allowed)
        assert permitted, f"{source} imports {path}: {layer} may import only {', '.join(sorted(allowed)) or 'nothing'}"


@every_source
def test_only_the_edge_knows_boto3_and_ansible(source):
    _inside, allowed = LAYERS[layer_of(source)]
    foreign = outside(source) - allowed
    assert not foreign, (
        f"{source} imports {', '.join(sorted(foreign))}: only {MODULE_UTILS}/aws/ and the Lambda meet AWS"
    )


def test_only_one_file_makes_clients():
    makers = {
        source
        for source in SOURCES
        if any(dotted.split(".")[0] == "boto3" or dotted.startswith("botocore.session") for dotted in imported(source))
    }
    assert makers == {f"{MODULE_UTILS}/aws/connection.py", LAMBDA}, "only aws/connection.py and the Lambda make clients"


def test_nothing_of_ours_is_imported_in_the_lambda():
    assert not list(filter(None, map(inside, imported(LAMBDA)))), f"{LAMBDA} stands alone: its zip holds nothing else"


def test_no_import_circle():
    graph = {
        source: set(filter(None, map(inside, imported(source))))
        for source in SOURCES
        if source.startswith(MODULE_UTILS)
    }

    def visit(source, path):
        assert source not in path, f"import circle: {' -> '.join([*path[path.index(source) :], source])}"
        for target in sorted(graph.get(source, ())):
            visit(target, [*path, source])

    for source in graph:
        visit(source, [])


# --- one path of every change -----------------------------------------------------------------------------------


def mentions_check_mode(source):
    for node in nodes(source, ast.Name, ast.Attribute, ast.keyword, ast.arg, ast.Constant):
        name = next((getattr(node, field) for field in ("id", "attr", "arg") if hasattr(node, field)), None)
        if name == "check_mode" or (isinstance(node, ast.Constant) and node.value == "check_mode"):
            yield node


STEP_MODULE = f"{MODULE_UTILS}/step_module.py"


@pytest.mark.parametrize("source", [source for source in SOURCES if not source.startswith("plugins/filter/")])
def test_one_place_hands_the_check_mode_to_reconcile(source):
    found = list(mentions_check_mode(source))
    if source == f"{MODULE_UTILS}/reconcile.py":
        assert any(isinstance(node, ast.arg) for node in found), "reconcile takes check_mode from the module"
    elif source == STEP_MODULE:
        calls = {ast.unparse(call) for call in nodes(source, ast.Call)}
        assert "partial(reconcile, aws=aws, check_mode=self.check_mode)" in calls
    else:
        assert not found, f"{source}:{found[0].lineno} speaks of check_mode: reconcile alone decides what is not sent"


@pytest.mark.parametrize("source", [source for source in SOURCES if source.startswith("plugins/modules/")])
def test_a_module_is_documentation_and_a_few_lines(source):
    for function in nodes(source, ast.FunctionDef):
        lines = function.end_lineno - function.lineno + 1
        assert lines <= 15, f"{source}: {function.name} has {lines} lines; what it does belongs to a step"
    for call in nodes(source, ast.Call):
        written = getattr(call.func, "attr", "")
        assert written not in ("send", "call"), f"{source}:{call.lineno} speaks to AWS itself: only reconcile sends"


@pytest.mark.parametrize(
    "source", [source for source in SOURCES if source.startswith((f"{MODULE_UTILS}/resources/", DIAGNOSIS))]
)
def test_a_resource_plans_and_a_diagnosis_reads_and_neither_sends(source):
    for call in nodes(source, ast.Call):
        assert getattr(call.func, "attr", "") != "send", (
            f"{source}:{call.lineno} sends: a plan is a value, reconcile sends it"
        )


def written_names(node):
    """The words that a node puts into a request, or calls."""
    if isinstance(node, ast.Dict):
        return {getattr(key, "value", None) for key in node.keys}
    if isinstance(node, ast.keyword):
        return {node.arg}
    if isinstance(node, ast.Subscript):
        return {getattr(node.slice, "value", None)} if isinstance(node.ctx, ast.Store) else set()
    return {getattr(node, "attr", None) or getattr(node, "value", None)} & SIZES


@every_source
def test_no_request_sets_the_size_of_a_group(source):
    for node in nodes(source, ast.Dict, ast.keyword, ast.Subscript, ast.Attribute, ast.Constant):
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            continue
        # A diagnosis shows the size that it read, and has no way to send anything.
        forbidden = written_names(node) & (SIZES if layer_of(source) == DIAGNOSIS else SIZES | {"DesiredCapacity"})
        assert not forbidden, f"{source}:{node.lineno} writes the size of a group, which is its owner's"


# --- everything has its place -----------------------------------------------------------------------------------


def mirror_of(source):
    path = Path(source)
    return TESTS / path.parent / f"test_{path.name}"


@every_source
def test_every_source_has_its_test(source):
    if nodes(source, ast.FunctionDef):
        expected = mirror_of(source)
        assert expected.is_file(), f"{source} has no test: write {expected.relative_to(ROOT)}"


def test_every_test_has_its_source():
    mirrored = {mirror_of(source) for source in SOURCES}
    found = {path for folder in ("plugins", "files") for path in (TESTS / folder).rglob("test_*.py")}
    strays = sorted(str(path.relative_to(ROOT)) for path in found - mirrored)
    assert not strays, f"no source lies where these tests look: {', '.join(strays)}"


def test_every_module_is_in_the_action_group():
    group = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]["all"]
    modules = sorted(Path(source).stem for source in SOURCES if source.startswith("plugins/modules/"))
    assert sorted(group) == modules, "meta/runtime.yml: the action group `all` lists every module, and nothing else"


def test_every_action_plugin_has_its_module():
    for source in SOURCES:
        if source.startswith("plugins/action/"):
            assert source.replace("/action/", "/modules/") in SOURCES, f"{source} has no module of its name"


@every_source
def test_names_say_what_a_thing_is(source):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    made = [Path(source).stem, *(node.name for node in nodes(source, *kinds))]
    others = [node.id for node in nodes(source, ast.Name)] + [node.arg for node in nodes(source, ast.arg)]
    for banned, names in ((BANNED, made), (REPLACED, others)):
        for name in names:
            words = set(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))
            found = ", ".join(words & banned)
            assert not found, f"{source}: {name} has {found}: see the words in CONTRIBUTING.md"


@every_source
def test_sentences_use_the_words_of_the_table(source):
    found = re.findall(rf"\b({'|'.join(REPLACED)})\b", (ROOT / source).read_text(encoding="utf-8"))
    assert not found, f"{source} has {', '.join(found)}: see the words in CONTRIBUTING.md"


@every_source
def test_every_source_opens_with_its_licence_and_its_rule(source):
    text = (ROOT / source).read_text(encoding="utf-8")
    assert "GNU General Public License v3.0+" in "".join(text.splitlines(keepends=True)[:20]), (
        f"{source} has no licence"
    )
    if not source.startswith("plugins/modules/"):
        rule = ast.get_docstring(tree(source))
        assert rule, f"{source} does not open with the rule it keeps"
        first = rule.split("\n\n")[0]
        assert first.endswith((".", ",", ":")), f"{source}: its first paragraph is no sentence: {first}"


# --- playbooks -> roles -> modules ------------------------------------------------------------------------------

PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
TASKS = sorted((ROOT / "roles").glob("*/tasks/*.yml"))
CONTROLS = {
    "ansible.builtin.include_tasks",
    "ansible.builtin.import_tasks",
    "ansible.builtin.debug",
    "ansible.builtin.assert",
    "ansible.builtin.fail",
    # What AWX keeps of a job.
    "ansible.builtin.set_stats",
    # What was just changed shows some minutes later.
    "ansible.builtin.pause",
    # Reports are written where Ansible runs.
    "ansible.builtin.copy",
    "ansible.builtin.file",
}


def tasks_in(listed):
    for task in listed:
        yield task
        for section in ("block", "rescue", "always"):
            yield from tasks_in(task.get(section) or [])


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.name)
def test_a_playbook_only_calls_the_role(playbook):
    for play in yaml.safe_load(playbook.read_text()):
        for task in tasks_in([*play.get("pre_tasks", []), *play.get("tasks", []), *play.get("post_tasks", [])]):
            called = {key for key in task if "." in key}
            allowed = {"ansible.builtin.include_role", "ansible.builtin.import_role"}
            assert called <= allowed, (
                f"{playbook.name}: a playbook calls roles, and they call modules; found {called - allowed}"
            )


@pytest.mark.parametrize("tasks", TASKS, ids=lambda path: path.name)
def test_a_role_only_calls_modules_of_the_collection(tasks):
    modules = {
        f"academy.video_scaling.{Path(source).stem}" for source in SOURCES if source.startswith("plugins/modules/")
    }
    for task in tasks_in(yaml.safe_load(tasks.read_text())):
        called = {key for key in task if "." in key}
        assert called <= modules | CONTROLS, (
            f"{tasks.name}: {called - modules - CONTROLS} is no module of this collection"
        )


@pytest.mark.parametrize("tasks", TASKS, ids=lambda path: path.name)
def test_a_truth_that_is_given_on_the_command_line_is_not_taken_for_its_word(tasks):
    specs = yaml.safe_load((tasks.parents[1] / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    truths = [name for name, option in specs["main"]["options"].items() if option["type"] == "bool"]
    bare = rf"(?:\b(?:when: |not |and |or |if )\(?)({'|'.join(truths)})\b(?! \| bool)"
    assert re.findall(bare, tasks.read_text()) == [], "-e gives the word false, which counts as true: write | bool"


def test_every_playbook_and_role_was_looked_at():
    assert len(PLAYBOOKS) >= 3
    assert len(TASKS) >= 3
