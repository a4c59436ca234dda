"""Looking at a process from outside while the soak runs, and what is to be thought of it."""
from __future__ import annotations

import contextlib
import html
import os
import pathlib
import re
import statistics
import time
from typing import NamedTuple

RSS_GROWTH = 0.05
WARM_UP_S = 150  # RSS is judged when the first half is longer
FD_SLACK = 4  # kept connections of our own calls
WIDTH, HEIGHT, MARGIN = 900, 180, 60


class Sample(NamedTuple):
    at_s: float
    rss_mb: float
    fds: int
    sockets: int
    pipes: int
    threads: int

    @property
    def unpooled(self) -> int:
        """Pipes are kept for the next long body, so they do not go with the load."""
        return self.fds - self.pipes


def look(pid: int, started: float) -> Sample | None:
    """None when the process is gone."""
    process = pathlib.Path(f"/proc/{pid}")
    try:
        status = (process / "status").read_text()
        targets = []
        for entry in (process / "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                targets.append(os.readlink(entry))
    except OSError:
        return None
    rss = re.search(r"VmRSS:\s+(\d+)", status)
    threads = re.search(r"Threads:\s+(\d+)", status)
    if rss is None or threads is None:
        return None
    return Sample(time.monotonic() - started, int(rss[1]) / 1024, len(targets),
                  sum(target.startswith("socket:") for target in targets),
                  sum(target.startswith("pipe:") for target in targets), int(threads[1]))


def part(samples: list[Sample], begin: float, end: float) -> list[Sample]:
    """Those between two shares of the whole time."""
    length = samples[-1].at_s if samples else 0
    return [sample for sample in samples if begin * length <= sample.at_s <= end * length]


class Growth(NamedTuple):
    """RSS: the median of the last quarter of the load against that of its second quarter."""
    early_mb: float
    late_mb: float

    @property
    def share(self) -> float:
        return self.late_mb / self.early_mb - 1

    @property
    def is_flat(self) -> bool:
        return self.share <= RSS_GROWTH


def growth(samples: list[Sample]) -> Growth:
    return Growth(*(statistics.median(sample.rss_mb for sample in part(samples, *span))
                    for span in ((0.25, 0.5), (0.75, 1.0))))


def sentence(sample: Sample) -> str:
    return (f"{sample.rss_mb:.1f} MB, {sample.fds} fds ({sample.sockets} sockets, {sample.pipes} pipes), "
            f"{sample.threads} threads")


def lost_descriptors(base: Sample, samples: list[Sample], quiet: Sample) -> list[str]:
    """Everything but pipes is back at the base; of pipes there are no more than under load."""
    findings = []
    if quiet.unpooled > base.unpooled + FD_SLACK:
        findings.append(f"{quiet.unpooled} descriptors that are no pipes are open {quiet.at_s:.0f} s after "
                        f"the load; {base.unpooled} were before it")
    most = max(sample.pipes for sample in part(samples, 0, 0.5))
    if quiet.pipes > most:
        findings.append(f"{quiet.pipes} pipe ends are open after the load; {most} were in its first half")
    return findings


def table(samples: list[Sample]) -> list[str]:
    """The course in tenths."""
    lines = ["| s | RSS MB | fds | sockets | pipes | threads |", "|---" * 6 + "|"]
    for number in range(10):
        span = part(samples, number / 10, (number + 1) / 10)
        if span:
            cells = [f"{span[0].at_s:.0f}", f"{statistics.median(one.rss_mb for one in span):.1f}"]
            cells += [f"{statistics.median(getattr(one, name) for one in span):.0f}"
                      for name in ("fds", "sockets", "pipes", "threads")]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def svg(samples: list[Sample]) -> str:
    """RSS and descriptors over time, one below the other."""
    parts = []
    last = max(samples[-1].at_s, 1)
    for number, (name, label) in enumerate((("rss_mb", "RSS, MB"), ("fds", "file descriptors"))):
        values = [getattr(sample, name) for sample in samples]
        top = max(values) * 1.1 or 1
        base = (number + 1) * (HEIGHT + MARGIN) - 20
        points = " ".join(f"{MARGIN + sample.at_s / last * WIDTH:.1f},{base - value / top * HEIGHT:.1f}"
                          for sample, value in zip(samples, values))
        parts.append(f'<text x="{MARGIN}" y="{base - HEIGHT - 8}" font-weight="bold">{html.escape(label)}'
                     f'</text><path d="M{MARGIN},{base - HEIGHT} V{base} H{MARGIN + WIDTH}" fill="none" '
                     'stroke="#999"/>'
                     f'<text x="{MARGIN - 6}" y="{base}" text-anchor="end">0</text>'
                     f'<text x="{MARGIN - 6}" y="{base - HEIGHT + 8}" text-anchor="end">{top:.0f}</text>'
                     f'<text x="{MARGIN + WIDTH}" y="{base + 14}" text-anchor="end">{last:.0f} s</text>'
                     f'<polyline points="{points}" fill="none" stroke="#2563eb" stroke-width="1.5"/>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 2 * MARGIN}" '
            f'height="{2 * (HEIGHT + MARGIN) + 20}" font-family="sans-serif" font-size="12">'
            '<rect width="100%" height="100%" fill="white"/>' + "\n".join(parts) + "</svg>\n")
