"""Answers of an upstream gone wrong, and what the client may get of each (RFC 9112 §6.3).

What the client gets is written out byte for byte; `REFUSED` is our 502. Whatever it is, the
next client gets its own answer and not a byte of this one.
"""
from __future__ import annotations

import dataclasses

REFUSED = b"HTTP/1.1 502 "
OK = b"HTTP/1.1 200 OK\r\n"
EVIL = OK + b"X-Evil: 1\r\nContent-Length: 4\r\n\r\nevil"


@dataclasses.dataclass(frozen=True)
class Answer:
    said: bytes
    heard: bytes
    broken: bool = False  # the client's connection ends before the answer does
    ends: bool = False  # upstream ends its connection behind what it said
    to_head: bool = False  # of a HEAD request
    at_once: bool = False  # what comes later, behind the next request, nobody could tell from its answer


def bad(said: bytes, **how: bool) -> Answer:
    return Answer(said, REFUSED, **how)


def headed(*lines: bytes, body: bytes = b"") -> bytes:
    return OK + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


CHUNKED = headed(b"Transfer-Encoding: chunked")

TABLE = {
    # Two lengths, or none that can be believed
    "length and chunks": bad(headed(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + EVIL)),
    "chunks and length": bad(headed(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n" + EVIL)),
    "length and chunks of HEAD": bad(headed(b"Content-Length: 3", b"Transfer-Encoding: chunked"), to_head=True),
    "lengths that differ": bad(headed(b"Content-Length: 2", b"Content-Length: 3", body=b"ok" + EVIL)),
    "equal lengths": Answer(headed(b"Content-Length: 2", b"Content-Length: 2", body=b"ok"),
                            headed(b"Content-Length: 2", body=b"ok")),
    "a list of lengths": bad(headed(b"Content-Length: 2, 2", body=b"ok")),
    "length +2": bad(headed(b"Content-Length: +2", body=b"ok")),
    "length -2": bad(headed(b"Content-Length: -2", body=b"ok")),
    "length 0x2": bad(headed(b"Content-Length: 0x2", body=b"ok")),
    "an empty length": bad(headed(b"Content-Length:", body=b"ok")),
    "length 2^64 + 2": bad(headed(b"Content-Length: 18446744073709551618", body=b"ok")),
    "gzip, chunked": bad(headed(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")),
    "chunked, gzip": bad(headed(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n")),
    "xchunked": bad(headed(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n")),
    "identity": bad(headed(b"Transfer-Encoding: identity", body=b"ok")),
    "chunked twice": bad(headed(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n")),
    "chunks in HTTP/1.0": bad(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a length beyond the end": Answer(headed(b"Content-Length: 20", body=b"half"),
                                      headed(b"Content-Length: 20", body=b"half"), broken=True, ends=True),

    # Heads
    "a blank before the colon": bad(headed(b"Transfer-Encoding : chunked", b"Content-Length: 2", body=b"ok")),
    "no name": bad(headed(b": 1", b"Content-Length: 2", body=b"ok")),
    "no colon": bad(headed(b"nonsense", b"Content-Length: 2", body=b"ok")),
    "a folded line": bad(headed(b"X: a", b" b", b"Content-Length: 2", body=b"ok")),
    "a folded line first": bad(headed(b" X: a", b"Content-Length: 2", body=b"ok")),
    "a NUL in a value": bad(headed(b"X: a\0b", b"Content-Length: 2", body=b"ok")),
    "a bare CR in a value": bad(headed(b"X: a\rSet-Cookie: evil", b"Content-Length: 2", body=b"ok")),
    "a bare LF in a value": bad(headed(b"X: a\nSet-Cookie: evil", b"Content-Length: 2", body=b"ok")),
    "lines that end in LF": bad(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
    "a head of 140 KB": bad(headed(*(b"X-%d: " % number + b"x" * 1000 for number in range(140)),
                                   b"Content-Length: 2", body=b"ok")),
    "no end of the head": bad(OK + b"X: 1", ends=True),
    "nothing": bad(b"", ends=True),
    "version 2.0": bad(b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    "version 1.2": bad(b"HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    "another protocol": bad(b"ICY 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    "a status of two digits": bad(b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok"),
    "a status of four digits": bad(b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok"),
    "status 99": bad(b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok"),
    "a control character in the reason": bad(b"HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok"),
    "HTTP/0.9": bad(b"<html>old</html>\r\n\r\n"),
    "an empty line first": bad(b"\r\n" + headed(b"Content-Length: 2", body=b"ok")),
    "a change of protocol nobody asked for": bad(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + EVIL),
    "interim answers without end": bad(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000),

    # Chunks: the transfer breaks, if its head has gone out
    "size 0x3": Answer(CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", CHUNKED, broken=True),
    "size -3": Answer(CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n", CHUNKED, broken=True),
    "a size of 17 digits": Answer(CHUNKED + b"10000000000000003\r\nabc\r\n0\r\n\r\n", CHUNKED, broken=True),
    "no size": Answer(CHUNKED + b"\r\nabc\r\n0\r\n\r\n", CHUNKED, broken=True),
    "no CRLF behind the data": Answer(CHUNKED + b"3\r\nabc0\r\n\r\n", CHUNKED, broken=True),
    "LF behind the size": Answer(CHUNKED + b"3\nabc\r\n0\r\n\r\n", CHUNKED, broken=True),
    "LF behind the data": Answer(CHUNKED + b"3\r\nabc\n0\r\n\r\n", CHUNKED, broken=True),
    "no last chunk": Answer(CHUNKED + b"3\r\nabc\r\n", CHUNKED + b"3\r\nabc\r\n", broken=True, ends=True),

    # More than the answer
    "bytes behind a length": Answer(headed(b"Content-Length: 2", body=b"ok" + EVIL),
                                    headed(b"Content-Length: 2", body=b"ok"), at_once=True),
    "bytes behind the chunks": Answer(CHUNKED + b"2\r\nok\r\n0\r\n\r\n" + EVIL, CHUNKED + b"2\r\nok\r\n0\r\n\r\n",
                                       at_once=True),
    "a body in 204": Answer(b"HTTP/1.1 204 No Content\r\n\r\n" + EVIL, b"HTTP/1.1 204 No Content\r\n\r\n",
                            at_once=True),
    "a body in 304": Answer(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil",
                            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", at_once=True),
    "a body for HEAD": Answer(headed(b"Content-Length: 4", body=b"evil"), headed(b"Content-Length: 4"), to_head=True,
                              at_once=True),
    "chunks for HEAD": Answer(CHUNKED + b"4\r\nevil\r\n0\r\n\r\n", CHUNKED, to_head=True, at_once=True),
    "two answers": Answer(headed(b"Content-Length: 0") + EVIL, headed(b"Content-Length: 0"), at_once=True),
}
