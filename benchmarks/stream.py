"""How fast steps travel, and what that costs others: ``python -m benchmarks.stream``."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import re
import socket
import time
from multiprocessing.synchronize import Event
from typing import Any

from . import chromium as browsers
from .machine import (
    describe,
    median,
    quantile,
    row,
)
from .server import Server
from .sockets import BINARY, PlainSocket, start

SIZE = 1024
STEPS = (SIZE - 2) ** 2

# Runs in the page: the page's own protocol module, credits granted as frames are used.
IN_CHROMIUM = """
async ([entry, message, rounds]) => {
  const { decodeFrame } = await import(new URL("protocol.js", entry).href);
  const rates = [];
  let touched = 0;
  for (let round = 0; round < rounds; round += 1) {
    const socket = new WebSocket(location.origin.replace("http", "ws") + "/api/v1/stream", "convscope.v1");
    socket.binaryType = "arraybuffer";
    await new Promise((resolve) => { socket.onopen = resolve; });
    const begun = performance.now();
    let steps = 0;
    await new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        if (typeof data === "string") {
          const type = JSON.parse(data).type;
          if (type === "end") resolve();
          if (type === "error") reject(new Error(data));
          return;
        }
        const frame = decodeFrame(data);
        steps += frame.count;
        touched += frame.value(0)[frame.count - 1] + frame.window(26)[0];
        socket.send(JSON.stringify({ type: "credit", job: round, n: 1 }));
      };
      socket.send(JSON.stringify({ ...message, job: round, credits: 8 }));
    });
    rates.push(steps / ((performance.now() - begun) / 1000));
    socket.close();
  }
  return [rates, touched];
}
"""


def drain(client: PlainSocket, job: int, size: int = SIZE) -> tuple[float, float]:
    """Run one job to its end: steps a second, and milliseconds until the first frame."""
    begun = time.perf_counter()
    first = 0.0
    steps = 0
    client.send(start(job, size))
    while True:
        kind, data = client.receive()
        if kind == BINARY:
            first = first or time.perf_counter() - begun
            steps += int.from_bytes(data[20:24], "little")
        else:
            message = json.loads(bytes(data))
            if message["type"] == "end":
                return steps / (time.perf_counter() - begun), first * 1000
            if message["type"] == "error":
                raise RuntimeError(message)


def plain_client(server: Server, rounds: int = 12) -> tuple[list[float], list[float]]:
    """Rates and first-frame delays of a plain client."""
    client = PlainSocket(server.host, server.port)
    drain(client, 0)  # draws and keeps the noise
    rates = [drain(client, job)[0] for job in range(1, rounds + 1)]
    drain(client, rounds + 1, 512)
    firsts = [drain(client, rounds + 2 + job, 512)[1] for job in range(30)]
    client.close()
    return rates, firsts


def _keep_reading(host: str, port: int, stop: Event) -> None:
    client = PlainSocket(host, port)
    job = 0
    while not stop.is_set():
        drain(client, job)
        job += 1


def others_meanwhile(server: Server, seconds: float = 6) -> list[float]:
    """Milliseconds of small requests while another process reads a stream as fast as it comes."""
    stop = multiprocessing.Event()
    reader = multiprocessing.Process(target=_keep_reading, args=(server.host, server.port, stop))
    reader.start()
    time.sleep(0.5)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    took = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        begun = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.005)
    stop.set()
    reader.join()
    return took


def stopped_reader(server: Server) -> float:
    """MiB that the server grows by for a client with endless credits that never reads."""
    warm = PlainSocket(server.host, server.port)
    drain(warm, 0)
    warm.close()
    time.sleep(0.3)
    before = server.resident_kib()
    client = PlainSocket(server.host, server.port)
    client.send(start(1, SIZE))
    time.sleep(3)
    grown = server.resident_kib() - before
    client.close()
    return grown / 1024


def run_against_ping(server: Server, rounds: int = 1500) -> tuple[list[float], list[float]]:
    """Milliseconds of a small JSON run and of the bare ping, in turn on one connection."""
    values = [[[(c * 36 + r * 6 + k) % 11 for k in range(6)] for r in range(6)] for c in range(3)]
    layer = {"operation": "convolution", "kernel": 3, "stride": 2, "padding": 1, "filters": 2}
    body = json.dumps({"layers": [layer], "source": {"kind": "values", "values": values}}).encode()
    host = f"{server.host}:{server.port}"
    ping = f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    run = (
        f"POST /api/v1/run HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    connection = socket.create_connection((server.host, server.port), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(request: bytes) -> float:
        """One request in one packet, its answer read to the end."""
        begun = time.perf_counter()
        connection.sendall(request)
        data = connection.recv(65536)
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, rest = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), data
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(rest) < length:
            rest += connection.recv(65536)
        return (time.perf_counter() - begun) * 1000

    runs, pings = [], []
    for _ in range(rounds):
        pings.append(ask(ping))
        runs.append(ask(run))
    return runs[100:], pings[100:]


def chromium(server: Server, rounds: int = 5) -> list[float] | None:
    """Steps a second into Chromium with credits, or None where there is no Chromium."""
    executable = browsers.find()
    if executable is None:
        return None
    entry = re.search(r'src="(/static/\w+/js/main\.js)"', server.ask("GET", "/").decode())
    assert entry is not None
    message: dict[str, Any] = start(0, SIZE)
    with browsers.Chromium(executable) as browser:
        # A page without scripts of its own: the stream is measured, not the instrument beside it.
        browser.open(f"{server.url}/api")
        rates, _ = browser.evaluate(IN_CHROMIUM, [server.url + entry[1], message, rounds + 1])
    return list(rates[1:])


def main() -> None:
    """Measure, and print one table."""
    server = Server()
    try:
        rates, firsts = plain_client(server)
        waits = others_meanwhile(server)
        grown = stopped_reader(server)
        runs, pings = run_against_ping(server)
        browser = chromium(server)
    finally:
        server.stop()
    ratio = median(runs) / median(pings)
    print(describe())
    print(f"3×3×3 windows of {SIZE}×{SIZE}, one lane, {STEPS:,} steps a job, loopback\n")
    print(
        row(
            "plain client, steps a second, median",
            f"{median(rates):,.0f}",
            "≥ 4,000,000",
            median(rates) >= 4e6,
        )
    )
    if browser is None:
        print("Chromium is not installed: its row is left out")
    else:
        fast = median(browser)
        print(
            row("Chromium with credits, steps a second, median", f"{fast:,.0f}", "≥ 1,000,000", fast >= 1e6)
        )
    first = median(firsts)
    print(row("first frame of a 512×512 job, median", f"{first:.2f} ms", "≤ 5 ms", first <= 5))
    p99 = quantile(waits, 0.99)
    print(row("another request meanwhile, p99", f"{p99:.1f} ms", "< 20 ms", p99 < 20))
    print(row("growth for a reader that stops", f"{grown:.1f} MiB", "≤ 5 MB", grown <= 4.8))
    name = f"small JSON run against the ping ({median(runs):.2f} / {median(pings):.2f} ms)"
    print(row(name, f"{ratio:.2f}×", "≤ 1.5×", ratio <= 1.5))


if __name__ == "__main__":
    main()
