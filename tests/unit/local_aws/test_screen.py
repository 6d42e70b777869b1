# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a page shows of the demo is what a terminal showed, and nothing that was recorded goes on running."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from local_aws import demo, screen
from local_aws.marked import begin, end, inside

ROOT = Path(__file__).resolve().parents[3]

PAGES = (screen.PAGE, *screen.FRONT_PAGES)

every_front_page = pytest.mark.parametrize("page", screen.FRONT_PAGES)


def python(code):
    return (sys.executable, "-c", code)


def test_the_command_believes_that_it_writes_to_a_terminal():
    shown = screen.recorded(python("import os, sys; print(sys.stdout.isatty(), os.get_terminal_size().columns)"))
    assert shown == f"True {screen.COLUMNS}"


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("\x1b[0;33mchanged: [localhost]\x1b[0m\r\n", ["changed: [localhost]"]),
        ("\r\n\r\n== A heading   \r\n\r\nend\r\n\r\n", ["== A heading", "", "end"]),
        ("대기열\r\n", ["대기열"]),
    ],
)
def test_colours_are_left_out_and_lines_stay(output, lines):
    assert screen.plain(output).split("\n") == lines


def test_a_command_that_fails_is_not_shown():
    with pytest.raises(screen.RecordingFailed, match="ended with 3"):
        screen.recorded(python("raise SystemExit(3)"))


def test_a_command_that_hangs_is_ended_as_by_a_person(monkeypatch, tmp_path):
    # Long enough for a Python to start on a busy machine.
    monkeypatch.setattr(screen, "SECONDS", 3.0)
    trace = tmp_path / "ended"
    # Whoever started the tests may have had SIGINT ignored, and a child inherits that.
    code = f"""
import pathlib, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    time.sleep(60)
except KeyboardInterrupt:
    pathlib.Path({str(trace)!r}).touch()
"""
    with pytest.raises(screen.RecordingFailed, match="did not end"):
        screen.recorded(python(code))
    assert trace.exists()


def test_pages_are_changed_only_when_the_demo_ended_well(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(screen, "ROOT", tmp_path)
    before = f"# Title\n\n{begin('demo')}\nold\n{end('demo')}\n"
    for page in PAGES:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text(before, encoding="utf-8")
    monkeypatch.setattr(screen, "COMMAND", python("raise SystemExit(1)"))
    assert screen.main() == 1
    assert {(tmp_path / page).read_text(encoding="utf-8") for page in PAGES} == {before}
    monkeypatch.setattr(screen, "COMMAND", python("print('== 1. Look\\nall is well\\nDone in 1 seconds')"))
    assert screen.main() == 0
    for page in PAGES:
        between = "" if page in screen.FRONT_PAGES else "all is well\n"
        shown = inside((tmp_path / page).read_text(encoding="utf-8"), "demo")
        assert shown.startswith("```console\n$ ")
        assert shown.endswith(f"\n== 1. Look\n{between}Done in 1 seconds\n```")


def test_what_the_page_shows_is_the_demo_of_today():
    """Not its figures, but every heading that it has, in order, and its end."""
    shown = inside((ROOT / screen.PAGE).read_text(encoding="utf-8"), screen.NAME)
    headings = [line.removeprefix("== ") for line in shown.splitlines() if line.startswith("== ")]
    assert headings == said()
    assert shown.splitlines()[-2].startswith("Done in "), shown.splitlines()[-2:]
    assert os.sep + "home" not in shown
    assert str(ROOT) not in shown


@every_front_page
def test_a_front_page_shows_twelve_lines_of_that(page):
    whole = inside((ROOT / screen.PAGE).read_text(encoding="utf-8"), screen.NAME).splitlines()
    fence, command, *gist, end_of_fence = inside((ROOT / page).read_text(encoding="utf-8"), screen.NAME).splitlines()
    assert [fence, command, end_of_fence] == [whole[0], whole[1], whole[-1]]
    assert gist == screen.gist("\n".join(whole[2:-1])).splitlines()
    assert len([command, *gist]) == 12
    assert [line[3:] for line in gist if line.startswith("== ")] == [words for words in said() if words[0].isdigit()]
    assert sum("On the wire: " in line for line in gist) == 3, "what a check, an apply and a second apply sent"


def said():
    source = ast.parse(Path(demo.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(source) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"]
    return [call.args[0].value for call in sorted(calls, key=lambda call: call.lineno)]
