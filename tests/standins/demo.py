"""./dev run without JELLYFIN_URL: stand-ins, the program, a listener, and what Jellyfin sees.

usage: python3 -m tests.standins.demo PROGRAM [FLAG...]

Everything runs on the loopback and keeps its files under build/demo. Ctrl-C, SIGTERM, or the
end of any of the programs ends them all.
"""
from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from typing import Any, Iterator

from .listener import TICKS_PER_SECOND, Client

FOLDER = pathlib.Path("build/demo")
START_SECONDS = 30
STOP_SECONDS = 10
POLL_SECONDS = 0.5
POSITION_SECONDS = 5  # how often a line is printed when only the position moved
DEFAULT_LISTEN = "127.0.0.1:8097"


class Stopped(Exception):
    """A signal asks us to end."""


class Programs:
    """What was started, ended in the opposite order."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, name: str, command: list[str], **environment: str) -> None:
        """A session of its own: Ctrl-C reaches us alone, and we end it in order."""
        log = None if name == "listener" else open(FOLDER / f"{name}.log", "wb")
        with log or contextlib.nullcontext():
            self._running.append((name, subprocess.Popen(
                command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)))

    def ended(self) -> str | None:
        """The name of a program that is no longer there."""
        return next((name for name, program in self._running if program.poll() is not None), None)

    def stop(self) -> None:
        for _, program in reversed(self._running):
            program.terminate()
            try:
                program.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


def fail(sentence: str) -> None:
    raise SystemExit(f"dev: {sentence}")


def show_log(name: str) -> str:
    with contextlib.suppress(OSError):
        return (FOLDER / f"{name}.log").read_text("utf-8", "replace")[-2000:]
    return ""


def wait_for(programs: Programs, what: str, ready: Any) -> Any:
    """Asks `ready` until it answers something; a program that ended is the reason to give up."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        answer = ready()
        if answer:
            return answer
        name = programs.ended()
        if name:
            fail(f"{name} ended (build/demo/{name}.log):\n{show_log(name)}")
        time.sleep(0.05)
    return fail(f"{what} did not come up within {START_SECONDS} s; see build/demo/*.log")


def start_standin(programs: Programs, name: str) -> str:
    port_file = FOLDER / f"{name}.port"
    port_file.unlink(missing_ok=True)
    programs.start(name, [sys.executable, "-m", f"tests.standins.{name}", "--port", "0",
                          "--port-file", str(port_file)])
    port = wait_for(programs, f"the stand-in {name}",
                    lambda: port_file.exists() and port_file.read_text().strip())
    return f"http://127.0.0.1:{port}"


def answers(url: str) -> bool:
    try:
        Client(url, "Demo", "Console").open("GET", "/sidetrack/health/ready").close()
        return True
    except OSError:
        return False


def pick_listen() -> str:
    """Where the proxy listens; refused early, in a sentence, when something is there already."""
    listen = os.environ.get("SIDETRACK_LISTEN", DEFAULT_LISTEN)
    host, _, port = listen.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, ValueError) as problem:
            fail(f"cannot listen on {listen}: {problem}. Next: "
                 "SIDETRACK_LISTEN=127.0.0.1:8098 ./dev run")
    return listen


def describe(session: dict[str, Any]) -> tuple[str, int | None]:
    """One session of Jellyfin's own list as a line, and the position of what it plays."""
    who = f'{session.get("UserName")} on {session.get("DeviceName")}'
    remote = "remote control" if session.get("SupportsRemoteControl") else "no remote control"
    item = session.get("NowPlayingItem")
    if not item:
        return f"{who}: idle, {remote}", None
    state = session.get("PlayState") or {}
    mark = "paused" if state.get("IsPaused") else "plays"
    artists = ", ".join(item.get("Artists") or [])
    return (f'{who}: {mark} "{item.get("Name")}" by {artists} ({item.get("Album")}), {remote}',
            (state.get("PositionTicks") or 0) // TICKS_PER_SECOND)


def changes(admin: Client) -> Iterator[str]:
    """Lines to print, taken from Jellyfin itself and not from the proxy."""
    shown: dict[str, tuple[str, int | None]] = {}
    while True:
        sessions = {session["Id"]: describe(session) for session in admin.ask("GET", "/Sessions")
                    if session.get("DeviceName") != "Console"}
        for key, (text, position) in sessions.items():
            old_text, old_position = shown.get(key, ("", None))
            moved = abs((position or 0) - (old_position or 0))
            if text != old_text or moved >= POSITION_SECONDS:
                shown[key] = (text, position)
                at = "" if position is None else f", at {position // 60}:{position % 60:02d}"
                yield text + at
        for key in set(shown) - set(sessions):
            yield f"{shown.pop(key)[0].partition(':')[0]}: gone"
        yield ""


def watch(programs: Programs, jellyfin: str) -> None:
    admin = Client(jellyfin, "Demo", "Console")
    admin.log_in("admin", "admin-pw")
    for line in changes(admin):
        if line:
            print(f"jellyfin /Sessions: {line}", flush=True)
            continue
        name = programs.ended()
        if name:
            fail(f"{name} ended. {show_log(name)}")
        time.sleep(POLL_SECONDS)


def show_urls(url: str, jellyfin: str, deezer: str) -> None:
    print(f"""
Sidetrack is up, in front of a stand-in Jellyfin. Open, or point a Jellyfin client at:
  {url}                          users alice, bob, admin; passwords alice-pw, …
  {url}/sidetrack/health/ready   is Jellyfin there?
  {url}/sidetrack/api/plays      who plays what (with an administrator's token)
  {url}/metrics
Behind it: Jellyfin {jellyfin}, Deezer {deezer}. Logs and data: {FOLDER}/
A listener is playing now; these are the lines of Jellyfin's own session list. Ctrl-C ends all.
""", flush=True)


def run(program: str, flags: list[str], programs: Programs) -> None:
    listen = pick_listen()
    jellyfin = start_standin(programs, "jellyfin")
    deezer = start_standin(programs, "deezer")
    programs.start("sidetrack", [program, *flags], **{
        "JELLYFIN_URL": jellyfin, "SIDETRACK_DEEZER_URL": deezer, "SIDETRACK_LISTEN": listen,
        "SIDETRACK_LRCLIB": "off",  # words of invented songs are nowhere
        "SIDETRACK_DATA": os.environ.get("SIDETRACK_DATA", str(FOLDER / "data"))})
    host, _, port = listen.rpartition(":")
    url = f"http://{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{port}"
    wait_for(programs, "sidetrack", lambda: answers(url))
    show_urls(url, jellyfin, deezer)
    programs.start("listener", [sys.executable, "-m", "tests.standins.listener", "--url", url])
    watch(programs, jellyfin)


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)

    def stop(*_: Any) -> None:
        raise Stopped

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    FOLDER.mkdir(parents=True, exist_ok=True)
    programs = Programs()
    try:
        run(sys.argv[1], sys.argv[2:], programs)
    except Stopped:
        print("\nstopping", flush=True)
    except urllib.error.URLError as problem:
        fail(f"the stand-in cannot be asked: {problem}")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        programs.stop()


if __name__ == "__main__":
    main()
