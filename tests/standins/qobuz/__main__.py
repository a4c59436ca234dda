"""python3 -m tests.standins.qobuz: one stand-in Qobuz on the loopback."""
from __future__ import annotations

from .files import PLANS
from .server import Qobuz
from ..stand import arguments, run


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--app", default="100000000", help="the id of the one app there is")
    parser.add_argument("--secret", default="", help="by which its questions for songs are signed")
    parser.add_argument("--account", action="append", default=[], metavar="TOKEN:PLAN",
                        help=f"an account with one of {', '.join(PLANS)}")
    options = parser.parse_args()
    qobuz = Qobuz(options.app, options.secret)
    for account in options.account:
        token, _, plan = account.partition(":")
        if plan not in PLANS:
            parser.error(f"no such plan: {plan}")
        qobuz.accounts[token] = plan
    run(qobuz, options.port, options.port_file)


if __name__ == "__main__":
    main()
