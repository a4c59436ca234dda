"""Requests that two servers could read in two ways, and what has to become of each.

Written from RFC 9110 and 9112 before anything was run. A row holds every outcome that the
RFCs allow and a proxy may choose; whatever it chooses, upstream sees a message with one
meaning or none. `UPSTREAM` in an expected head stands for Jellyfin's own authority.

An outcome names the final statuses in order, whether the connection then ends, and the
requests upstream saw, byte for byte, but for X-Forwarded-For, -Proto and -Host: those are
ours, once each in every request, and are checked apart.
"""
from __future__ import annotations

import dataclasses

OPEN, CLOSED = "open", "closed"
UPSTREAM = "{upstream}"


@dataclasses.dataclass(frozen=True)
class Outcome:
    statuses: tuple[int, ...]
    connection: str
    seen: tuple[bytes, ...] = ()


@dataclasses.dataclass(frozen=True)
class Row:
    said: bytes
    outcomes: tuple[Outcome, ...]
    ends: bool = False  # the client closes its side behind what it said


def lines(*head: str | bytes, body: bytes = b"") -> bytes:
    """A head, its empty line, and what follows."""
    return b"\r\n".join([line.encode() if isinstance(line, str) else line for line in head] + [b"", body])


def get(*headers: str | bytes, target: str | bytes = "/x", host: str | None = "Host: h") -> bytes:
    target = target.encode() if isinstance(target, str) else target
    first: list[str | bytes] = [b"GET " + target + b" HTTP/1.1"]
    return lines(*first, *([host] if host else []), *headers)


def post(*headers: str | bytes, body: bytes = b"") -> bytes:
    return lines("POST /x HTTP/1.1", "Host: h", *headers, body=body)


def passed(*seen: bytes, connection: str = OPEN) -> tuple[Outcome, ...]:
    """Upstream saw these requests and answered each with 200."""
    return (Outcome((200,) * len(seen), connection, seen),)


def refused(*statuses: int) -> tuple[Outcome, ...]:
    """One of these statuses (400 when none is named), the end, and upstream saw nothing."""
    return tuple(Outcome((status,), CLOSED) for status in statuses or (400,))


def ended() -> tuple[Outcome, ...]:
    """The end without a word."""
    return (Outcome((), CLOSED),)


def bad(said: bytes, *statuses: int) -> Row:
    return Row(said, refused(*statuses))


def good(said: bytes, *seen: bytes, connection: str = OPEN) -> Row:
    return Row(said, passed(*(seen or (said,)), connection=connection))


def either(said: bytes, *seen: bytes, statuses: tuple[int, ...] = (400,), connection: str = OPEN) -> Row:
    """Passed with this meaning, or refused."""
    return Row(said, passed(*(seen or (said,)), connection=connection) + refused(*statuses))


ABC = post("Content-Length: 3", body=b"abc")
PLAIN = get()
CHUNKS = b"3\r\nabc\r\n0\r\n\r\n"
CHUNKED = post("Transfer-Encoding: chunked", body=CHUNKS)
EVIL = get(target="/evil")  # what a smuggler wants upstream to read
CODING = (400, 501)  # RFC 9112 §6.1 has 501 for a coding unknown to us, 400 where the end cannot be found


def encoded(value: str | bytes, body: bytes = CHUNKS) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return post(b"Transfer-Encoding:" + value, body=body)


def chunked(body: bytes) -> bytes:
    return post("Transfer-Encoding: chunked", body=body)


def sized(value: str) -> bytes:
    return post(f"Content-Length:{value}", body=b"abc")


def hosted(value: str) -> bytes:
    return get(host=f"Host:{value}")


# How a body's length is said (RFC 9112 §6).
FRAMING = {
    "one length": good(ABC),
    "two lengths that differ": bad(post("Content-Length: 3", "Content-Length: 5", body=b"abc")),
    "two lengths that are equal": bad(post("Content-Length: 3", "Content-Length: 3", body=b"abc")),
    "two lengths, spelt differently": bad(post("content-length: 3", "CONTENT-LENGTH: 0", body=b"abc")),
    "a list of equal lengths": bad(sized(" 3, 3")),
    "a list of lengths that differ": bad(sized(" 3, 4")),
    "length, then chunks": bad(post("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + EVIL)),
    "chunks, then length": bad(post("Transfer-Encoding: chunked", "Content-Length: 3", body=CHUNKS + EVIL)),
    "zero length and chunks": bad(post("Content-Length: 0", "Transfer-Encoding: chunked", body=CHUNKS)),
    "gzip, chunked": bad(encoded(" gzip, chunked"), *CODING),
    "chunked, gzip": bad(encoded(" chunked, gzip"), *CODING),
    "chunked, identity": bad(encoded(" chunked, identity"), *CODING),
    "xchunked": bad(encoded(" xchunked"), *CODING),
    "xchunked and a length": bad(post("Transfer-Encoding: xchunked", "Content-Length: 3", body=b"abc"), *CODING),
    "chunked with a blank behind": good(encoded(" chunked "), ABC),
    "chunked behind a tab": good(encoded("\tchunked\t"), ABC),
    "CHUNKED": good(encoded(" CHUNKED"), ABC),
    "chunked behind a vertical tab": bad(encoded(" \x0bchunked"), *CODING),
    "chunked with a NUL behind": bad(encoded(" chunked\0"), *CODING),
    "chunked in quotes": bad(encoded(' "chunked"'), *CODING),
    "chunked with a parameter": bad(encoded(" chunked;q=1"), *CODING),
    "chunked twice in a list": bad(encoded(" chunked, chunked"), *CODING),
    "chunked on two lines": bad(post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=CHUNKS), *CODING),
    "chunked, then a line of identity": bad(
        post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=CHUNKS), *CODING),
    "identity, then a line of chunked": bad(
        post("Transfer-Encoding: identity", "Transfer-Encoding: chunked", body=CHUNKS), *CODING),
    "identity": bad(encoded(" identity", b"abc"), *CODING),
    "an empty coding": bad(encoded("", b"abc"), *CODING),
    "chunked behind an empty element": either(encoded(" ,chunked"), ABC, statuses=CODING),
    "chunks in HTTP/1.0": bad(lines("POST /x HTTP/1.0", "Host: h", "Transfer-Encoding: chunked", body=CHUNKS), *CODING),
    "a blank before the colon of Transfer-Encoding": bad(post("Transfer-Encoding : chunked", body=CHUNKS)),
    "a blank before the colon of Content-Length": bad(post("Content-Length : 3", body=b"abc")),
    "a tab before the colon of Content-Length": bad(post("Content-Length\t: 3", body=b"abc")),
    "Transfer_Encoding is another header": good(post("Transfer_Encoding: chunked", "Content-Length: 3", body=b"abc")),
    "a coding on a folded line": either(encoded("\r\n chunked"), ABC),
    "a length on a folded line": bad(sized(" 3\r\n 4")),
    "a coding behind a bare LF": bad(post("Content-Length: 3", "X: a\nTransfer-Encoding: chunked", body=CHUNKS)),
    "a coding behind a bare CR": bad(post("Content-Length: 3", "X: a\rTransfer-Encoding: chunked", body=b"abc")),
    "length +3": bad(sized(" +3")),
    "length -3": bad(sized(" -3")),
    "length 0x3": bad(sized(" 0x3")),
    "length 3.0": bad(sized(" 3.0")),
    "length 1e1": bad(sized(" 1e1")),
    "length 3 3": bad(sized(" 3 3")),
    "length 3;": bad(sized(" 3;")),
    "an empty length": bad(sized("")),
    "length 2^63": bad(sized(" 9223372036854775808"), 400, 413),
    "length 2^64": bad(sized(" 18446744073709551616"), 400, 413),
    "length 2^64 + 3": bad(sized(" 18446744073709551619"), 400, 413),
    "a length of 400 digits": bad(sized(" " + "9" * 400), 400, 413),
    "a length with zeros in front": good(sized(" 003"), ABC),
    "POST without a length": Row(post(), passed(post("Content-Length: 0")) + refused(411)),
    "a body in HEAD that is a request": bad(lines(
        "HEAD /x HTTP/1.1", "Host: h", f"Content-Length: {len(EVIL)}", body=EVIL)),
    "chunks in HEAD": bad(lines("HEAD /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked", body=CHUNKS)),
    "HEAD of zero length": good(lines("HEAD /x HTTP/1.1", "Host: h", "Content-Length: 0")),
    "a body in GET that is a request": either(
        lines("GET /x HTTP/1.1", "Host: h", f"Content-Length: {len(EVIL)}", body=EVIL)),
    "a body in GET, and the next request": Row(
        get("Content-Length: 3") + b"abc" + PLAIN, passed(get("Content-Length: 3") + b"abc", PLAIN) + refused()),
    "a body in DELETE": good(lines("DELETE /x HTTP/1.1", "Host: h", "Content-Length: 3", body=b"abc")),
    "a length that the client cuts short": Row(
        post("Content-Length: 30", body=EVIL[:10]), refused() + ended(), ends=True),
}

# Chunks (RFC 9112 §7.1); they never go upstream, the body does.
CHUNK = {
    "chunks": good(CHUNKED, ABC),
    "chunks, and the next request": good(CHUNKED + PLAIN, ABC, PLAIN),
    "chunks in GET": either(lines("GET /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked", body=CHUNKS),
                            get("Content-Length: 3") + b"abc"),
    "a size with zeros in front": good(chunked(b"0003\r\nabc\r\n000\r\n\r\n"), ABC),
    "a size in capitals": good(chunked(b"A\r\nabcdefghij\r\n0\r\n\r\n"), post("Content-Length: 10", body=b"abcdefghij")),
    "no data": good(chunked(b"0\r\n\r\n"), post("Content-Length: 0")),
    "size 0x3": bad(chunked(b"0x3\r\nabc\r\n0\r\n\r\n")),
    "size -1": bad(chunked(b"-1\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "size +3": bad(chunked(b"+3\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "size 3.0": bad(chunked(b"3.0\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "a size of 17 digits": bad(chunked(b"10000000000000003\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "size 2^64 - 1": bad(chunked(b"ffffffffffffffff\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "an empty size": bad(chunked(b"\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "a blank before the size": bad(chunked(b" 3\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "a blank behind the size": either(chunked(b"3 \r\nabc\r\n0\r\n\r\n"), ABC, statuses=(400, 413)),
    "no digit in the size": bad(chunked(b"g\r\nabc\r\n0\r\n\r\n"), 400, 413),
    "an extension": either(chunked(b"3;a=b\r\nabc\r\n0;c\r\n\r\n"), ABC, statuses=(413,)),
    "an extension of 70 KB": bad(chunked(b"3;a=" + b"x" * 70_000 + b"\r\nabc\r\n0\r\n\r\n"), 400, 413, 431),
    "an extension with a bare LF": bad(chunked(b"3;a\nabc\r\n0\r\n\r\n"), 400, 413),
    "no CRLF behind the data": bad(chunked(b"3\r\nabc0\r\n\r\n"), 400, 413),
    "more data than the size says": bad(chunked(b"3\r\nabcd\r\n0\r\n\r\n"), 400, 413),
    "LF behind the size": bad(chunked(b"3\nabc\r\n0\r\n\r\n"), 400, 413),
    "LF behind the data": bad(chunked(b"3\r\nabc\n0\r\n\r\n"), 400, 413),
    "LF behind the last size": bad(chunked(b"3\r\nabc\r\n0\n\r\n"), 400, 413),
    "LF at the very end": bad(chunked(b"3\r\nabc\r\n0\r\n\n"), 400, 413),
    "CR alone behind the size": bad(chunked(b"3\rabc\r\n0\r\n\r\n"), 400, 413),
    "a trailer": good(chunked(b"3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"), ABC),
    "a length among the trailers": either(chunked(b"3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n"), ABC),
    "a host among the trailers": either(chunked(b"3\r\nabc\r\n0\r\nHost: other\r\n\r\n"), ABC),
    "a coding among the trailers": either(chunked(b"3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"), ABC),
    "a credential among the trailers": either(chunked(b"3\r\nabc\r\n0\r\nAuthorization: evil\r\n\r\n"), ABC),
    "a trailer without a colon": either(chunked(b"3\r\nabc\r\n0\r\nnonsense\r\n\r\n"), ABC, statuses=(400, 413)),
    "trailers of 80 KB": either(chunked(b"3\r\nabc\r\n0\r\nX: " + b"x" * 80_000 + b"\r\n\r\n"), ABC,
                                statuses=(400, 413, 431)),
    "chunks cut short in the data": Row(chunked(b"30\r\nabc"), refused() + ended(), ends=True),
    "chunks without the last": Row(chunked(b"3\r\nabc\r\n"), refused() + ended(), ends=True),
}

# Header lines (RFC 9112 §5, RFC 9110 §5).
FIELD = {
    "a blank in a name": bad(get("X Y: 1")),
    "a blank before the colon": bad(get("X : 1")),
    "a control character in a name": bad(get(b"X\x01: 1")),
    "a NUL in a name": bad(get(b"X\0Y: 1")),
    "no name": bad(get(": 1")),
    "brackets in a name": bad(get("X(Y): 1")),
    "letters beyond ASCII in a name": bad(get("X\u00fc: 1")),
    "a quoted name": bad(get('"X": 1')),
    "a line without a colon": bad(get("nonsense")),
    "a blank before the first name": either(
        lines("GET /x HTTP/1.1", " X: 1", "Host: h"), PLAIN),
    "a folded line": either(get("X: a\r\n b"), get("X: a b")),
    "a folded line of nothing": either(get("X: a\r\n \t"), get("X: a")),
    "a folded line behind Host": bad(get(host="Host: h\r\n\tother")),
    "a NUL in a value": either(get(b"X: a\0b"), get("X: a b")),
    "a bare CR in a value": either(get(b"X: a\rb"), get("X: a b")),
    "a control character in a value": bad(get(b"X: a\x01b")),
    "DEL in a value": bad(get(b"X: a\x7fb")),
    "a tab in a value": good(get("X: a\tb")),
    "UTF-8 in a value": good(get("X: \u00fc")),
    "Latin-1 in a value": good(get(b"X: \xfc")),
    "an empty value": good(get("X:")),
    "lines that end in LF": either(b"GET /x HTTP/1.1\nHost: h\nX: 1\n\n", get("X: 1")),
    "an LF that ends the head": either(b"GET /x HTTP/1.1\r\nHost: h\r\n\n", PLAIN),
    "a bare LF among the lines": either(b"GET /x HTTP/1.1\r\nHost: h\nX: 1\r\n\r\n", get("X: 1")),
    "a head of 80 KB": bad(get(*(f"X-{number}: {'x' * 1000}" for number in range(80))), 400, 431),
    "a line of 70 KB": bad(get("X: " + "x" * 70_000), 400, 431),
    "a thousand header lines": either(get(*(f"X-{number}: 1" for number in range(1000))), statuses=(400, 431)),
    "a head that the client cuts short": Row(PLAIN[:-2], refused() + ended(), ends=True),
}

# For whom, and where (RFC 9112 §3.2, RFC 9110 §7.2).
HOST = {
    "two hosts that differ": bad(get("Host: other")),
    "two hosts that are equal": bad(get("Host: h")),
    "no host": bad(get(host=None)),
    "no host in HTTP/1.0": good(lines("GET /x HTTP/1.0"), lines("GET /x HTTP/1.1", f"Host: {UPSTREAM}"),
                                connection=CLOSED),
    "an empty host": either(hosted("")),
    "a host with a path": bad(hosted(" h/evil")),
    "a host with a user": bad(hosted(" user@h")),
    "a host with a blank": bad(hosted(" a b")),
    "a host with a comma": either(hosted(" a,b")),
    "a host with a query": bad(hosted(" h?evil")),
    "a host with a fragment": bad(hosted(" h#evil")),
    "a host with a backslash": bad(hosted(" h\\evil")),
    "a host with a quote": bad(hosted(' h"evil')),
    "a host with angle brackets": bad(hosted(" <evil>")),
    "a port of letters": bad(hosted(" h:evil")),
    "a port of nothing": either(hosted(" h:")),
    "two ports": bad(hosted(" h:80:80")),
    "a port beyond all": either(hosted(" h:99999")),
    "an IPv6 address": good(hosted(" [::1]:8096")),
    "an open bracket": bad(hosted(" [::1")),
    "host and port": good(hosted(" media.example:8097")),
    "absolute form": either(get(target="http://h/x"), PLAIN),
    "absolute form, other host": either(get(target="http://other/x"), get(host="Host: other")),
    "absolute form, no host": bad(get(target="http://h/x", host=None)),
    "absolute form, https": either(get(target="https://h/x"), PLAIN, statuses=(400, 421)),
    "absolute form, user": bad(get(target="http://user@h/x")),
    "absolute form, no path": either(get(target="http://h"), get(target="/")),
    "absolute form, query only": either(get(target="http://h?a"), get(target="/?a")),
    "absolute form, no authority": bad(get(target="http:///x")),
    "absolute form, other scheme": bad(get(target="ftp://h/x")),
    "authority form in GET": bad(get(target="h:80")),
    "CONNECT": bad(lines("CONNECT h:80 HTTP/1.1", "Host: h:80"), 400, 405, 501),
    "TRACE": bad(lines("TRACE /x HTTP/1.1", "Host: h", "Cookie: secret"), 400, 405, 501),
    "TRACE with a body": bad(lines("TRACE /x HTTP/1.1", "Host: h", f"Content-Length: {len(EVIL)}", body=EVIL),
                             400, 405, 501),
    "asterisk in GET": bad(get(target="*")),
    "asterisk in OPTIONS": good(lines("OPTIONS * HTTP/1.1", "Host: h")),
}

# The request line (RFC 9112 §3); a target is passed byte for byte or not at all.
LINE = {
    "HTTP/0.9": Row(b"GET /x\r\n", refused(400, 505) + ended(), ends=True),
    "version 0.9": bad(lines("GET /x HTTP/0.9", "Host: h"), 400, 505),
    "version 1.2": bad(lines("GET /x HTTP/1.2", "Host: h"), 400, 505),
    "version 2.0": bad(lines("GET /x HTTP/2.0", "Host: h"), 400, 505),
    "version 1.10": bad(lines("GET /x HTTP/1.10", "Host: h"), 400, 505),
    "version 01.1": bad(lines("GET /x HTTP/01.1", "Host: h"), 400, 505),
    "version 1": bad(lines("GET /x HTTP/1", "Host: h"), 400, 505),
    "version 1.": bad(lines("GET /x HTTP/1.", "Host: h"), 400, 505),
    "version -1.1": bad(lines("GET /x HTTP/-1.1", "Host: h"), 400, 505),
    "a blank in the version": bad(lines("GET /x HTTP/ 1.1", "Host: h"), 400, 505),
    "a version in small letters": bad(lines("GET /x http/1.1", "Host: h"), 400, 505),
    "another protocol": bad(lines("GET /x RTSP/1.0", "Host: h"), 400, 505),
    "a method in small letters": bad(lines("get /x HTTP/1.1", "Host: h"), 400, 405, 501),
    "a method nobody knows": bad(lines("PROPFIND /x HTTP/1.1", "Host: h"), 400, 405, 501),
    "a method that is no token": bad(lines("GE(T /x HTTP/1.1", "Host: h"), 400, 501),
    "no method": bad(lines(" /x HTTP/1.1", "Host: h")),
    "no target": bad(lines("GET  HTTP/1.1", "Host: h")),
    "two blanks": either(lines("GET  /x  HTTP/1.1", "Host: h"), PLAIN),
    "tabs for blanks": either(lines("GET\t/x\tHTTP/1.1", "Host: h"), PLAIN),
    "a blank in front": either(lines(" GET /x HTTP/1.1", "Host: h"), PLAIN, statuses=(400, 501)),
    "a blank behind": either(lines("GET /x HTTP/1.1 ", "Host: h"), PLAIN),
    "a blank in the target": bad(lines("GET /x y HTTP/1.1", "Host: h")),
    "a version within the target": bad(lines("GET /x HTTP/1.1 HTTP/1.1", "Host: h")),
    "an empty line in front": good(b"\r\n" + PLAIN, PLAIN),
    "empty lines in front": either(b"\r\n\r\n\r\n" + PLAIN, PLAIN),
    "an empty line between two requests": good(ABC + b"\r\n" + PLAIN, ABC, PLAIN),
    "a NUL in the target": bad(get(target=b"/x\0y")),
    "a control character in the target": bad(get(target=b"/x\x01y")),
    "a CR in the target": bad(get(target=b"/x\ry")),
    "DEL in the target": bad(get(target=b"/x\x7fy")),
    "UTF-8 in the target": good(get(target="/\u00fc")),
    "an encoded CRLF in the target": good(get(target="/x%0d%0aX-Evil:%201")),
    "two slashes": good(get(target="//x")),
    "two slashes and a host": good(get(target="//other/x")),
    "dots": good(get(target="/a/../x")),
    "dots above the root": good(get(target="/../../x")),
    "encoded dots": good(get(target="/a/%2e%2e/x")),
    "an encoded slash": good(get(target="/a%2Fx")),
    "an encoded NUL": good(get(target="/x%00y")),
    "a broken escape": either(get(target="/x%zz%")),
    "a backslash": either(get(target="/a\\x")),
    "brackets and bars": either(get(target="/x?a=[1]&b={|}^")),
    "a fragment": either(get(target="/x#y")),
    "a query of nothing": good(get(target="/x?")),
    "a target of 9 KB": good(get(target="/" + "x" * 9_000)),
    "a target of 70 KB": bad(get(target="/" + "x" * 70_000), 400, 414, 431),
}

# What is said about the connection and the protocol (RFC 9110 §7.6, §7.8, §10.1.1).
CONNECTION = {
    "close": good(get("Connection: close"), PLAIN, connection=CLOSED),
    "close in a list": good(get("Connection: foo, CLOSE"), PLAIN, connection=CLOSED),
    "close on the second line": good(get("Connection: keep-alive", "Connection: close"), PLAIN, connection=CLOSED),
    "close, and another request": good(get("Connection: close") + EVIL, PLAIN, connection=CLOSED),
    "HTTP/1.0": good(lines("GET /x HTTP/1.0", "Host: h"), PLAIN, connection=CLOSED),
    "HTTP/1.0, keep-alive": good(lines("GET /x HTTP/1.0", "Host: h", "Connection: Keep-Alive"), PLAIN),
    "the connection's own headers": good(
        get("Connection: X-One, x-two", "X-One: 1", "X-TWO: 2", "Keep-Alive: timeout=5", "TE: trailers",
            "Proxy-Connection: keep-alive"), PLAIN),
    "Content-Length listed": either(post("Connection: Content-Length", "Content-Length: 3", body=b"abc"), ABC),
    "Transfer-Encoding listed": either(
        post("Connection: Transfer-Encoding", "Transfer-Encoding: chunked", body=CHUNKS), ABC),
    "Host listed": either(get("Connection: Host"), PLAIN),
    "Authorization listed": either(get("Connection: close, Authorization", "Authorization: t"), PLAIN,
                                   connection=CLOSED),
    "X-Forwarded-For listed": good(get("Connection: X-Forwarded-For", "X-Forwarded-For: 203.0.113.9"), PLAIN),
    "X-Forwarded-For made up": good(get("X-Forwarded-For: 203.0.113.9", "x-forwarded-proto: https",
                                        "X-Forwarded-Host: evil"), PLAIN),
    "Upgrade to HTTP/2": good(get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
                              PLAIN),
    "HTTP/2's preface": bad(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 400, 501, 505),
    "TLS": Row(bytes.fromhex("16030100480100004403030000000000000000000000000000000000000000000000000000000000"
                             "0000000000001c1302130313011302c02cc030009fcca9cca8ccaac02bc02f009ec0240100"),
               refused() + ended()),
    "PROXY version 1": bad(b"PROXY TCP4 203.0.113.9 127.0.0.1 5 6\r\n" + PLAIN, 400, 405, 501),
    "PROXY version 2": bad(b"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\xcb\0\x71\x09\x7f\0\0\x01\0\5\0\6" + PLAIN),
    "Expect: 100-continue": good(post("Expect: 100-continue", "Content-Length: 3", body=b"abc"), ABC),
    "Expect: 100-continue without a body": good(get("Expect: 100-continue"), PLAIN),
    "another Expect": bad(post("Expect: something", "Content-Length: 3", body=b"abc"), 417),
    "Expect and a body too large": bad(post("Expect: 100-continue", "Content-Length: 999999999"), 413),
    "Expect and two lengths": bad(post("Expect: 100-continue", "Content-Length: 3", "Content-Length: 5", body=b"abc")),
    "four requests": good(PLAIN + ABC + EVIL + PLAIN, PLAIN, ABC, EVIL, PLAIN),
    "two requests, one bad": Row(PLAIN + post("Content-Length: 3", "Content-Length: 5", body=b"abc") + EVIL,
                                 (Outcome((200, 400), CLOSED, (PLAIN,)),)),
}

_KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
_VERSION = "Sec-WebSocket-Version: 13"
_UPGRADE = ("Upgrade: websocket",)

# Jellyfin answers 200 here: what asks for a WebSocket without right goes on as plain HTTP or not at all.
SOCKET = {
    "a body behind an upgrade": Row(
        get("Connection: Upgrade", *_UPGRADE, _KEY, _VERSION, f"Content-Length: {len(EVIL)}") + EVIL,
        passed(get(_KEY, _VERSION, f"Content-Length: {len(EVIL)}") + EVIL) + refused()),
    "chunks behind an upgrade": Row(
        get("Connection: Upgrade", *_UPGRADE, _KEY, _VERSION, "Transfer-Encoding: chunked") + CHUNKS,
        passed(get(_KEY, _VERSION, "Content-Length: 3") + b"abc") + refused()),
    "an upgrade without a key": either(
        get("Connection: Upgrade", *_UPGRADE, _VERSION), get(*_UPGRADE, _VERSION, "Connection: Upgrade")),
    "an upgrade of another version": either(
        get("Connection: Upgrade", *_UPGRADE, _KEY, "Sec-WebSocket-Version: 99"),
        get(*_UPGRADE, _KEY, "Sec-WebSocket-Version: 99", "Connection: Upgrade"), statuses=(400, 426)),
    "an upgrade that Connection does not list": good(get(*_UPGRADE, _KEY, _VERSION), get(_KEY, _VERSION)),
    "an upgrade in POST": good(
        post("Connection: Upgrade", *_UPGRADE, _KEY, _VERSION, "Content-Length: 3", body=b"abc"),
        post(_KEY, _VERSION, "Content-Length: 3", body=b"abc")),
    "an upgrade in HTTP/1.0": good(
        lines("GET /x HTTP/1.0", "Host: h", "Connection: Upgrade", *_UPGRADE, _KEY, _VERSION), get(_KEY, _VERSION),
        connection=CLOSED),
    "a request behind an upgrade that was refused": good(
        get("Connection: Upgrade", *_UPGRADE, _KEY, _VERSION) + PLAIN,
        get(*_UPGRADE, _KEY, _VERSION, "Connection: Upgrade"), PLAIN),
}

TABLE: dict[str, Row] = {}
for _part in (FRAMING, CHUNK, FIELD, HOST, LINE, CONNECTION, SOCKET):
    assert not TABLE.keys() & _part.keys()
    TABLE.update(_part)
