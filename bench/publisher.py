# Copyright: Contributors to the academy.video_scaling collection
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one invocation of the publisher takes, from 1 pool to 10,000: ``python -m bench.publisher``.

The real zip runs in a process of its own, and only that process is measured. Its AWS is a loopback server over TLS, in
another process, with canned answers and an added latency: it is so fast that the publisher is what takes time.
Beside it, the bare request: a plain boto3 client that asks GetQueueAttributes, one after the other, measured alike.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import resource
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

ROOT = Path(__file__).resolve().parent.parent
POOLS = (1, 100, 1_000, 10_000)
TOTAL, PER_INSTANCE = "published_total", "published_per_instance"
# Of each group, whose instances DescribeAutoScalingGroups returns too. Five messages among them are below a target of
# 1, so an invocation ends as soon as it has published. They are above the lower one, and then it looks at the groups
# again until its time is nearly up.
INSTANCES = 10
WATCHED = f"{PER_INSTANCE}, above the target"
TARGETS = {PER_INSTANCE: 1.0, WATCHED: 0.1}
KINDS = (TOTAL, PER_INSTANCE, WATCHED)
LATENCIES_MS = (0, 10)
MEMORY_STEPS = (128, 256, 512, 1024, 1769)
# At this memory a function has one vCPU, and below it a share in proportion: "Configure Lambda function memory", AWS.
MB_OF_ONE_VCPU = 1769
WARM_RUNS = 3
# What ListQueues answers at a time.
LISTED = 1_000
# The longest that `auto` is asked for: an invocation that runs out of it publishes only some, and is no figure.
TIMEOUT_SECONDS = 50
# CPU per pool over that of a bare GetQueueAttributes, from as many pools on as make the rest of an invocation small.
TIMES_BARE, FROM_POOLS = 1.3, 100
PAGE = ROOT / "docs" / "performance.md"
MARK = "publisher"
COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
JSON, CBOR, XML = "application/x-amz-json-1.0", "application/cbor", "text/xml"


# --- the other end: answers as SQS and CloudWatch do -------------------------------------------------------------


class Answers(asyncio.Protocol):
    """One connection. The answer is canned, but for the queue's name in its address."""

    def __init__(self, latency: float, counts: Counter[str]) -> None:
        self.latency, self.counts, self.received = latency, counts, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, received: bytes) -> None:
        self.received += received
        while b"\r\n\r\n" in self.received:
            head, rest = self.received.split(b"\r\n\r\n", 1)
            lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
            headers = {name.lower().decode(): value.decode() for name, _colon, value in lines}
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            self.received = rest[length:]
            self.answer(headers, rest[:length])

    def answer(self, headers: dict[str, str], body: bytes) -> None:
        kind, text = reply(headers, body, self.counts)
        extra = "smithy-protocol: rpc-v2-cbor\r\n" if kind == CBOR else ""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{extra}x-amzn-RequestId: 1\r\nContent-Length: {len(text)}"
        asyncio.get_running_loop().call_later(self.latency, self.transport.write, head.encode() + b"\r\n\r\n" + text)


def reply(headers: dict[str, str], body: bytes, counts: Counter[str]) -> tuple[str, bytes]:
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if body.startswith(b"Action=DescribeAutoScalingGroups"):
        counts["DescribeAutoScalingGroups"] += 1
        return XML, described(body)
    if headers.get("x-counts"):
        text = json.dumps(counts).encode()
        counts.clear()
        return JSON, text
    counts[operation or "PutMetricData"] += 1
    if operation == "GetQueueUrl":
        url = f"https://{headers['host']}/123456789012/{json.loads(body)['QueueName']}"
        return JSON, json.dumps({"QueueUrl": url}).encode()
    if operation == "ListQueues":
        # As many as are asked for here, a page of a thousand names at a time.
        first = int(json.loads(body).get("NextToken", 0))
        urls = [f"https://{headers['host']}/123456789012/{queue_name(first + number)}" for number in range(LISTED)]
        more = {"NextToken": str(first + LISTED)} if first + LISTED < max(POOLS) else {}
        return JSON, json.dumps({"QueueUrls": urls, **more}).encode()
    if operation == "GetQueueAttributes":
        return JSON, json.dumps({"Attributes": dict(zip(COUNTS, ("3", "2"), strict=True))}).encode()
    if operation:
        return JSON, b"{}"
    if "smithy-protocol" in headers:
        return CBOR, b"\xbf\xff"
    return XML, b"<PutMetricDataResponse/>"


def described(body: bytes) -> bytes:
    """The groups that are asked for, each with its instances."""
    names = [value for name, value in parse_qsl(body.decode()) if name.startswith("AutoScalingGroupNames.member")]
    instance = (
        "<member><InstanceId>i-0123456789abcdef0</InstanceId><InstanceType>t4g.medium</InstanceType>"
        "<AvailabilityZone>ap-northeast-2a</AvailabilityZone><LifecycleState>InService</LifecycleState>"
        "<HealthStatus>Healthy</HealthStatus><ProtectedFromScaleIn>false</ProtectedFromScaleIn></member>"
    )
    groups = "".join(
        f"<member><AutoScalingGroupName>{name}</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>20</MaxSize>"
        f"<DesiredCapacity>{INSTANCES}</DesiredCapacity><Instances>{instance * INSTANCES}</Instances></member>"
        for name in names
    )
    result = f"<AutoScalingGroups>{groups}</AutoScalingGroups>"
    return (
        '<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">'
        f"<DescribeAutoScalingGroupsResult>{result}</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>"
    ).encode()


async def serve(latency_ms: int, folder: Path) -> None:
    counts: Counter[str] = Counter()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answers(latency_ms / 1000, counts), "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def served(latency_ms: int, folder: Path) -> Iterator[str]:
    command = [sys.executable, __file__, "serve", str(latency_ms), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield f"https://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def make_certificate(folder: Path) -> None:
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(folder / "key.pem")]
    out = ["-days", "2", "-out", str(folder / "certificate.pem")]
    subprocess.run(["openssl", "req", "-x509", *key, *names, *out], check=True, capture_output=True)


# --- what is measured, each in a process of its own --------------------------------------------------------------


def measured(run: Callable[[], Any], endpoint: str = "") -> dict[str, Any]:
    """Wall and CPU seconds (user + system, all threads of this process), and the requests that arrived."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return spent | ({"requests": arrived(endpoint)} if endpoint else {})


def arrived(endpoint: str) -> dict[str, int]:
    import urllib3

    pool = urllib3.PoolManager(ca_certs=os.environ["AWS_CA_BUNDLE"])
    counts: dict[str, int] = json.loads(pool.request("POST", endpoint, headers={"x-counts": "1"}).data)
    pool.clear()
    return counts


def invoke(folder: str, pools: int, endpoint: str) -> dict[str, Any]:
    sys.path.insert(0, folder)
    importing = measured(lambda: __import__("botocore.session"))
    making = measured(lambda: __import__("lambda_function"))
    function: Any = sys.modules["lambda_function"]
    clock = function.time = Clock()
    context = SimpleNamespace(
        function_version="1", aws_request_id="1", get_remaining_time_in_millis=lambda: 1000 * TIMEOUT_SECONDS
    )

    def run() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = function.lambda_handler({}, context)
        counts = Counter(answer.values())
        if counts[5] != pools or len(answer) not in (pools, pools + counts[5 / INSTANCES]):
            raise SystemExit("the publisher did not answer the depth of every pool")

    def invoked() -> dict[str, Any]:
        slept = clock.slept
        spent = measured(run, endpoint)
        return {**spent, "wall": spent["wall"] + clock.slept - slept}

    arrived(endpoint)
    runs = [invoked() for _number in range(1 + WARM_RUNS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"import": importing, "clients": making, "cold": runs[0], "warm": runs[1:], "peak_mb": peak}


class Clock:
    """The time that the publisher sees. A pause between two looks at the groups passes at once, and counts in full."""

    def __init__(self) -> None:
        self.slept = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def bare(calls: int, endpoint: str) -> dict[str, Any]:
    importing = measured(lambda: __import__("boto3"))
    make: Any = sys.modules["boto3"].client
    sqs = make("sqs")

    def run() -> None:
        for number in range(calls):
            sqs.get_queue_attributes(QueueUrl=f"{endpoint}/123456789012/q{number}", AttributeNames=COUNTS)

    run()
    return {"import": importing, "warm": [measured(run) for _number in range(WARM_RUNS)]}


def child(*arguments: str, endpoint: str, folder: Path) -> dict[str, Any]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "AWS_LAMBDA_FUNCTION_NAME": "publisher",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CA_BUNDLE": str(folder / "certificate.pem"),
    }
    command = [sys.executable, __file__, *arguments, endpoint]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


# --- the benchmark -----------------------------------------------------------------------------------------------


def zipped(pools: int, kind: str, folder: Path) -> int:
    """Unpack the publisher's zip for so many pools like the seed, and say how many bytes it has."""
    sys.path.insert(0, str(ROOT / "playbooks" / "collections"))
    from ansible_collections.academy.video_scaling.plugins.module_utils.package import package

    code = (ROOT / "files" / "lambda" / "queue_depth" / "lambda_function.py").read_text(encoding="utf-8")
    archive = package(code, {f"video_{number:05}": pool(number, kind) for number in range(pools)})
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(folder)
    return len(archive)


def pool(number: int, kind: str) -> dict[str, Any]:
    group = f"academy-video-{number:05}-worker-asg"
    dimensions = {"WorkerType": "Video", "AutoScalingGroupName": group}
    metric = {"namespace": "Academy/VideoProcessing", "name": "VideoQueueDepthTotal", "dimensions": dimensions}
    settings = {"name": f"video_{number:05}", "queue_name": queue_name(number), "metric": metric}
    if kind == TOTAL:
        return settings
    named = {**metric, "per_instance_name": "VideoQueueDepthTotalPerInstance"}
    return {**settings, "metric": named, "auto_scaling_group_name": group, "target_value": TARGETS[kind]}


def queue_name(number: int) -> str:
    return f"academy-video-{number:05}-jobs"


def row(pools: int, kind: str, latency_ms: int, endpoint: str, rounds: int, folder: Path) -> dict[str, Any]:
    """One size behind one latency. The bare requests take turns with the publisher, so a busy moment meets both."""
    with tempfile.TemporaryDirectory() as unpacked:
        size = zipped(pools, kind, Path(unpacked))
        runs, bares = [], []
        for _round in range(rounds):
            runs.append(child("invoke", unpacked, str(pools), endpoint=endpoint, folder=folder))
            bares.append(child("bare", str(min(max(pools, 100), 1_000)), endpoint=endpoint, folder=folder))
    calls = min(max(pools, 100), 1_000)
    warm = [run for each in runs for run in each["warm"]]
    of_bare = statistics.median(run["cpu"] for each in bares for run in each["warm"]) / calls
    cpu = statistics.median(run["cpu"] for run in warm)
    return {
        "pools": pools,
        "signal": kind,
        "latency_ms": latency_ms,
        "zip_bytes": size,
        "peak_mb": max(each["peak_mb"] for each in runs),
        "cold": median_of([each["cold"] for each in runs]) | {"requests": runs[0]["cold"]["requests"]},
        "warm": median_of(warm) | {"requests": warm[0]["requests"]},
        "cpu_ms_per_pool": 1000 * cpu / pools,
        "cpu_ms_of_bare_request": 1000 * of_bare,
        "times_bare": cpu / pools / of_bare,
        "import_botocore": median_of([each["import"] for each in runs]),
        "import_boto3": median_of([each["import"] for each in bares]),
        "clients": median_of([each["clients"] for each in runs]),
    }


def median_of(runs: list[dict[str, Any]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in ("wall", "cpu")}


def python_start(times: int = 5) -> dict[str, float]:
    runs = []
    for _number in range(times):
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", ""], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        runs.append({"wall": time.perf_counter() - wall, "cpu": cpu})
    return median_of(runs)


def computed(row: dict[str, Any]) -> dict[str, Any]:
    """Seconds at each memory step: the CPU that was measured, at that step's share; never faster than measured."""
    share = {size: min(size / MB_OF_ONE_VCPU, 1.0) for size in MEMORY_STEPS}
    return {
        kind: {str(size): max(row[kind]["wall"], row[kind]["cpu"] / share[size]) for size in MEMORY_STEPS}
        for kind in ("cold", "warm")
    }


def benchmark(rounds: int, sizes: list[int]) -> dict[str, Any]:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificate(folder)
        for latency_ms in LATENCIES_MS:
            with served(latency_ms, folder) as endpoint:
                for kind, pools in product(KINDS, sizes):
                    print(f"{pools} pools, {kind}, {latency_ms} ms ...", file=sys.stderr, flush=True)
                    rows.append(row(pools, kind, latency_ms, endpoint, rounds, folder))
    import botocore

    from .machine import machine

    versions = {"botocore": botocore.__version__, **machine()}
    rows = [{**each, "seconds_by_memory_computed": computed(each)} for each in rows]
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return {
        "measured_at": now,
        "machine": versions,
        "rounds": rounds,
        "python_start": python_start(),
        "rows": rows,
    }


# --- how it is shown ---------------------------------------------------------------------------------------------


def page(result: dict[str, Any]) -> str:
    on = result["machine"]
    processes = "1 process" if result["rounds"] == 1 else f"{result['rounds']} processes"
    measured_on = (
        f"Measured on {result['measured_at']}: {on['cores']} cores ({on['processor']}), Python {on['python']}, "
        f"botocore {on['botocore']}. Medians of {processes}, warm of "
        f"{WARM_RUNS * result['rounds']} invocations."
    )
    return "\n\n".join([measured_on, verdicts(result), table(result), start_table(result)])


def verdicts(result: dict[str, Any]) -> str:
    worst: dict[int, float] = {}
    for each in result["rows"]:
        if each["pools"] >= FROM_POOLS and each["signal"] == TOTAL:
            worst[each["latency_ms"]] = max(worst.get(each["latency_ms"], 0.0), each["times_bare"])
    parts = [
        f"behind {latency_ms} ms {times:.2f} ({'yes' if times <= TIMES_BARE else '**no**'})"
        for latency_ms, times in worst.items()
    ]
    return (
        f"CPU per pool of a total, at most {TIMES_BARE:g} x that of a bare request from {FROM_POOLS} pools on: "
        f"{', '.join(parts)}."
    )


def table(result: dict[str, Any]) -> str:
    heads = ["pools", "signal", "latency", "run", "wall s", "CPU s", "CPU ms per pool", "x bare"]
    operations = ["ListQueues", "GetQueueUrl", "GetQueueAttributes", "DescribeAutoScalingGroups", "PutMetricData"]
    heads += [*operations, "peak MB", "zip KB", "s at 128 MB", "s at 1,769 MB"]
    lines = [heads, ["--:"] * len(heads)]
    for each in result["rows"]:
        for kind in ("cold", "warm"):
            spent, seconds = each[kind], each["seconds_by_memory_computed"][kind]
            lines.append(
                [
                    f"{each['pools']:,}",
                    f"`{each['signal']}`",
                    f"{each['latency_ms']} ms",
                    kind,
                    f"{spent['wall']:.2f}",
                    f"{spent['cpu']:.3f}",
                    f"{1000 * spent['cpu'] / each['pools']:.2f}",
                    f"{each['times_bare']:.2f}" if kind == "warm" else "",
                    *(f"{spent['requests'].get(name, 0):,}" for name in operations),
                    f"{each['peak_mb']:.0f}",
                    f"{each['zip_bytes'] / 1000:,.0f}",
                    f"{seconds['128']:.1f}",
                    f"{seconds['1769']:.1f}",
                ]
            )
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def start_table(result: dict[str, Any]) -> str:
    first = result["rows"][0]
    parts = {
        "start of Python": result["python_start"],
        "import of botocore": first["import_botocore"],
        "the function's file, with both clients": first["clients"],
        "first invocation, 1 pool": first["cold"],
        "any later one, 1 pool": first["warm"],
        "(import of boto3 instead of botocore)": first["import_boto3"],
    }
    lines = [f"| {name} | {spent['wall']:.3f} | {spent['cpu']:.3f} |" for name, spent in parts.items()]
    return "\n".join(["| cold start | wall s | CPU s |", "| :-- | --: | --: |", *lines])


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(int(sys.argv[2]), Path(sys.argv[3])))
    elif sys.argv[1:2] == ["invoke"]:
        print(json.dumps(invoke(sys.argv[2], int(sys.argv[3]), sys.argv[4])))
    elif sys.argv[1:2] == ["bare"]:
        print(json.dumps(bare(int(sys.argv[2]), sys.argv[3])))
    else:
        parser = argparse.ArgumentParser(prog="python -m bench.publisher", description="Benchmark of the publisher")
        parser.add_argument("--rounds", type=int, default=3, help="processes per size and latency (default 3)")
        parser.add_argument("--pools", type=int, nargs="+", default=list(POOLS), help="sizes (default: all)")
        options = parser.parse_args()
        # A benchmark that is ended takes its server along.
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        result = benchmark(options.rounds, options.pools)
        (ROOT / "bench" / "publisher.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        if options.pools == list(POOLS):
            # Not above: the processes that are measured run this file by itself, and import nothing that they need not.
            from local_aws.marked import between

            PAGE.write_text(between(PAGE.read_text(encoding="utf-8"), MARK, page(result)), encoding="utf-8")
        print(page(result))


if __name__ == "__main__":
    main()
