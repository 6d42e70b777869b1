# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many calls a second the emulator answers to a client that costs next to nothing: what nobody can go beyond.

A program of its own: `ceiling.py PORT SECONDS`. The 16 threads of one Python and the emulator share the cores.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

LOOPBACK = "127.0.0.1"
THREADS = 16
REQUEST_SECONDS = 10.0
# The cheapest read there is: the emulator looks at the service in the scope of the signature, and not at the signature.
BODY = "Action=GetCallerIdentity&Version=2011-06-15"
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/ap-northeast-2/sts/aws4_request, "
    "SignedHeaders=host, Signature=0",
}


def calls(port: int, until: float) -> int:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=REQUEST_SECONDS)
    done = 0
    try:
        while time.monotonic() < until:
            connection.request("POST", "/", BODY, HEADERS)
            reply = connection.getresponse()
            reply.read()
            if reply.status != 200:
                raise RuntimeError(f"the emulator answered {reply.status}")
            done += 1
    finally:
        connection.close()
    return done


def main(port: int, seconds: float) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        done = sum(threads.map(lambda _: calls(port, started + seconds), range(THREADS)))
    print(json.dumps({"calls_per_second": done / (time.monotonic() - started)}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
