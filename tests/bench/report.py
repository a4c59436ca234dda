"""The results as a Markdown table, as JSON, and as a picture.

A row is one measure: a list of values per server, one value per round. What is compared is
the ratio within each round; its median stands in the table. Nothing is asserted here.
"""
from __future__ import annotations

import dataclasses
import html
import json
import pathlib
import statistics

Values = dict[str, list[float]]
BAR, ROW, LEFT = 420, 16, 250
COLOURS = {"sidetrack": "#2563eb", "nginx": "#16a34a", "nginx-64k": "#86efac", "haproxy": "#dc2626",
           "haproxy-splice": "#fca5a5"}


@dataclasses.dataclass
class Goal:
    """Sidetrack's value is at most `limit`, or `limit` times the least of `against`."""
    limit: float
    against: tuple[str, ...] = ()

    def text(self, unit: str) -> str:
        if not self.against:
            return f"≤ {self.limit:g} {unit}"
        return f"≤ {self.limit:g} × {' or '.join(self.against)}"


@dataclasses.dataclass
class Row:
    name: str
    section: str
    label: str
    unit: str
    values: Values
    goals: list[Goal]
    subject: str = "sidetrack"

    def ratios(self, goal: Goal) -> list[float]:
        """One per round; a median alone for differences, which may be nothing."""
        ours = self.values.get(self.subject, [])
        if not goal.against:
            return [value / goal.limit for value in ours]
        others = [self.values[name] for name in goal.against if name in self.values]
        if not ours or not others:
            return []
        least = [min(values) for values in zip(*others)]
        if min(least) <= 0:
            ours, least = [median(ours)], [median(least)]
        return [our / other for our, other in zip(ours, least) if other > 0]


def median(values: list[float]) -> float:
    return statistics.median(values)


def figure(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


def spread(values: list[float]) -> str:
    if len(values) == 1:
        return figure(values[0])
    return f"{figure(median(values))} ({figure(min(values))} to {figure(max(values))})"


def goal_cells(row: Row, goal: Goal) -> list[str]:
    ratios = row.ratios(goal)
    if not ratios:
        return [goal.text(row.unit), "", ""]
    ratio = median(ratios)
    is_met = ratio <= (goal.limit if goal.against else 1)
    text = f"{ratio:.2f}"
    if len(ratios) > 1:
        text += f" ({min(ratios):.2f} to {max(ratios):.2f})"
    return [goal.text(row.unit), text, "yes" if is_met else "no"]


def table(rows: list[Row]) -> list[str]:
    servers = list(dict.fromkeys(name for row in rows for name in row.values))
    lines = ["| measure | unit | " + " | ".join(servers) + " | goal | ratio | met |",
             "|---" * (len(servers) + 5) + "|"]
    for row in rows:
        cells = [spread(row.values[name]) if name in row.values else "" for name in servers]
        for number, goal in enumerate(row.goals or [None]):
            front = [row.label, row.unit, *cells] if number == 0 else [""] * (2 + len(cells))
            lines.append("| " + " | ".join(front + (goal_cells(row, goal) if goal else [""] * 3)) + " |")
    return lines


def markdown(rows: list[Row], notes: list[str]) -> str:
    lines = []
    for section in dict.fromkeys(row.section for row in rows):
        lines += [f"## {section}", "", *table([row for row in rows if row.section == section]), ""]
    return "\n".join(lines + [f"- {note}" for note in notes]) + "\n"


def svg(rows: list[Row]) -> str:
    """One bar per server and measure, as long as its share of the row's greatest."""
    parts, y = [], 24
    for row in rows:
        greatest = max((median(values) for values in row.values.values()), default=0)
        if greatest <= 0:
            continue
        parts.append(f'<text x="8" y="{y}" font-weight="bold">{html.escape(row.label)}, '
                     f"{html.escape(row.unit)}</text>")
        for name, values in row.values.items():
            y += ROW
            width = max(0.0, median(values)) / greatest * BAR
            parts.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{html.escape(name)}</text>'
                         f'<rect x="{LEFT}" y="{y - 10}" width="{width:.1f}" height="12" '
                         f'fill="{COLOURS.get(name, "#64748b")}"/>'
                         f'<text x="{LEFT + width + 6:.1f}" y="{y}">{spread(values)}</text>')
        y += 2 * ROW
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + BAR + 200}" height="{y}" '
            'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
            + "\n".join(parts) + "</svg>\n")


def write(folder: pathlib.Path, rows: list[Row], notes: list[str]) -> str:
    """Writes report.md, report.json and report.svg; returns the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    text = markdown(rows, notes)
    (folder / "report.md").write_text(text, "utf-8")
    (folder / "report.svg").write_text(svg(rows), "utf-8")
    content = {"rows": [{**dataclasses.asdict(row), "ratios": [row.ratios(goal) for goal in row.goals]}
                        for row in rows], "notes": notes}
    (folder / "report.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return text
