"""python3 -m tests.standins.deezer: one stand-in Deezer on the loopback."""
from __future__ import annotations

from .server import Deezer
from ..stand import arguments, run


def main() -> None:
    options = arguments(__doc__ or "").parse_args()
    run(Deezer(), options.port, options.port_file)


if __name__ == "__main__":
    main()
