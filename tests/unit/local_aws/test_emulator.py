# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An emulator is ready when it is handed over, alone on its port, and gone without a trace afterwards."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from local_aws import emulator, seed
from local_aws.recorder import recording

REPOSITORY = Path(__file__).resolve().parents[3]
STARTERS = {"ministack": emulator.ministack, "moto": emulator.moto}
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc, which only Linux has")


def needs(name):
    try:
        emulator.executable_of(name)
    except emulator.EmulatorMissing as missing:
        return pytest.mark.skipif(True, reason=str(missing))
    return pytest.mark.skipif(False, reason="")


with_each = pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in STARTERS])
with_ministack = needs("ministack")


@pytest.fixture(scope="module")
def running():
    """Each emulator once per module, started when first asked for."""
    with contextlib.ExitStack() as stack:
        started = {}

        def get(name):
            if name not in started:
                started[name] = stack.enter_context(STARTERS[name]())
            started[name].reset()
            return started[name]

        yield get


def processes_of(url):
    """Every process of the emulator on that port: its guard, itself, and its functions."""
    port = str(urlsplit(url).port)
    marks = (f"GATEWAY_PORT={port}", f"-p\0{port}\0")
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            text = (entry / "environ").read_text(errors="replace") + "\0" + (entry / "cmdline").read_text()
            if any(mark in text for mark in marks):
                found.add(int(entry.name))
    return found


def home_of(url):
    homes = set()
    for pid in processes_of(url):
        with contextlib.suppress(OSError):
            for line in (Path("/proc") / str(pid) / "environ").read_text().split("\0"):
                if line.startswith("HOME="):
                    homes.add(line[5:])
    return homes.pop()


def until(condition, seconds=15.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    return condition()


def zipped(source):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("lambda_function.py", textwrap.dedent(source))
    return buffer.getvalue()


def make_function(functions, source):
    functions.create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role="arn:aws:iam::123456789012:role/r",
        Handler="lambda_function.lambda_handler",
        Code={"ZipFile": zipped(source)},
        Timeout=300,
    )


def start_a_long_run(url):
    """Leaves a function in mid-run, in a process that does not listen to SIGTERM."""
    functions = boto3.client(
        "lambda",
        endpoint_url=url,
        region_name="ap-northeast-2",
        aws_access_key_id="123456789012",
        aws_secret_access_key="local",
    )
    make_function(
        functions,
        """
        import signal, time
        def lambda_handler(event, context):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print("in mid-run", flush=True)
            time.sleep(240)
        """,
    )
    before = processes_of(url)
    functions.invoke(FunctionName="f", InvocationType="Event", Payload=b"{}")
    assert until(lambda: processes_of(url) - before)
    time.sleep(0.5)


def script(path, text):
    path.write_text(f"#!{sys.executable}\n{textwrap.dedent(text)}")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", STARTERS)
def test_a_missing_executable_says_what_to_do(name, tmp_path):
    with pytest.raises(emulator.EmulatorMissing, match="run make venvs"), STARTERS[name](tmp_path / "none"):
        pass


def test_the_environment_names_the_executable(monkeypatch, tmp_path):
    monkeypatch.setenv("VIDEO_SCALING_MOTO", str(script(tmp_path / "moto", "")))
    assert emulator.executable_of("moto") == tmp_path / "moto"
    monkeypatch.delenv("VIDEO_SCALING_MOTO")
    with contextlib.suppress(emulator.EmulatorMissing):
        assert emulator.executable_of("moto") == REPOSITORY / ".venvs" / "moto" / "bin" / "moto_server"


def test_an_emulator_that_ends_at_once_shows_its_log(tmp_path):
    ending = script(tmp_path / "moto", "import sys; print('no such module: boom'); sys.exit(3)")
    with pytest.raises(emulator.EmulatorFailed, match=r"ended before it was ready(.|\n)*boom"), emulator.moto(ending):
        pass


def test_an_emulator_that_never_answers_is_given_up_and_ended(tmp_path):
    silent = script(
        tmp_path / "moto",
        f"""
        import os, pathlib, time
        pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
        time.sleep(240)
        """,
    )
    with (
        pytest.raises(emulator.EmulatorFailed, match="not ready within 1 seconds"),
        emulator.moto(silent, ready_within=1),
    ):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_port_taken_in_between_is_answered_by_another(tmp_path):
    beaten = script(
        tmp_path / "moto",
        f"""
        import http.server, pathlib, sys
        ports = pathlib.Path({str(tmp_path / "ports")!r})
        with ports.open("a") as file:
            print(sys.argv[4], file=file)
        if len(ports.read_text().split()) < 3:
            sys.exit("OSError: [Errno 98] Address already in use")
        class Ready(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.send_response(200)
                self.end_headers()
        http.server.HTTPServer(("127.0.0.1", int(sys.argv[4])), Ready).serve_forever()
        """,
    )
    with emulator.moto(beaten) as started:
        ports = (tmp_path / "ports").read_text().split()
        assert len(ports) == 3
        assert started.url == f"http://127.0.0.1:{ports[2]}"


@with_each
def test_a_client_works_at_once_whatever_the_callers_own_settings(name, running, monkeypatch):
    for variable, value in {
        "AWS_PROFILE": "none-such",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "somebody",
    }.items():
        monkeypatch.setenv(variable, value)
    started = running(name)
    assert started.name == name
    assert started.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert started.client("sqs").meta.region_name == "ap-northeast-2"


@with_each
def test_a_client_process_needs_nothing_but_the_environment(name, running):
    started = running(name)
    seed.make_queue(started.client, name="here")
    code = "import boto3; print(boto3.client('sqs').get_queue_url(QueueName='here')['QueueUrl'])"
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "HTTP_PROXY": "http://127.0.0.1:1", **started.environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert shown.stdout.strip() == f"{started.url}/123456789012/here"


@with_each
def test_reset_empties_the_account_and_keeps_the_configuration(name, running):
    started = running(name)
    seed.make_pool(started.client)
    started.reset()
    assert (
        "QueueUrls" not in started.client("sqs").list_queues() or not started.client("sqs").list_queues()["QueueUrls"]
    )
    assert started.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert started.client("autoscaling").describe_policies()["ScalingPolicies"] == []
    iam = started.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
    functions = started.client("lambda")
    make_function(functions, "def lambda_handler(event, context): return {}")
    reply = functions.invoke(FunctionName="f", Payload=b"{}")
    assert (reply["StatusCode"], reply["Payload"].read()) == (200, b"{}")


@with_each
def test_two_at_once_are_two_accounts(name, running):
    first = running(name)
    with STARTERS[name]() as second:
        assert first.url != second.url
        seed.make_queue(first.client, name="only-here")
        missing = second.client("sqs")
        with pytest.raises(missing.exceptions.QueueDoesNotExist):
            missing.get_queue_url(QueueName="only-here")


@with_each
def test_the_seed_pool_is_what_it_says(name, running):
    started = running(name)
    url = seed.make_pool(started.client, visible=23, in_flight=12, desired_capacity=2)
    attributes = started.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "23"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "12"
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(":academy-video-jobs-dlq")
    scaling = started.client("autoscaling")
    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (group["AutoScalingGroupName"], group["MinSize"], group["MaxSize"]) == ("academy-video-worker-asg", 0, 20)
    assert len(group["Instances"]) == group["DesiredCapacity"] == 2
    (policy,) = scaling.describe_policies()["ScalingPolicies"]
    specification = policy["TargetTrackingConfiguration"]["CustomizedMetricSpecification"]
    assert (policy["PolicyName"], specification["MetricName"]) == ("video-backlogcount-tt", "BacklogCount")


@with_each
def test_a_fleet_of_other_pools_can_be_made(name, running):
    started = running(name)
    for pool in ("one", "two"):
        seed.make_group(started.client, name=f"{pool}-asg", old_policy=None)
        seed.make_queue(started.client, name=pool, dead_letter_name=None)
    groups = started.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [group["AutoScalingGroupName"] for group in groups] == ["one-asg", "two-asg"]
    assert started.client("autoscaling").describe_policies()["ScalingPolicies"] == []


@with_each
def test_a_queue_url_found_through_a_recorder_leads_back_through_it(name, running):
    started = running(name)
    with recording(started.url) as recorder:
        url = seed.make_queue(lambda service: started.client(service, recorder.url), name="q")
        assert url.startswith(recorder.url)
        assert recorder.count()["sqs:CreateQueue"] == 2
        assert {request.status for request in recorder.requests} == {200}
    assert started.environment(recorder.url)["AWS_ENDPOINT_URL"] == recorder.url


@on_linux
@with_each
def test_only_the_loopback_is_bound(name, running):
    port = urlsplit(running(name).url).port
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if " 0A " in line]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]
    listening_v6 = Path("/proc/net/tcp6")
    assert not listening_v6.exists() or f":{port:04X} 0000" not in listening_v6.read_text()


@on_linux
@with_each
def test_nothing_is_left_after_an_error(name):
    with pytest.raises(ZeroDivisionError), STARTERS[name]() as started:
        home = home_of(started.url)
        assert Path(home).is_dir()
        assert len(processes_of(started.url)) == 2
        raise ZeroDivisionError
    assert processes_of(started.url) == set()
    assert not Path(home).exists()


@on_linux
@with_ministack
def test_a_function_in_mid_run_ends_with_its_emulator():
    with emulator.ministack() as started:
        start_a_long_run(started.url)
    assert processes_of(started.url) == set()


@on_linux
@with_ministack
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_an_owner_that_is_killed(number, tmp_path):
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\n"
            "from local_aws import emulator\n"
            "with emulator.ministack() as started:\n"
            "    print(started.url, flush=True)\n"
            "    time.sleep(240)\n",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A shell lets what it starts in the background ignore Ctrl-C, and so would the owner.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with owner:
        url = owner.stdout.readline().strip()
        home = home_of(url)
        start_a_long_run(url)
        owner.send_signal(number)
        owner.wait(20)
    assert until(lambda: not processes_of(url))
    assert until(lambda: not Path(home).exists())


@on_linux
@with_each
def test_the_emulator_ends_even_when_its_guard_is_killed(name):
    with STARTERS[name]() as started:
        (guard,) = [pid for pid in processes_of(started.url) if "guard.py" in Path(f"/proc/{pid}/cmdline").read_text()]
        home = home_of(started.url)
        os.kill(guard, signal.SIGKILL)
        # The guard stays a zombie, with an empty environment, until the context is left.
        assert until(lambda: not processes_of(started.url))
    # Whoever would have removed it was killed.
    assert Path(home).name.startswith("local-aws-")
    shutil.rmtree(home)


@on_linux
@with_ministack
def test_functions_inherit_nothing_of_the_callers_environment(running, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "1")
    with emulator.ministack(settings={"A_SETTING": "given"}) as started:
        functions = started.client("lambda")
        make_function(functions, "import os\ndef lambda_handler(event, context): return dict(os.environ)")
        seen = json.loads(functions.invoke(FunctionName="f", Payload=b"{}")["Payload"].read())
    assert "SECRET_OF_THE_CALLER" not in seen
    assert seen["A_SETTING"] == "given"
    assert seen["AWS_ENDPOINT_URL"] == started.url
    assert seen["HOME"] != os.environ.get("HOME")
