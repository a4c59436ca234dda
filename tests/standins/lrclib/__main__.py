"""python3 -m tests.standins.lrclib: one stand-in LRCLIB on the loopback."""
from __future__ import annotations

from .server import Lrclib
from ..stand import arguments, run


def main() -> None:
    options = arguments(__doc__ or "").parse_args()
    run(Lrclib(), options.port, options.port_file)


if __name__ == "__main__":
    main()
