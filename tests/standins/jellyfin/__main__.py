"""python3 -m tests.standins.jellyfin: one stand-in Jellyfin on the loopback."""
from __future__ import annotations

from .server import Jellyfin
from ..stand import arguments, run


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--version", default="12.0.0", help="12.0.0 or some 10.11")
    parser.add_argument("--legacy-auth", action="store_true", default=None,
                        help="EnableLegacyAuthorization, which 10.x has on by default")
    parser.add_argument("--base-path", default="", help="such as /jf")
    parser.add_argument("--known-proxies", action="store_true",
                        help="KnownProxies has the loopback: forwarding headers from there count")
    options = parser.parse_args()
    run(Jellyfin(version=options.version, legacy_auth=options.legacy_auth, base_path=options.base_path,
                 knows_proxies=options.known_proxies), options.port, options.port_file)


if __name__ == "__main__":
    main()
