"""Prometheus' text form, version 0.0.4, read strictly: what a scraper would let pass fails here."""
from __future__ import annotations

import dataclasses
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
HELP = re.compile(rf"# HELP ({NAME}) (\S.*)")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge|histogram)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (-?[0-9]+(?:\.[0-9]+)?)")
Labels = tuple[tuple[str, str], ...]


@dataclasses.dataclass
class Family:
    name: str
    type: str
    help: str
    samples: dict[tuple[str, Labels], float] = dataclasses.field(default_factory=dict)

    def value(self, suffix: str = "", **labels: str) -> float:
        return self.samples[suffix, tuple(labels.items())]

    def total(self, suffix: str = "", **labels: str) -> float:
        """Over all samples that have these labels."""
        return sum(value for (end, given), value in self.samples.items()
                   if end == suffix and set(labels.items()) <= set(given))


def parse(text: str) -> dict[str, Family]:
    assert text.endswith("\n") and "\r" not in text
    families: dict[str, Family] = {}
    lines = iter(text.splitlines())
    family = None
    for line in lines:
        if line.startswith("#"):
            said = HELP.fullmatch(line)
            assert said, f"a family begins with HELP: {line}"
            kind = TYPE.fullmatch(next(lines, ""))
            assert kind and kind[1] == said[1], f"TYPE follows HELP: {line}"
            assert said[1] not in families, f"a family stands in one place: {said[1]}"
            family = families[said[1]] = Family(said[1], kind[2], said[2])
        else:
            assert family, f"a sample belongs to a family: {line}"
            _add(family, line)
    for family in families.values():
        _check(family)
    return families


def _add(family: Family, line: str) -> None:
    sample = SAMPLE.fullmatch(line)
    assert sample, f"no sample: {line}"
    suffix = sample[1].removeprefix(family.name)
    allowed = ("_bucket", "_sum", "_count") if family.type == "histogram" else ("",)
    assert sample[1].startswith(family.name) and suffix in allowed, f"not of {family.name}: {line}"
    labels = _labels(sample[2], line)
    assert (suffix, labels) not in family.samples, f"twice: {line}"
    family.samples[suffix, labels] = float(sample[3])


def _labels(text: str | None, line: str) -> Labels:
    if text is None:
        return ()
    labels = LABEL.findall(text)
    assert ",".join(f'{name}="{value}"' for name, value in labels) == text, f"labels: {line}"
    assert len({name for name, _ in labels}) == len(labels), f"a label twice: {line}"
    return tuple(labels)


def _check(family: Family) -> None:
    assert family.samples, f"{family.name} has no sample"
    if family.type == "counter":
        assert family.name.endswith("_total"), family.name
        assert all(value >= 0 for value in family.samples.values()), family.name
    if family.type != "histogram":
        return
    series: dict[Labels, list[tuple[str, float]]] = {}
    for (suffix, labels), value in family.samples.items():
        if suffix == "_bucket":
            assert labels[-1][0] == "le", f"{family.name}: le stands last: {labels}"
            series.setdefault(labels[:-1], []).append((labels[-1][1], value))
    for labels, buckets in series.items():
        assert buckets[-1][0] == "+Inf", f"{family.name}{labels}: the last bucket is +Inf"
        bounds = [float(bound) for bound, _ in buckets]
        counts = [count for _, count in buckets]
        assert bounds == sorted(set(bounds)), f"{family.name}{labels}: {bounds}"
        assert counts == sorted(counts), f"{family.name}{labels}: {counts}"
        assert family.samples["_count", labels] == counts[-1], f"{family.name}{labels}"
        assert family.samples["_sum", labels] >= 0, f"{family.name}{labels}"
    assert len(family.samples) == sum(len(buckets) + 2 for buckets in series.values()), family.name
