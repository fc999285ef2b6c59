"""Counts as Prometheus text for /metrics, one sum over all workers. Knows no route and no socket."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess
from prometheus_client.exposition import choose_encoder

from ... import __version__
from ...core.errors import Problem

T = TypeVar("T")

# Where workers keep their counts, one file each, so that any of them can tell the sum. Read by
# prometheus_client when it is imported; `serve --workers` sets it before it starts them.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_LIVE_FILE = re.compile(r"gauge_live\w*_(\d+)\.db\Z")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Every count of one server. Label values come from closed sets: routes, outcomes, codes of problems."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.shared = os.environ.get(SHARED)
        self.requests = Counter(
            "convscope_requests",
            "HTTP requests answered; status gone: the client left before the answer.",
            ("route", "method", "status"),
            registry=registry,
        )
        self.request_seconds = Histogram(
            "convscope_request_seconds",
            "From the request's head to the answer's last byte.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.refusals = Counter(
            "convscope_refusals",
            "Problems told to a client, by the code that the problem carries.",
            ("code",),
            registry=registry,
        )
        self.sockets = self._gauge("convscope_sockets", "Open sockets.")
        self.jobs = Counter(
            "convscope_jobs",
            "Jobs of the stream by how they went on: done, superseded, cancelled, refused, failed, lost with "
            "their connection, moved to another server.",
            ("transport", "outcome"),
            registry=registry,
        )
        self.jobs_running = self._gauge("convscope_jobs_running", "Jobs begun and not ended.")
        self.frames = Counter("convscope_frames", "Frames sent.", ("transport",), registry=registry)
        self.frame_bytes = Counter(
            "convscope_frame_bytes", "Bytes of frames sent.", ("transport",), registry=registry
        )
        self.first_frame_seconds = Histogram(
            "convscope_first_frame_seconds",
            "From a job's start message to its first frame, time without credits included.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.queue = self._gauge("convscope_queue", "Pieces of work that wait for a thread.", "pool")
        self.busy = self._gauge("convscope_busy_threads", "Threads that work now.", "pool")
        self.compute_seconds = Counter(
            "convscope_compute_seconds",
            "Seconds of computing, by pool: inline on the event loop, computing, training, loading, reading; "
            "decoding is the time that a thread waits for the process that decodes.",
            ("pool",),
            registry=registry,
        )
        self.store_seconds = Histogram(
            "convscope_store_seconds",
            "Time of one access to the upload store.",
            ("access",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.store_failures = Counter(
            "convscope_store_failures",
            "Accesses to the upload store that failed because it could not be reached or was full.",
            ("access",),
            registry=registry,
        )
        self.draining = self._gauge(
            "convscope_draining", "Workers that were told to stop and finish their jobs."
        )
        info = self._gauge(
            "convscope_info", "The version that runs; the value counts its workers.", "version"
        )
        info.labels(__version__).set(1)
        if self.shared is None:
            prometheus_client.ProcessCollector(registry=registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(name, words, labels, registry=self.registry, multiprocess_mode="livesum")

    @contextmanager
    def store_access(self, access: str) -> Iterator[None]:
        """Time an access to the upload store, and count it when the store fails."""
        begun = time.perf_counter()
        try:
            yield
        except Problem as problem:
            if problem.status >= 500:
                self.store_failures.labels(access).inc()
            raise
        finally:
            self.store_seconds.labels(access).observe(time.perf_counter() - begun)

    def sent(self, transport: str, size: int) -> None:
        """A frame went out."""
        self.frames.labels(transport).inc()
        self.frame_bytes.labels(transport).inc(size)

    def text(self, accept: str) -> tuple[bytes, str]:
        """All counts of all workers in the form that ``accept`` asks for, and that form's media type."""
        registry = self.registry
        if self.shared is not None:
            _forget_the_dead(Path(self.shared))
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode: Callable[[CollectorRegistry], bytes]
        encode, kind = choose_encoder(accept)
        return encode(registry), kind


def _forget_the_dead(folder: Path) -> None:
    """Drop the gauges of workers that were killed; what they counted up stays counted."""
    for name in os.listdir(folder):
        found = _LIVE_FILE.match(name)
        if found and not _lives(int(found[1])):
            multiprocess.mark_process_dead(int(found[1]), str(folder))  # type: ignore[no-untyped-call]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
