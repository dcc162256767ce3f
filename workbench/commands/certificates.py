"""``workbench certificates``: a CA of one's own and short-lived certificates that it signs."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.client.trust import CERTIFICATE, KEY, TRUST
from workbench.security.certificates import (
    CA_DAYS,
    DAYS,
    DAYS_MAX,
    LOCAL_NAMES,
    Made,
    make_client_certificate,
    make_server_certificate,
)
from workbench.security.keys import key_file


def add_parser(commands: Any) -> None:
    """Add ``certificates`` to the command line."""
    local = ", ".join(LOCAL_NAMES)
    parser = commands.add_parser(
        "certificates",
        description="Make a certificate for the endpoint, signed by a CA that is made on this machine and "
        f"may vouch for its names only: {local} and those given. For development, and for networks of one's "
        "own; in public use the certificate of a public authority. Made anew, it is taken up by a running "
        "endpoint within a second, and clients go on trusting the same CA.",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help=f"folder for the files ({_folder()})")
    parser.add_argument(
        "--name", action="append", default=[], metavar="HOST", help="a further host or address, repeatable"
    )
    parser.add_argument(
        "--client", metavar="NAME", help="make a client's certificate instead, for serve --client-ca"
    )
    parser.add_argument(
        "--days",
        type=int,
        default=DAYS,
        metavar="N",
        help=f"how long it is good for ({DAYS}, at most {DAYS_MAX})",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the files, and say what to do with them."""
    folder = arguments.out or _folder()
    if arguments.client is not None:
        made = make_client_certificate(folder, arguments.client, days=arguments.days)
    else:
        made = make_server_certificate(folder, arguments.name, days=arguments.days)
    if arguments.json:
        print(json.dumps(_facts(made)))
    elif arguments.client is not None:
        _say_client(made)
    else:
        _say_server(made)
    return 0


def _say_server(made: Made) -> None:
    print(f"certificate  {made.pair.certificate}  for {', '.join(made.names)}, until {_day(made.until)}")
    print(f"key          {made.pair.key}  (only for the endpoint)")
    new = f"new, good for {CA_DAYS} days: trust it anew" if made.new_ca else "the same as before"
    print(f"CA           {made.ca}  ({new})")
    print()
    print(f"serve with it:    workbench serve --certificate {made.pair.certificate} --key {made.pair.key}")
    print(f"clients trust it: export {TRUST}={made.ca}")
    print("browsers:         import the CA as an authority for web sites, in this profile only")


def _say_client(made: Made) -> None:
    print(f"certificate  {made.pair.certificate}  until {_day(made.until)}")
    print(f"key          {made.pair.key}  (only for that client)")
    print()
    print(f"the endpoint asks for it: workbench serve ... --client-ca {made.ca}")
    print(f"the client shows it:      export {CERTIFICATE}={made.pair.certificate} {KEY}={made.pair.key}")


def _facts(made: Made) -> dict[str, object]:
    return {
        "certificate": str(made.pair.certificate),
        "key": str(made.pair.key),
        "ca": str(made.ca),
        "new_ca": made.new_ca,
        "names": made.names,
        "until": made.until,
    }


def _folder() -> Path:
    return key_file().with_name("certificates")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
