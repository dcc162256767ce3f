"""``workbench serve``: run the endpoint until interrupted."""

import argparse
import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from workbench.commands.stores import settings_options
from workbench.endpoint.logs import set_up_logs
from workbench.endpoint.production import check_production
from workbench.endpoint.settings_layers import load_settings
from workbench.security.keys import KeySource, ensure_keys


def add_parser(commands: Any) -> None:
    """Add ``serve`` to the command line."""
    parser = commands.add_parser(
        "serve",
        description="Run the endpoint until interrupted. Settings not given here come from WORKBENCH_* "
        "environment variables, then from the settings file (`workbench settings` shows all). Clients need a "
        "session token signed with the key in WORKBENCH_KEY, or in the key file of the same user, which is "
        "made at the first start; in production it has to be there.",
    )
    settings_options(parser)
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (8765; 0 chooses a free one)")
    parser.add_argument("--engines", help="embedded or scripted")
    parser.add_argument("--models", type=Path, help="folder with model weights, looked at first")
    parser.add_argument("--record", type=Path, help="folder for a sealed recording of each session")
    parser.add_argument(
        "--store", metavar="URL", help="where persistent sessions are kept (the user's own file)"
    )
    parser.add_argument("--assistants", type=Path, nargs="*", help="assistant files to offer as well")
    parser.add_argument(
        "--language",
        metavar="TAG",
        help="of sessions for which neither client, assistant nor project names one (en-US)",
    )
    parser.add_argument(
        "--calibration", type=Path, metavar="FILE", help="what confidence is worth, from workbench tune"
    )
    parser.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE",
        help="certificate in PEM, own first: wss and https only (workbench certificates makes one)",
    )
    parser.add_argument(
        "--key", dest="certificate_key", type=Path, metavar="FILE", help="the certificate's private key"
    )
    parser.add_argument(
        "--client-ca", type=Path, metavar="FILE", help="let in only clients with a certificate of these"
    )
    parser.add_argument("--managed", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--verbose", action="store_true", default=None, help="log sessions to standard error")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve; return 0 after a clean end."""
    from workbench.endpoint.server import serve

    names = (
        *("host", "port", "engines", "models", "record", "store", "assistants", "calibration"),
        *("certificate", "certificate_key", "client_ca", "language", "verbose"),
    )
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    effective = load_settings(
        file=arguments.settings, profile=arguments.profile, given=given, look=not arguments.managed
    )
    settings = effective.settings
    set_up_logs(verbose=settings.verbose)
    if settings.profile == "production":
        check_production(effective)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves neither keys nor speech on the disk
    if arguments.managed:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)  # the server raises it anew once it has shut down
    ensure_keys()
    try:
        serve(settings, KeySource().current, ready=_announce_json if arguments.managed else _announce)
    except KeyboardInterrupt:
        if not arguments.managed:
            print("stopped", file=sys.stderr)
    return 0


def _leave(*_: object) -> None:
    """End as after an error: everything that was opened is closed."""
    raise SystemExit(0)


def _announce(url: str) -> None:
    print(f"ready at {url} (Ctrl-C stops)", flush=True)


def _announce_json(url: str) -> None:
    print(json.dumps({"url": url}), flush=True)


def _end_with_parent() -> None:
    """Stop when standard input ends: the parent closed it, or is no more."""
    while os.read(0, 4096):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)
