# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bytes arrive whole and in order on a connection that is kept, and a side that hangs up takes the other with it."""

from __future__ import annotations

import http.client
import http.server
import socket
import threading
import time
from urllib.request import urlopen

import pytest

from bench import commands


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def upstream():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(params=["0", "5"], ids=["without latency", "with latency"])
def port(request, upstream, tmp_path):
    words = ["-I", "-S", str(commands.HERE / "delay.py"), str(upstream), request.param]
    with commands.program(words, commands.environment(tmp_path, {})) as proxy:
        yield int(proxy.stdout.readline())


def test_each_exchange_waits_and_not_each_connection(upstream, tmp_path):
    words = ["-I", "-S", str(commands.HERE / "delay.py"), str(upstream), "50"]
    with commands.program(words, commands.environment(tmp_path, {})) as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", int(proxy.stdout.readline()), timeout=20)
        started = time.monotonic()
        for _exchange in range(4):
            connection.request("POST", "/", "x")
            connection.getresponse().read()
        # However slow the machine is, it can take longer and never less.
        assert time.monotonic() - started > 0.19
        connection.close()


@pytest.mark.parametrize("size", [1, 5000, 3_000_000])
def test_requests_pass_one_after_the_other_on_one_connection(port, size):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for number in range(5):
        body = bytes([number]) * size
        connection.request("POST", "/", body)
        assert connection.getresponse().read() == body
    connection.close()


def test_many_connections_do_not_meet(port):
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for dummy in range(30)]
    for number, connection in enumerate(connections):
        connection.request("POST", "/", str(number))
    assert [int(connection.getresponse().read()) for connection in connections] == list(range(30))
    for connection in connections:
        connection.close()


def test_nothing_listens_upstream_and_the_client_gets_an_error(tmp_path):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        words = ["-I", "-S", str(commands.HERE / "delay.py"), str(reserved.getsockname()[1]), "0"]
        with commands.program(words, commands.environment(tmp_path, {})) as proxy:
            port = int(proxy.stdout.readline())
            with pytest.raises(OSError):
                urlopen(f"http://127.0.0.1:{port}/", timeout=20)
