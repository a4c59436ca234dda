"""Every way in which Jellyfin speaks, asked directly and through Sidetrack: the same bytes.

test_operations.py walks over the routes; here are the manners: conditions, ranges, chunks,
endless streams, redirects, other origins, sockets beside requests.
"""
from __future__ import annotations

import dataclasses
import itertools
import re
from typing import Iterator
from urllib.parse import urlsplit

import pytest

from tests.standins.jellyfin.video_api import FILM, LIVE_PACKETS, PACKET, bytes_of
from tests.support.client import Client, FinampLike, WebLike, is_external
from tests.support.connection import Connection
from tests.support.http import send
from tests.support.processes import Sidetrack, StandIn
from tests.support.raw_upstream import RawUpstream, Talk, saying
from tests.support.tls_front import Authority, TlsFront
from tests.support.waiting import wait_for

from .conftest import World

HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding"}
CHANGING = {b"date"}
HOST = "media.example:8097"
SINCE = "Mon, 05 Jan 2026 10:00:00 GMT"  # the songs' and pictures' Last-Modified
WEB_SINCE = "Sat, 10 Jan 2026 12:00:00 GMT"
OTHER_ORIGIN = "Origin: https://elsewhere.example"


@dataclasses.dataclass(frozen=True)
class Way:
    """A request, and the status by which one sees that it is asked as it was meant."""

    status: int
    target: str
    headers: tuple[str, ...] = ()
    method: str = "GET"
    body: str = ""
    version: str = "1.1"


def way(status: int, target: str, *headers: str, **more: str) -> Way:
    return Way(status, target, headers, **more)


def head(status: int, target: str, *headers: str) -> Way:
    return Way(status, target, headers, "HEAD")


STATIC = "/Audio/{song}/stream?static=true"
DOWNLOAD = "/Items/{song}/Download"
BUNDLE = "/web/main.bundle.js"
IMAGE = "/Items/{album}/Images/Primary?fillWidth=60&tag=any"
HLS = "DeviceId=d&MediaSourceId={film}&ApiKey={token}"

WAYS = {
    # The web client
    "the root": way(302, "/"),
    "the folder without its slash": way(301, "/web"),
    "the folder": way(200, "/web/"),
    "the page": way(200, "/web/index.html"),
    "a script": way(200, BUNDLE),
    "a script, compressed": way(200, BUNDLE, "Accept-Encoding: gzip, deflate, br"),
    "a script not modified by tag": way(304, BUNDLE, 'If-None-Match: "{tag}"'),
    "a script not modified by date": way(304, BUNDLE, f"If-Modified-Since: {WEB_SINCE}"),
    "a script modified by tag": way(200, BUNDLE, 'If-None-Match: "other"', f"If-Modified-Since: {WEB_SINCE}"),
    "a script of another tag": way(412, BUNDLE, 'If-Match: "other"'),
    "a part of a script": way(206, BUNDLE, "Range: bytes=10-99"),
    "a part past a script": way(416, BUNDLE, "Range: bytes=99999999-"),
    "the head of a script": head(200, BUNDLE),
    "a picture of the web client": way(200, "/web/assets/touchicon.png"),
    "a style": way(200, "/web/themes/dark.css"),
    "no such file": way(404, "/web/nothing.js"),

    # Files
    "a song": way(200, STATIC),
    "the beginning": way(206, STATIC, "Range: bytes=0-99"),
    "from somewhere on": way(206, STATIC, "Range: bytes=1000-"),
    "the end": way(206, STATIC, "Range: bytes=-50"),
    "everything as a range": way(206, STATIC, "Range: bytes=0-"),
    "several ranges": way(200, STATIC, "Range: bytes=0-1,4-5"),
    "past the end": way(416, STATIC, "Range: bytes=999999999-"),
    "a range that makes no sense": way(200, STATIC, "Range: bytes=9-1"),
    "a range of another unit": way(200, STATIC, "Range: items=0-1"),
    "a range if it is the same": way(206, STATIC, "Range: bytes=0-9", f"If-Range: {SINCE}"),
    "a range if it is another": way(200, STATIC, "Range: bytes=0-9", "If-Range: Mon, 01 Jan 1990 00:00:00 GMT"),
    "the head of a song": head(200, STATIC),
    "the head of a range": head(206, STATIC, "Range: bytes=0-99"),
    "the head past the end": head(416, STATIC, "Range: bytes=999999999-"),
    "the head of universal": head(200, "/Audio/{song}/universal?Container=wav&ApiKey={token}"),
    "universal": way(200, "/Audio/{song}/universal?Container=wav&ApiKey={token}"),
    "a download": way(200, DOWNLOAD, "Authorization: {authorization}"),
    "a part of a download": way(206, DOWNLOAD, "Authorization: {authorization}", "Range: bytes=5-9"),
    "a file": way(200, "/Items/{song}/File?ApiKey={token}"),
    "a download without a token": way(401, DOWNLOAD),
    "an id that is none": way(400, "/Audio/ext-song/universal", "Authorization: {authorization}"),
    "an id of nothing": way(404, "/Items/00000000000000000000000000000001", "Authorization: {authorization}"),

    # Transcodes
    "a transcode": way(200, "/Audio/{song}/stream.mp3?audioCodec=mp3"),
    "a transcode in HTTP/1.0": way(200, "/Videos/{film}/stream.mp4", version="1.0"),
    "a film's transcode": way(200, "/Videos/{film}/stream.mp4"),
    "a range of a transcode": way(200, "/Videos/{film}/stream.mp4", "Range: bytes=0-9"),
    "a film": way(200, "/Videos/{film}/stream.mp4?static=true"),
    "the middle of a film": way(206, "/Videos/{film}/stream.mp4?static=true", "Range: bytes=1000000-1999999"),
    "HLS, master": way(200, "/Videos/{film}/master.m3u8?" + HLS),
    "HLS, main": way(200, "/Videos/{film}/main.m3u8?" + HLS),
    "HLS, segment": way(200, "/Videos/{film}/hls1/main/3.ts?" + HLS),
    "HLS, part of a segment": way(206, "/Videos/{film}/hls1/main/3.ts?" + HLS, "Range: bytes=188-375"),
    "HLS, no such segment": way(404, "/Videos/{film}/hls1/main/99.ts?" + HLS),
    "HLS without a token": way(401, "/Videos/{film}/master.m3u8"),
    "HLS of a song": way(200, "/Audio/{song}/main.m3u8?ApiKey={token}"),
    "subtitles": way(200, "/Videos/{film}/{film}/Subtitles/0/0/Stream.vtt"),
    "subtitles of another kind": way(200, "/Videos/{film}/{film}/Subtitles/0/Stream.srt"),
    "trickplay, list": way(200, "/Videos/{film}/Trickplay/320/tiles.m3u8?ApiKey={token}"),
    "trickplay, tiles": way(200, "/Videos/{film}/Trickplay/320/0.jpg?ApiKey={token}"),

    # Pictures
    "a picture": way(200, IMAGE),
    "the head of a picture": head(200, IMAGE),
    "a picture not modified by tag": way(304, IMAGE, 'If-None-Match: "any"'),
    "a picture not modified by date": way(304, IMAGE, f"If-Modified-Since: {SINCE}"),
    "a picture modified": way(200, IMAGE, 'If-None-Match: "other"'),
    "a picture by number": way(200, "/Items/{album}/Images/Primary/0?fillHeight=40"),
    "no picture": way(404, "/Items/{album}/Images/Logo"),

    # JSON
    "JSON": way(200, "/Users/Me", "Authorization: {authorization}"),
    "JSON, compressed": way(200, "/System/Info", "Authorization: {authorization}", "Accept-Encoding: gzip"),
    "JSON in camel case": way(200, "/Users/Me", "Authorization: {authorization}",
                              'Accept: application/json; profile="CamelCase"'),
    "the head of JSON": head(405, "/Items", "Authorization: {authorization}"),
    "JSON, slash behind": way(200, "/Users/Me/", "Authorization: {authorization}"),
    "JSON, case ignored": way(200, "/uSERS/mE", "Authorization: {authorization}"),
    "a list of local things": way(200, "/Items?ids={song},{album}", "Authorization: {authorization}"),
    "no content": way(204, "/Sessions/Capabilities?playableMediaTypes=Audio", "Authorization: {authorization}",
                      method="POST"),
    "a body that is none": way(400, "/Sessions/Capabilities/Full", "Authorization: {authorization}",
                               "Content-Type: application/json", method="POST", body="{{nonsense"),
    "a body of another kind": way(415, "/Sessions/Playing", "Authorization: {authorization}",
                                  "Content-Type: text/plain", method="POST", body="text"),
    "a bad password": way(401, "/Users/AuthenticateByName", "Content-Type: application/json",
                          'Authorization: MediaBrowser Client="c", Device="d", DeviceId="b", Version="1"',
                          method="POST", body='{{"Username": "alice", "Pw": "wrong"}}'),
    "no such route": way(404, "/No/Such/Route"),
    "a method that is not allowed": way(405, "/System/Info", method="DELETE"),

    # Other origins
    "a preflight": way(204, "/Sessions/Playing", OTHER_ORIGIN, "Access-Control-Request-Method: POST",
                       "Access-Control-Request-Headers: authorization,content-type", method="OPTIONS"),
    "a preflight of a route that we answer": way(
        204, "/Items", OTHER_ORIGIN, "Access-Control-Request-Method: GET", method="OPTIONS"),
    "a preflight of a stream": way(204, STATIC, OTHER_ORIGIN, "Access-Control-Request-Method: GET",
                                   "Access-Control-Request-Headers: range", method="OPTIONS"),
    "JSON for another origin": way(200, "/System/Info/Public", OTHER_ORIGIN),
    "a song for another origin": way(206, STATIC, OTHER_ORIGIN, "Range: bytes=0-9"),
    "a refusal for another origin": way(401, "/Users/Me", OTHER_ORIGIN),
}


def ask(url: str, way: Way) -> bytes:
    """Everything the server says to it until it closes."""
    lines = [f"{way.method} {way.target} HTTP/{way.version}", f"Host: {HOST}", "Connection: close", *way.headers]
    if way.body:
        lines.append(f"Content-Length: {len(way.body)}")
    with Connection(url) as client:
        client.say("\r\n".join([*lines, "", way.body]).encode())
        return client.hear_all()


def parts(raw: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Status line, header lines that concern more than one connection, body."""
    top, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = top.split(b"\r\n")
    first = first.replace(b"HTTP/1.0 ", b"HTTP/1.1 ")  # each speaks its own version (RFC 9110 §6.2)
    kept = [line for line in lines if line.partition(b":")[0].lower() not in HOP_BY_HOP | CHANGING]
    if any(line.lower() == b"transfer-encoding: chunked" for line in lines):
        body = dechunked(body)
    return first, kept, body


def dechunked(body: bytes) -> bytes:
    data = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        data += body[:length]
        assert body[length:length + 2] == b"\r\n"
        body = body[length + 2:]
        if length == 0:
            assert body == b""
            return data


def timeless(body: bytes) -> bytes:
    return re.sub(rb'"(LastActivityDate|LastLoginDate)": "[^"]*"', b"", body)


@pytest.fixture(scope="module")
def names(stage: World) -> dict[str, str]:
    """What stands in braces in a way."""
    client = FinampLike(stage.jellyfin.url, "ways", "Ways")
    client.log_in("alice")
    song = client.get("/Items", {"recursive": True, "includeItemTypes": "Audio", "limit": 1}).json()["Items"][0]
    tag = client.send("HEAD", BUNDLE).header("ETag") or ""
    return {"song": song["Id"], "album": song["AlbumId"], "film": FILM, "token": client.token or "",
            "authorization": client.authorization(), "tag": tag.strip('"')}


@pytest.fixture(scope="module")
def before_tls(jellyfin: StandIn, settings: dict[str, str | None],
               tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    """Sidetrack in front of the same Jellyfin behind https."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    front = TlsFront(jellyfin.url, authority.certificate("DNS:localhost"))
    process = Sidetrack({**settings, "JELLYFIN_URL": front.url, "SIDETRACK_CA_FILE": str(authority.file),
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("tls"))})
    wait_for(process.is_ready, 10, "sidetrack is ready")
    yield process
    process.finish()
    front.stop()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", WAYS)
def test_what_jellyfin_says_is_what_the_client_hears(world: World, before_tls: Sidetrack, names: dict[str, str],
                                                     name: str, scheme: str) -> None:
    row = WAYS[name]
    asked = dataclasses.replace(row, target=row.target.format(**names), body=row.body.format(),
                                headers=tuple(line.format(**names) for line in row.headers))
    first, headers, body = parts(ask(world.jellyfin.url, asked))
    got_first, got_headers, got_body = parts(
        ask(world.sidetrack.url if scheme == "http" else before_tls.url, asked))
    assert int(first.split()[1]) == row.status
    assert (got_first, got_headers) == (first, headers)
    assert timeless(got_body) == timeless(body)


def test_a_player_follows_the_playlists(world: World, names: dict[str, str]) -> None:
    """Every address in them is relative, and leads through us again."""
    query = HLS.format(**names)
    master = send(world.sidetrack.url, "GET", f"/Videos/{FILM}/master.m3u8?{query}").text
    main = master.splitlines()[-1]
    media = send(world.sidetrack.url, "GET", f"/Videos/{FILM}/{main}").text
    segments = [line for line in media.splitlines() if not line.startswith("#")]
    assert len(segments) == 10
    for number, segment in enumerate(segments):
        body = send(world.sidetrack.url, "GET", f"/Videos/{FILM}/{segment}").body
        assert body == bytes_of(f"{FILM} {number}", 1000 * PACKET)


# Live television


def live(world: World, stream: str) -> dict[str, int]:
    return {kind: sum(entry["stream"] == stream for entry in world.jellyfin.log(kind))
            for kind in ("live_began", "live_ended")}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("end", ["close", "reset"])
def test_live_television_ends_when_nobody_watches(world: World, before_tls: Sidetrack, end: str, scheme: str) -> None:
    stream = f"{scheme}-{end}"
    packets = b"".join(bytes_of(f"live {number}", LIVE_PACKETS * PACKET) for number in range(20))
    target = f"/LiveTv/LiveStreamFiles/{stream}/stream.ts"
    with Connection(world.sidetrack.url if scheme == "http" else before_tls.url) as client:
        client.say(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        assert b"\r\nTransfer-Encoding: chunked\r\n" in client.hear_head()
        data = b""
        while len(data) < len(packets):
            size = client.hear_line()
            data += client.hear(int(size, 16))
            assert client.hear(2) == b"\r\n"
        assert data == packets
        assert live(world, stream) == {"live_began": 1, "live_ended": 0}
        if end == "reset":
            client.slam()
    wait_for(lambda: live(world, stream)["live_ended"] == 1, 5, "the tuner is given back")


# Quick connect and watching together


def test_a_device_is_let_in_by_a_code(world: World) -> None:
    television = WebLike(world.sidetrack.url, world.device_id(), "Television")
    alice = world.finamp()
    assert television.get("/QuickConnect/Enabled").json() is True
    begun = television.post("/QuickConnect/Initiate").json()
    asked = {"secret": begun["Secret"]}
    assert television.get("/QuickConnect/Connect", asked).json()["Authenticated"] is False
    assert television.post("/Users/AuthenticateWithQuickConnect", {"Secret": begun["Secret"]}).status == 401
    assert alice.send("POST", "/QuickConnect/Authorize", query={"code": begun["Code"]}).json() is True
    assert television.get("/QuickConnect/Connect", asked).json()["Authenticated"] is True
    answer = television.post("/Users/AuthenticateWithQuickConnect", {"Secret": begun["Secret"]}).json()
    television.token, television.user_id = answer["AccessToken"], answer["User"]["Id"]
    assert television.user_id == alice.user_id and television.token != alice.token
    assert any(is_external(item) for item in television.search("light", limit=50)["Items"])
    assert world.session(television)["DeviceName"] == "Television"


def test_two_watch_together(world: World) -> None:
    alice, bob = world.web("alice"), world.finamp("bob")
    hers, his = alice.open_socket(), bob.open_socket()
    for member in (hers, his):
        member.receive_type("ForceKeepAlive")
    group = alice.post("/SyncPlay/New", {"GroupName": "Film"}).json()
    assert hers.receive_type("SyncPlayGroupUpdate")["Data"]["Type"] == "GroupJoined"
    assert [entry["GroupId"] for entry in bob.get("/SyncPlay/List").json()] == [group["GroupId"]]
    assert bob.post("/SyncPlay/Join", {"GroupId": group["GroupId"]}).status == 204
    assert hers.receive_type("SyncPlayGroupUpdate")["Data"] == {
        "GroupId": group["GroupId"], "Type": "UserJoined", "Data": "bob"}
    assert alice.post("/SyncPlay/Seek", {"PositionTicks": 123}).status == 204
    commands = [member.receive_type("SyncPlayCommand")["Data"] for member in (hers, his)]
    assert commands[0] == commands[1]
    assert (commands[0]["Command"], commands[0]["PositionTicks"]) == ("Seek", 123)
    assert "RequestReceptionTime" in bob.get("/GetUtcTime").json()
    assert bob.post("/SyncPlay/Leave").status == 204
    assert hers.receive_type("SyncPlayGroupUpdate")["Data"]["Type"] == "UserLeft"
    for member in (hers, his):
        member.close()


# Trouble


def test_the_page_of_a_server_that_starts(world: World) -> None:
    asked = way(503, "/web/index.html")
    world.jellyfin.control("POST", "starting", on=True)
    try:
        direct, through = (parts(ask(url, asked)) for url in (world.jellyfin.url, world.sidetrack.url))
        info = send(world.sidetrack.url, "GET", "/System/Info/Public")
    finally:
        world.jellyfin.control("POST", "starting", on=False)
    assert through == direct
    assert b"Retry-After: 5" in through[1]
    assert info.status == 200


BODIES = {
    "br": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br\r\nVary: Accept-Encoding\r\n"
          b"Transfer-Encoding: chunked\r\n\r\n7\r\n\x8b\x01\x80{}\r\n\r\n1\r\n\x03\r\n0\r\n\r\n",
    "zstd": b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 6\r\n\r\n\x28\xb5\x2f\xfd\x00\x01",
    "an error of its own": b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n19\r\nError processing request.\r\n0\r\n\r\n",
    "an error's page": b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Type: text/html\r\n"
                       b"Content-Length: 16\r\n\r\n<h1>\xe2\x8f\xb3</h1>\r\n\r\n",
    "cookies": b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: a=2; Path=/web\r\nset-cookie: b=\r\n"
               b"Content-Length: 0\r\n\r\n",
    "UTF-8 and Latin-1 values": b"HTTP/1.1 200 OK\r\nX-A: caf\xc3\xa9 \xf0\x9f\x8e\xb5\r\nX-B: caf\xe9\r\n"
                                b"Content-Length: 0\r\n\r\n",
    "a head of 100 KB": b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1000)
                                                         for number in range(100)) + b"Content-Length: 0\r\n\r\n",
    "many header lines": b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 2000 + b"Content-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
    "no content, reset": b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
    "not modified": b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nCache-Control: public\r\n\r\n',
    "several parts": b"HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=b\r\n"
                     b"Content-Length: 19\r\n\r\n--b\r\n\r\na\r\n--b--\r\n\r\n",
    "a redirect of 307": b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere?a=%2F\r\nContent-Length: 0\r\n\r\n",
    "a challenge": b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="a, b"\r\nContent-Length: 0\r\n\r\n',
    "too many requests": b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: Fri, 31 Dec 2027 23:59:59 GMT\r\n"
                         b"Content-Length: 0\r\n\r\n",
    "an unknown status": b"HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nok",
    "no reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
}


@pytest.fixture(scope="module")
def speaker() -> Iterator[RawUpstream]:
    upstream = RawUpstream()
    yield upstream
    upstream.stop()


@pytest.fixture(scope="module")
def before_speaker(speaker: RawUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidetrack]:
    process = Sidetrack({"JELLYFIN_URL": speaker.url, "SIDETRACK_DEEZER_URL": speaker.url,
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("speaker"))})
    yield process
    process.finish()


@pytest.mark.parametrize("name", BODIES)
def test_an_answer_is_not_touched(before_speaker: Sidetrack, speaker: RawUpstream, name: str) -> None:
    speaker.handlers["/said"] = saying(BODIES[name])
    with Connection(before_speaker.url) as client:
        client.say(b"GET /said HTTP/1.1\r\nHost: h\r\nAccept-Encoding: br, gzip, zstd\r\n\r\n")
        assert client.hear(len(BODIES[name])) == BODIES[name]
        assert client.is_quiet()


# Our own answers, in Jellyfin's manners


def test_another_origin_may_read_what_we_answer(world: World) -> None:
    client = world.finamp()
    song = next(item for item in client.search("light", Limit=50)["Items"] if is_external(item))
    origin = {"Origin": "https://elsewhere.example"}
    for answer in (
        client.get("/Items", {"searchTerm": "light", "recursive": True}, headers=origin),
        client.get(f"/Items/{song['Id']}", headers=origin),
        client.get(f"/Items/{song['Id']}/Images/Primary", headers=origin),
        client.get(client.stream_path(song["Id"]), headers={**origin, "Range": "bytes=0-9"}),
        client.send("POST", f"/Items/{song['Id']}/PlaybackInfo", json={}, headers=origin),
        send(world.sidetrack.url, "GET", f"/Items/{song['Id']}", headers=origin),
    ):
        assert answer.header("Access-Control-Allow-Origin") == "*", f"{answer.status} {answer.text[:200]}"


def test_another_origin_may_read_what_went_wrong(before_speaker: Sidetrack, speaker: RawUpstream) -> None:
    speaker.handlers["/gone"] = Talk.slam
    answer = before_speaker.send("GET", "/gone", headers={"Origin": "https://elsewhere.example"})
    assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (502, "*")
    assert before_speaker.send("GET", "/gone").header("Access-Control-Allow-Origin") is None


# A Jellyfin with a base path


@dataclasses.dataclass
class Based:
    jellyfin: StandIn
    sidetrack: Sidetrack
    numbers: Iterator[int]

    def client(self, base: str) -> FinampLike:
        client = FinampLike(self.sidetrack.url + base, f"based-{next(self.numbers)}", "Based")
        client.log_in("alice")
        return client


@pytest.fixture(scope="module")
def based(settings: dict[str, str | None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Based]:
    jellyfin = StandIn("jellyfin", "--base-path", "/jf")
    process = Sidetrack({**settings, "JELLYFIN_URL": jellyfin.url,
                         "SIDETRACK_DATA": str(tmp_path_factory.mktemp("based"))})
    wait_for(process.is_ready, 10, "sidetrack is ready")
    yield Based(jellyfin, process, itertools.count(1))
    process.finish()
    jellyfin.stop()


@pytest.mark.parametrize("base", ["", "/jf", "/JF"])
def test_clients_may_name_the_base_or_leave_it_out(based: Based, base: str) -> None:
    client = based.client(base)
    assert client.get("/System/Info/Public").json()["ServerName"] == "StandIn"
    song = next(item for item in client.search("light", Limit=50)["Items"] if is_external(item))
    assert client.item(song["Id"])["Name"] == song["Name"]
    assert client.get(client.stream_path(song["Id"]), headers={"Range": "bytes=0-9"}).status == 206
    client.start(song)
    observer = Client(based.jellyfin.url, "observer", "Observer")
    observer.log_in("admin")
    wait_for(lambda: any(session.get("NowPlayingItem", {}).get("Name") == song["Name"]
                         and session["DeviceId"] == client.device_id for session in observer.get("/Sessions").json()),
             5, "the song is shown as playing")
    client.stop(song, 1)
    socket = client.open_socket()
    assert socket.receive_type("ForceKeepAlive")["Data"] == 60
    socket.close()


@pytest.mark.parametrize("start", ["/", "/web", "/web/", "/jf", "/jf/", "/jf/web", "/jf/web/", "/jf/web/index.html"])
def test_every_way_to_the_web_client_leads_there(based: Based, start: str) -> None:
    path = start
    for _ in range(4):
        answer = send(based.sidetrack.url, "GET", path)
        if answer.status == 200:
            break
        assert answer.status in (301, 302)
        location = urlsplit(answer.header("Location") or "")
        if location.netloc:
            assert location.netloc == urlsplit(based.sidetrack.url).netloc, "our own host, not Jellyfin's"
        path = location.path if location.path.startswith("/") else path.rpartition("/")[0] + "/" + location.path
    assert answer.status == 200 and "<title>Jellyfin</title>" in answer.text


