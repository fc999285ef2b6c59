"""From a dropped model file to its network on view, and the memory of reading: ``python -m benchmarks.model_files``.

A file of 20 MB is dropped on the page that ``node tools/build.js`` builds; its network is on view when all cards stand
and the stage has the numbers of the last layer. Then a cell of ResNet-18 at 224×224 is pointed at. A file of just
under 64 MB is sent to a server whose memory, with that of the process that reads it, is watched.
"""

from __future__ import annotations

import base64
import http.client
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from .built_page import built_page
from .machine import median, print_times, row
from .network_page import POINT, ROUNDS, VIEW, link, opened
from .server import Server

ON_VIEW_MS, POINT_MS = 2000.0, 33.0
TURNS = 5
# Megabytes beside those of a server at rest: the body, the packed answer and what is kept, three times over.
MOST_MB = 6 * 64
CODE = """
import torch.nn as nn, torch.nn.functional as F
class Block(nn.Module):
    def __init__(self, before, after, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.shortcut = nn.Sequential()
        if stride != 1 or before != after:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(out)) + self.shortcut(x))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(Block(64, 64), Block(64, 64))
        self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128))
        self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256))
        self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512))
        self.fc = nn.Linear(512, 1000)
    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))
"""
FILE = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  window.dropped = new File([bytes], name);
}"""
DROP = """(last) => new Promise((resolve) => {
  const statuses = () => [...document.querySelectorAll("[role=status]")].map((one) => one.textContent ?? "");
  const before = new Set(statuses());
  const files = new DataTransfer();
  files.items.add(window.dropped);
  const begun = performance.now();
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
  let cards = 0;
  const look = () => {
    const shown = [...document.querySelectorAll(".net-words > b:first-child")].map((one) => one.textContent);
    if (!cards && shown.at(-1) === last) cards = performance.now() - begun;
    const answered = cards && statuses().some((one) => !before.has(one) && /: [\\d\u2212]/.test(one));
    if (answered || performance.now() - begun > 60000) resolve([cards, performance.now() - begun]);
    else requestAnimationFrame(look);
  };
  look();
})"""


def plain(widths: list[int], classes: int) -> bytes:
    """An .onnx file of convolutions that halve a picture of 3×224×224, and a layer that votes."""
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    nodes: list[Any] = []
    kept: list[Any] = []
    last, channels = "input", 3
    for place, width in enumerate(widths, start=1):
        weight = rng.normal(size=(width, channels, 3, 3)) * np.sqrt(2 / (9 * channels))
        kept.append(numpy_helper.from_array(weight.astype(np.float32), f"conv{place}.weight"))
        more: dict[str, Any] = {"pads": [1] * 4, "strides": [2, 2] if place <= 5 else [1, 1]}
        nodes.append(helper.make_node("Conv", [last, f"conv{place}.weight"], [f"c{place}"], **more))
        nodes.append(helper.make_node("Relu", [f"c{place}"], [f"r{place}"]))
        last, channels = f"r{place}", width
    nodes.append(helper.make_node("GlobalAveragePool", [last], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"]))
    weight = rng.normal(size=(classes, channels)) / np.sqrt(channels)
    kept.append(numpy_helper.from_array(weight.astype(np.float32), "fc.weight"))
    nodes.append(helper.make_node("Gemm", ["flat", "fc.weight"], ["votes"], transB=1))
    x = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 224, 224])
    y = helper.make_tensor_value_info("votes", TensorProto.FLOAT, [1, classes])
    graph = helper.make_graph(nodes, "plain", [x], [y], kept)
    made: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    return made


def on_view(server: Server, browser: Any) -> None:
    """How long a dropped file takes."""
    content = plain([32, 64, 128, 256, 512, 512], 2200)
    print(f"a file of {len(content) / 1e6:.1f} MB")
    cards, whole = [], []
    for _ in range(TURNS):
        opened(browser, server.url + link(1))
        browser.evaluate(FILE, ["model.onnx", base64.b64encode(content).decode()])
        first, last = browser.evaluate(DROP, "fc")
        cards.append(first)
        whole.append(last)
    for name, times in (("its cards", cards), ("with the numbers of the last layer", whole)):
        middle = median(times)
        print(row(f"  {name}", f"{middle:.0f} ms", f"≤ {ON_VIEW_MS:.0f} ms", middle <= ON_VIEW_MS))


def pointed(server: Server, browser: Any) -> None:
    """A cell of ResNet-18 under the pointer."""
    opened(browser, (server.url + link(1)).replace("size=64", "size=224"))
    browser.evaluate(FILE, ["resnet.py", base64.b64encode(CODE.encode()).decode()])
    browser.evaluate(DROP, "fc")
    times = browser.evaluate(POINT, ROUNDS)
    if not times:
        raise SystemExit("no cell of ResNet-18 was pointed at")
    print_times("pointing at a cell of ResNet-18 at 224×224", times, POINT_MS)


def resident_kb(root: int) -> int:
    """Resident memory of a process and of all that it started, in KB."""
    total = 0
    try:
        for line in Path(f"/proc/{root}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
        for child in Path(f"/proc/{root}/task/{root}/children").read_text().split():
            total += resident_kb(int(child))
    except OSError:
        return total
    return total


def memory(server: Server) -> None:
    """The memory that the largest file takes while it is read."""
    content = plain([64, 128, 256, 512, 1024, 1000], 400)
    print(f"a file of {len(content) / 1e6:.1f} MB")
    before = resident_kb(server.process.pid)
    most = [before]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            most[0] = max(most[0], resident_kb(server.process.pid))

    watching = threading.Thread(target=watch)
    watching.start()
    begun = time.perf_counter()
    connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
    connection.request("POST", "/api/v1/read", content, {"Content-Type": "application/x-onnx"})
    answer = connection.getresponse()
    status, length = answer.status, len(answer.read())
    took = time.perf_counter() - begun
    ended.set()
    watching.join()
    added = (most[0] - before) / 1024
    print(f"  answered {status} with {length} bytes after {took:.2f} s")
    print(
        row(
            "  memory beside that at rest, all processes",
            f"{added:.0f} MB",
            f"≤ {MOST_MB} MB",
            added <= MOST_MB,
        )
    )


def main() -> None:
    """All of it, as a table."""
    with built_page(VIEW) as (server, browser):
        memory(server)
        on_view(server, browser)
        pointed(server, browser)


if __name__ == "__main__":
    main()
