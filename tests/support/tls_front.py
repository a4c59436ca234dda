"""TLS in front of a plain server on loopback, with certificates made for the occasion."""
from __future__ import annotations

import asyncio
import pathlib
import ssl
import subprocess
import threading
from urllib.parse import urlsplit

CHUNK = 64 * 1024


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.file = folder / "ca.pem"
        folder.mkdir(parents=True, exist_ok=True)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "30", "-subj", "/CN=Test authority", "-keyout", str(folder / "ca.key"),
                "-out", str(self.file))

    def certificate(self, *names: str) -> tuple[str, str]:
        """The files of a certificate for names like "DNS:localhost", and of its key."""
        stem = self.folder / names[0].replace(":", "_")
        request, extensions = f"{stem}.csr", pathlib.Path(f"{stem}.ext")
        extensions.write_text(f"subjectAltName={','.join(names)}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", "/CN=Test server", "-keyout", f"{stem}.key", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", str(self.file), "-CAkey", str(self.folder / "ca.key"),
                "-CAcreateserial", "-days", "30", "-extfile", str(extensions), "-out", f"{stem}.pem")
        return f"{stem}.pem", f"{stem}.key"


class TlsFront:
    """Passes what comes over TLS on to `target`, on a thread of its own."""

    def __init__(self, target: str, certificate: tuple[str, str], host: str = "localhost") -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname, parts.port)
        self.cuts = False  # ends without close_notify
        self.accepted = 0  # handshakes
        self.resumed = 0
        self.server_names: set[str | None] = set()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)
        self._context.sni_callback = self._note_name
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context))
        self.url = f"https://{host}:{self._server.sockets[0].getsockname()[1]}{parts.path.rstrip('/')}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    def _note_name(self, _socket: object, name: str | None, _context: object) -> None:
        self.server_names.add(name)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.resumed += writer.get_extra_info("ssl_object").session_reused
        try:
            inner_reader, inner_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        up = asyncio.create_task(self._pump(reader, inner_writer))
        down = asyncio.create_task(self._pump(inner_reader, writer))
        await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        while self.cuts and writer.transport.get_write_buffer_size() > 0:
            await asyncio.sleep(0.01)
        if self.cuts:
            writer.transport.abort()
        writer.close()
        inner_writer.close()
        up.cancel()
        down.cancel()

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
