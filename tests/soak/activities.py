"""What a walker does, and how often: a table of weights and functions."""
from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

from .content import BLOCK, Content
from .load import AWAY, Activity, Refused, Unexpected, Walker
from .wire import Wrong

SEARCHES = ["light", "harder better", "daft", "blue", "keeper", "water", "tide", "paper"]
BODY_LIMIT = 31_457_280
TICKS_PER_SECOND = 10_000_000


async def _exact(walker: Walker, target: str, content: Content, **arguments: Any) -> None:
    wire, answer = await walker.ask("GET", f"{target}?{content.query()}", **arguments)
    await walker.compare(wire.body(answer), content, 0, content.size)
    walker.finish(answer)


async def small_answer(walker: Walker) -> None:
    await _exact(walker, walker.item_path("Items/{id}/Similar"), walker.content(1, 30_000))


async def image(walker: Walker) -> None:
    await _exact(walker, walker.item_path("Items/{id}/Images/Primary"), walker.content(10_000, 300_000))


async def unchanged_image(walker: Walker) -> None:
    content = walker.content(10_000, 300_000)
    target = walker.item_path("Items/{id}/Images/Primary") + f"?{content.query()}"
    await walker.fetch("GET", target, expect=(304,), If_None_Match=f'"{content.seed}-{content.size}"')


async def head_only(walker: Walker) -> None:
    content = walker.content(1, 1 << 30)
    wire, answer = await walker.ask("HEAD", walker.item_path("Audio/{id}/stream") + f"?{content.query()}")
    if answer.headers.get("content-length") != str(content.size):
        raise Wrong(f"HEAD of {content.size} bytes says {answer.headers}")
    await wire.whole(answer)
    walker.finish(answer)


async def answer_without_length(walker: Walker) -> None:
    await _exact(walker, walker.item_path("Videos/{id}/stream"), walker.content(0, 3_000_000, chunked=True))


async def part_of_a_stream(walker: Walker) -> None:
    content = walker.content(1_000_000, 500_000_000)
    first = walker.random.randrange(content.size)
    last = min(content.size, first + walker.random.randint(1, 4_000_000)) - 1
    wire, answer = await walker.ask("GET", walker.item_path("Videos/{id}/stream.mkv") + f"?{content.query()}",
                                    expect=(206,), Range=f"bytes={first}-{last}")
    if answer.headers.get("content-range") != f"bytes {first}-{last}/{content.size}":
        raise Wrong(f"content-range {answer.headers.get('content-range')}")
    await walker.compare(wire.body(answer), content, first, last + 1 - first)
    walker.finish(answer)


async def _begin_stream(walker: Walker, *, stop_after: int, pause_s: float = 0) -> None:
    content = walker.content(20_000_000, 200_000_000, chunked=walker.random.random() < 0.3)
    wire, answer = await walker.ask("GET", walker.item_path("Audio/{id}/stream") + f"?{content.query()}")
    await walker.compare(wire.body(answer), content, 0, content.size, stop_after=stop_after,
                         pause_s=pause_s)


async def stream_that_is_left(walker: Walker) -> None:
    await _begin_stream(walker, stop_after=walker.random.randint(1, 4_000_000))
    walker.drop(by_reset=walker.random.random() < 0.5)


async def slow_reader(walker: Walker) -> None:
    await _begin_stream(walker, stop_after=2_000_000, pause_s=0.05 + walker.random.random() / 10)
    walker.drop()


async def stalled_reader(walker: Walker) -> None:
    content = walker.content(8_000_000, 12_000_000, chunked=walker.random.random() < 0.3)
    wire, answer = await walker.ask("GET", walker.item_path("Audio/{id}/stream") + f"?{content.query()}")
    await asyncio.sleep(5 + 10 * walker.random.random())
    await walker.compare(wire.body(answer), content, 0, content.size)
    walker.finish(answer)


async def request_that_is_left(walker: Walker) -> None:
    """Half a head, or a whole one whose answer nobody waits for."""
    wire = await walker.wire()
    content = walker.content(1, 1_000_000)
    head = f"GET {walker.item_path('Items/{id}/Similar')}?{content.query()} HTTP/1.1\r\n".encode()
    head += walker.headers({})
    await wire.send(head[:walker.random.choice((len(head), walker.random.randrange(1, len(head))))])
    walker.drop(by_reset=walker.random.random() < 0.5)


async def two_at_once(walker: Walker) -> None:
    """Pipelined: the second request is there before the first is answered."""
    wire = await walker.wire()
    contents = [walker.content(1, 100_000), walker.content(1, 100_000)]
    await wire.send(b"".join(
        f"GET {walker.item_path('Items/{id}/Similar')}?{content.query()} HTTP/1.1\r\n".encode()
        + walker.headers({}) for content in contents))
    for content in contents:
        answer = await wire.answer()
        if answer.status in AWAY:
            raise Refused(f"pipelined: {answer.status}")
        if answer.status != 200:
            raise Unexpected(f"pipelined: {answer.status}")
        await walker.compare(wire.body(answer), content, 0, content.size)
    walker.finish(answer)


async def upload(walker: Walker) -> None:
    content = walker.content(0, walker.random.choice((2_000, 100_000, 3_000_000)))
    data = content.bytes()
    target = walker.item_path("Items/{id}/Images/Primary") + f"?{content.query()}"
    how = walker.random.choice(("length", "chunked", "expect"))
    more = {"chunked": {"Transfer-Encoding": "chunked"},
            "expect": {"Content-Length": str(len(data)), "Expect": "100-continue"},
            "length": {"Content-Length": str(len(data))}}[how]
    wire = await walker.wire()
    await wire.send(f"POST {target} HTTP/1.1\r\n".encode() + walker.headers(more))
    step = walker.random.randint(100, BLOCK) if len(data) < 200_000 else BLOCK
    for at in range(0, len(data), step):
        piece = data[at:at + step]
        await wire.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if how == "chunked" else piece)
    if how == "chunked":
        await wire.send(b"0\r\n\r\n")
    answer = await wire.answer("POST")
    text = await wire.whole(answer)
    walker.finish(answer)
    if answer.status in AWAY:
        raise Refused(f"upload: {answer.status}")
    if answer.status != 200:
        raise Unexpected(f"upload of {len(data)} bytes ({how}): {answer.status}")
    if json.loads(text) != {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}:
        raise Wrong(f"an upload of {len(data)} bytes ({how}) arrived as {text!r}")


async def upload_that_is_left(walker: Walker) -> None:
    wire = await walker.wire()
    size = walker.random.randint(2, 2_000_000)
    target = walker.item_path("Items/{id}/Images/Primary")
    await wire.send(f"POST {target}?{Content(1, size).query()} HTTP/1.1\r\n".encode()
                    + walker.headers({"Content-Length": str(size)}), bytes(walker.random.randrange(size)))
    walker.drop(by_reset=walker.random.random() < 0.5)


async def upload_too_large(walker: Walker) -> None:
    wire = await walker.wire()
    await wire.send(b"POST /Items/1/Images/Primary HTTP/1.1\r\n"
                    + walker.headers({"Content-Length": str(BODY_LIMIT + 1)}))
    answer = await wire.answer("POST")
    if answer.status != 413:
        raise Unexpected(f"an upload beyond the limit is answered {answer.status}")
    walker.drop()


async def search(walker: Walker) -> None:
    term = walker.random.choice(SEARCHES).replace(" ", "%20")
    found = await walker.fetch_json(
        "GET", f"/Users/{walker.user_id}/Items?SearchTerm={term}&IncludeItemTypes=Audio&Recursive=true&Limit=30")
    if not isinstance(found.get("Items"), list) or len(found["Items"]) > 30:
        raise Wrong(f"a search for {term} is answered {str(found)[:100]}")


async def own_page(walker: Walker) -> None:
    await walker.fetch("GET", "/sidetrack/health/live")


async def play(walker: Walker) -> None:
    """A song from PlaybackInfo to Stopped, its bytes in two parts, local or external."""
    song_id, truth = walker.random.choice(sorted(walker.stage.truths["songs"].items()))
    info = await walker.fetch_json("GET", f"/Items/{song_id}/PlaybackInfo?userId={walker.user_id}")
    report = {"ItemId": song_id, "PlaySessionId": info["PlaySessionId"], "PositionTicks": 0,
              "CanSeek": True, "IsPaused": False, "PlayMethod": "DirectPlay"}
    await walker.fetch("POST", "/Sessions/Playing", body=json.dumps(report).encode(), expect=(204,),
                       Content_Type="application/json")
    middle = walker.random.randrange(1, truth["size"])
    digest = hashlib.sha256()
    for span in (f"bytes=0-{middle - 1}", f"bytes={middle}-"):
        part = await walker.fetch("GET", f"/Items/{song_id}/File?ApiKey={walker.token}", expect=(206,),
                                  Range=span)
        digest.update(part)
        walker.stage.tally.bytes_checked += len(part)
        report["PositionTicks"] += TICKS_PER_SECOND
        await walker.fetch("POST", "/Sessions/Playing/Progress", body=json.dumps(report).encode(),
                           expect=(204,), Content_Type="application/json")
    if digest.hexdigest() != truth["sha256"]:
        raise Wrong(f"the song {song_id} has other bytes")
    await walker.fetch("POST", "/Sessions/Playing/Stopped", body=json.dumps(report).encode(),
                       expect=(204,), Content_Type="application/json")


ACTIVITIES: list[tuple[int, Activity]] = [
    (30, small_answer), (20, image), (4, unchanged_image), (3, head_only), (6, answer_without_length),
    (12, part_of_a_stream), (8, stream_that_is_left), (3, slow_reader), (1, stalled_reader),
    (3, request_that_is_left), (3, two_at_once), (6, upload), (3, upload_that_is_left),
    (1, upload_too_large), (6, search), (1, own_page), (3, play),
]
