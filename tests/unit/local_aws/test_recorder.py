# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a client sends reaches upstream as it came, and is recorded under the API's own names."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import boto3
import botocore.exceptions
import botocore.session
import pytest
from botocore.config import Config

from local_aws import operations
from local_aws.recorder import recording

FORM = "application/x-www-form-urlencoded"


class Upstream(BaseHTTPRequestHandler):
    """Answers each request with what it was sent."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers.items()), body))
        status = 204 if self.path == "/none" else 200
        self.send_response(status)
        self.send_header("X-Upstream", "yes")
        if self.path == "/chunked":
            self._chunked()
        elif status == 200:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)
        else:
            self.end_headers()
        # Unannounced, as a server does that tires of an idle connection.
        self.close_connection = self.path == "/close"

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def _chunked(self):
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def upstream():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def recorder(upstream):
    with recording(upstream.url) as made:
        yield made


@contextlib.contextmanager
def connection_to(url):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def sent(url, method, path, body=None, headers=None):
    with connection_to(url) as connection:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()


def raw(url, request):
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def client_of(service, url):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="ap-northeast-2",
        aws_access_key_id="123456789012",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


def refuse(request):
    return 400, {}, "<Error/>"


def test_a_body_passes_byte_for_byte_in_both_directions(upstream, recorder):
    body = gzip.compress(os.urandom(200_000))
    headers = {"Content-Encoding": "gzip", "X-Amz-Meta": "one", "Content-Type": "application/octet-stream"}
    status, _, reply = sent(recorder.url, "POST", "/a%20b?x=%2F&y", body, headers)
    method, path, arrived, arrived_body = upstream.seen[0]
    assert (status, reply, arrived_body) == (200, body, body)
    assert (method, path) == ("POST", "/a%20b?x=%2F&y")
    assert headers.items() <= arrived.items()
    assert recorder.requests[0].body == body


def test_the_host_is_the_one_the_client_signed(upstream, recorder):
    sent(recorder.url, "GET", "/")
    assert upstream.seen[0][2]["Host"] == urlsplit(recorder.url).netloc


def test_hop_by_hop_headers_stay_behind(upstream, recorder):
    sent(recorder.url, "GET", "/", headers={"Connection": "keep-alive", "TE": "trailers", "Keep-Alive": "5"})
    assert {"Connection", "TE", "Keep-Alive"}.isdisjoint(upstream.seen[0][2])


def test_a_connection_is_kept_alive_over_many_kinds_of_request(upstream, recorder):
    with connection_to(recorder.url) as connection:
        for method, path, body in (
            ("POST", "/", b"x" * 70_000),
            ("HEAD", "/", None),
            ("GET", "/none", None),
            ("GET", "/chunked", None),
            ("PUT", "/", b""),
            ("DELETE", "/", None),
        ):
            connection.request(method, path, body)
            used = connection.sock
            reply = connection.getresponse()
            text = reply.read()
            assert connection.sock is used
            assert reply.headers["X-Upstream"] == "yes"
            assert text == (b"abcde" if path == "/chunked" else body or b"")
    assert [request.method for request in recorder.requests] == ["POST", "HEAD", "GET", "GET", "PUT", "DELETE"]
    assert [request.status for request in recorder.requests] == [200, 200, 204, 200, 200, 200]


def test_a_chunked_request_arrives_whole(upstream, recorder):
    reply = raw(
        recorder.url,
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
    )
    assert upstream.seen[0][3] == b"abc0123456789"
    assert reply.endswith(b"abc0123456789")


def test_a_client_that_expects_100_continue_gets_it(upstream, recorder):
    address = urlsplit(recorder.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as client:
        client.sendall(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(1024).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"body")
        assert b"HTTP/1.1 200 OK" in client.recv(65536)
    assert upstream.seen[0][3] == b"body"
    assert "Expect" not in upstream.seen[0][2]


def test_half_a_request_does_not_reach_upstream(upstream, recorder):
    raw(recorder.url, b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
    assert upstream.seen == []
    assert recorder.requests == []


def test_an_upstream_that_is_gone_is_a_502_and_recorded():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with recording(f"http://127.0.0.1:{nobody.getsockname()[1]}") as made:
            status, _, text = sent(made.url, "GET", "/")
    assert status == 502
    assert b"no reply from upstream" in text
    assert [request.status for request in made.requests] == [502]


def test_an_upstream_that_hangs_up_is_reached_again_by_the_next_request(upstream, recorder):
    with connection_to(recorder.url) as connection:
        for _ in range(3):
            connection.request("POST", "/close", b"x")
            assert connection.getresponse().read() == b"x"
            time.sleep(0.05)
    assert len(upstream.seen) == 3
    assert [request.status for request in recorder.requests] == [200, 200, 200]


def test_a_hook_may_answer_in_upstreams_place(upstream, recorder):
    def throttle(request):
        if request.name == "lambda:PublishVersion":
            body = json.dumps({"Type": "User", "message": "slow down"})
            return 429, {"x-amzn-ErrorType": "TooManyRequestsException"}, body
        return None

    recorder.before = throttle
    publisher = client_of("lambda", recorder.url)
    with pytest.raises(publisher.exceptions.TooManyRequestsException, match="slow down"):
        publisher.publish_version(FunctionName="f")
    assert upstream.seen == []
    assert [(request.name, request.status) for request in recorder.requests] == [("lambda:PublishVersion", 429)]
    sent(recorder.url, "GET", "/")
    assert len(upstream.seen) == 1


def test_a_hook_may_change_what_upstream_answered(upstream, recorder):
    def refuse_all_but_reads(request, answer):
        status, headers, body = answer
        assert headers["X-Upstream"] == "yes"
        return (status, headers, body + b"!") if request.method == "GET" else (403, {"X-Hook": "no"}, "refused")

    recorder.after = refuse_all_but_reads
    status, headers, body = sent(recorder.url, "GET", "/", b"a")
    assert (status, headers["X-Upstream"], headers["Content-Length"], body) == (200, "yes", "2", b"a!")
    status, headers, body = sent(recorder.url, "POST", "/", b"a")
    assert (status, headers["X-Hook"], "X-Upstream" in headers, body) == (403, "no", False, b"refused")
    assert [(request.method, request.status) for request in recorder.requests] == [("GET", 200), ("POST", 403)]
    assert len(upstream.seen) == 2


def test_what_a_hook_answered_is_not_changed_by_the_other(upstream, recorder):
    recorder.before = lambda request: (418, {}, "mine")
    recorder.after = lambda request, answer: (500, {}, "theirs")
    assert sent(recorder.url, "GET", "/")[::2] == (418, b"mine")


def test_latency_delays_each_request(recorder):
    recorder.latency = 0.2
    begun = time.monotonic()
    sent(recorder.url, "GET", "/")
    assert time.monotonic() - begun >= 0.2


def test_many_threads_are_all_recorded_and_clear_forgets_them(recorder):
    def ten(_):
        with connection_to(recorder.url) as connection:
            for _ in range(10):
                connection.request("POST", "/", b"Action=ListRoles", {"Content-Type": FORM})
                assert connection.getresponse().read() == b"Action=ListRoles"

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(ten, range(32)))
    assert recorder.count() == {"unknown:ListRoles": 320}
    assert recorder.mutating() == []
    recorder.clear()
    assert recorder.requests == []


def test_only_the_loopback_is_bound_and_let_go_afterwards(upstream):
    with recording(upstream.url) as made:
        assert urlsplit(made.url).hostname == "127.0.0.1"
        with connection_to(made.url) as connection:
            connection.request("GET", "/")
            connection.getresponse().read()
    with pytest.raises(OSError):
        sent(made.url, "GET", "/")


def test_a_kept_alive_client_is_hung_up_on_at_the_end(upstream):
    with contextlib.ExitStack() as stack:
        with recording(upstream.url) as made:
            connection = stack.enter_context(connection_to(made.url))
            connection.request("GET", "/")
            connection.getresponse().read()
        assert connection.sock.recv(1) == b""


def test_only_http_upstreams_are_taken():
    with pytest.raises(ValueError, match="must be an http://"), recording("https://127.0.0.1:1"):
        pass


CALLS = [
    ("sqs", "get_queue_url", {"QueueName": "q"}, "sqs:GetQueueUrl", False),
    ("sqs", "create_queue", {"QueueName": "q"}, "sqs:CreateQueue", True),
    ("sqs", "receive_message", {"QueueUrl": "q"}, "sqs:ReceiveMessage", True),
    ("autoscaling", "describe_policies", {}, "autoscaling:DescribePolicies", False),
    (
        "autoscaling",
        "delete_policy",
        {"AutoScalingGroupName": "g", "PolicyName": "p"},
        "autoscaling:DeletePolicy",
        True,
    ),
    ("cloudwatch", "get_metric_statistics", None, "cloudwatch:GetMetricStatistics", False),
    (
        "cloudwatch",
        "put_metric_data",
        {"Namespace": "N", "MetricData": [{"MetricName": "M", "Value": 1}]},
        "cloudwatch:PutMetricData",
        True,
    ),
    ("events", "list_targets_by_rule", {"Rule": "r"}, "events:ListTargetsByRule", False),
    ("events", "put_rule", {"Name": "r"}, "events:PutRule", True),
    ("iam", "get_role", {"RoleName": "r"}, "iam:GetRole", False),
    ("iam", "delete_role", {"RoleName": "r"}, "iam:DeleteRole", True),
    ("logs", "describe_log_groups", {}, "logs:DescribeLogGroups", False),
    ("logs", "filter_log_events", {"logGroupName": "g"}, "logs:FilterLogEvents", False),
    ("logs", "put_retention_policy", {"logGroupName": "g", "retentionInDays": 1}, "logs:PutRetentionPolicy", True),
    (
        "cloudwatch",
        "get_metric_data",
        {"MetricDataQueries": [], "StartTime": 0, "EndTime": 60},
        "cloudwatch:GetMetricData",
        False,
    ),
    ("cloudwatch", "describe_alarm_history", {}, "cloudwatch:DescribeAlarmHistory", False),
    ("iam", "get_policy_version", {"PolicyArn": "a" * 20, "VersionId": "v1"}, "iam:GetPolicyVersion", False),
    ("ssm", "get_parameter_history", {"Name": "/a"}, "ssm:GetParameterHistory", False),
    ("ssm", "put_parameter", {"Name": "/a", "Value": "v"}, "ssm:PutParameter", True),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::1:role/r", "RoleSessionName": "me"}, "sts:AssumeRole", False),
    ("sts", "get_caller_identity", {}, "sts:GetCallerIdentity", False),
    ("lambda", "list_functions", {}, "lambda:ListFunctions", False),
    ("lambda", "get_policy", {"FunctionName": "f", "Qualifier": "live"}, "lambda:GetPolicy", False),
    (
        "lambda",
        "get_function",
        {"FunctionName": "arn:aws:lambda:ap-northeast-2:123456789012:function:f"},
        "lambda:GetFunction",
        False,
    ),
    ("lambda", "update_alias", {"FunctionName": "f", "Name": "live"}, "lambda:UpdateAlias", True),
    ("lambda", "list_tags", {"Resource": "arn:aws:lambda:r:1:function:f"}, "lambda:ListTags", False),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b'{"describe": true}'}, "lambda:Invoke", False),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b'{"publish": false}'}, "lambda:Invoke", False),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b'{"describe": 1}'}, "lambda:Invoke", True),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b"{}"}, "lambda:Invoke", True),
    ("lambda", "invoke", {"FunctionName": "f"}, "lambda:Invoke", True),
]


@pytest.mark.parametrize(("service", "method", "arguments", "name", "mutating"), CALLS)
def test_a_call_is_named_as_the_api_names_it(recorder, service, method, arguments, name, mutating):
    if arguments is None:
        arguments = {"Namespace": "N", "MetricName": "M", "StartTime": 0, "EndTime": 60, "Period": 60}
    recorder.before = refuse
    with contextlib.suppress(botocore.exceptions.ClientError):
        getattr(client_of(service, recorder.url), method)(**arguments)
    assert [(request.name, request.mutating) for request in recorder.requests] == [(name, mutating)]


def test_who_signed_a_request_and_for_which_region_is_noted(recorder):
    recorder.before = refuse
    with contextlib.suppress(botocore.exceptions.ClientError):
        client_of("autoscaling", recorder.url).describe_policies()
    sent(recorder.url, "GET", "/")
    assert [(request.access_key, request.region) for request in recorder.requests] == [
        ("123456789012", "ap-northeast-2"),
        ("", ""),
    ]


def test_parameters_are_read_from_either_protocol(recorder):
    recorder.before = refuse
    for service, method, arguments in (
        ("autoscaling", "describe_policies", {"AutoScalingGroupName": "g"}),
        ("ssm", "get_parameters", {"Names": ["/a", "/b"]}),
    ):
        with contextlib.suppress(botocore.exceptions.ClientError):
            getattr(client_of(service, recorder.url), method)(**arguments)
    described, got = recorder.requests
    assert described.parameters["AutoScalingGroupName"] == "g"
    assert "Action=DescribePolicies" in described.text
    assert got.parameters == {"Names": ["/a", "/b"]}


def test_a_compressed_body_is_read():
    body = gzip.compress(b"Action=PutMetricData&Namespace=N")
    headers = {"Content-Encoding": "gzip", "Content-Type": FORM}
    assert operations.operation_of("cloudwatch", "POST", "/", headers, body) == "PutMetricData"
    assert operations.parameters_of(headers, body)["Namespace"] == "N"


def test_every_lambda_operation_is_distinguished_from_every_other():
    model = botocore.session.Session().get_service_model("lambda")
    for name in model.operation_names:
        request = model.operation_model(name).http
        path = re.sub(r"\{\w+\+?\}", "arn%3Aaws%3Alambda", request["requestUri"])
        assert operations.operation_of("lambda", request["method"], path, {}, b"") == name


def test_the_cbor_protocol_is_named_by_its_path():
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    assert operations.operation_of("cloudwatch", "POST", path, {}, b"\xbf\xff") == "PutMetricData"


@pytest.mark.parametrize(
    ("path", "headers", "service"),
    [
        ("/", {"Host": "sqs.ap-northeast-2.amazonaws.com"}, "sqs"),
        ("/", {"Host": "monitoring.ap-northeast-2.amazonaws.com"}, "cloudwatch"),
        ("/?X-Amz-Credential=1%2F20260222%2Fap-northeast-2%2Fs3%2Faws4_request", {}, "s3"),
        ("/", {"Host": "127.0.0.1:4566"}, "unknown"),
    ],
)
def test_the_service_is_the_one_signed_for_else_the_hosts(path, headers, service):
    assert operations.service_of(path, headers) == service


def test_what_no_model_knows_keeps_its_method_and_path(recorder):
    sent(recorder.url, "POST", "/_ministack/reset?now=1")
    assert recorder.operations() == ["unknown:POST /_ministack/reset"]
    assert recorder.mutating() == recorder.requests
