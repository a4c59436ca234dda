"""python3 -m tests.standins.deezer: one stand-in Deezer on the loopback."""
from __future__ import annotations

from .gateway import PLANS
from .server import Deezer
from ..stand import arguments, run


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--secret", help="16 characters by which whole songs are ciphered")
    parser.add_argument("--account", action="append", default=[], metavar="ARL:PLAN",
                        help=f"an account with one of {', '.join(PLANS)}")
    options = parser.parse_args()
    deezer = Deezer(options.secret)
    for account in options.account:
        arl, _, plan = account.partition(":")
        if plan not in PLANS:
            parser.error(f"no such plan: {plan}")
        deezer.gateway.accounts[arl] = plan
    run(deezer, options.port, options.port_file)


if __name__ == "__main__":
    main()
