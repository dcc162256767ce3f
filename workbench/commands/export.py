"""``workbench export FOLDER --format NAME``: a recorded session in a form that other programs read."""

import argparse
import sys
from pathlib import Path
from typing import Any

from workbench.analysis.export import FORMS, write_text
from workbench.analysis.export_page import render_page
from workbench.errors import ParameterError
from workbench.privacy.recordings import mask_recording
from workbench.store.folders import is_sealed
from workbench.store.recording import load_recording
from workbench.widgets.esm import bundle, source

PAGE = "html"
PAGE_FILE = "timeline.html"


def add_parser(commands: Any) -> None:
    """Add ``export`` to the command line."""
    forms = ", ".join(f"{name} ({form.what})" for name, form in FORMS.items())
    parser = commands.add_parser(
        "export",
        description="Write a recorded session in a form that other programs read. Forms: "
        f"{forms}, {PAGE} (the timeline as a page that needs nothing else). "
        "Personal data is masked, and silenced in sound, unless --unmasked.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a session folder, as demo writes it")
    parser.add_argument(
        "--format", required=True, choices=(*FORMS, PAGE), metavar="NAME", help="which form, see above"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to; - for standard output (in the folder)"
    )
    parser.add_argument("--sound", action="store_true", help=f"put both tracks into the {PAGE} page")
    parser.add_argument(
        "--unmasked",
        action="store_true",
        help="leave names, numbers and other personal data as they were said",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the export and return 0."""
    if arguments.sound and arguments.format != PAGE:
        raise ParameterError(f"--sound goes into a page, expected --format {PAGE}")
    recording = load_recording(arguments.folder)
    if not arguments.unmasked:
        recording = mask_recording(recording)
    note = ""
    if arguments.format == PAGE:
        page = render_page(
            recording, script=bundle("timeline_page.js"), style=source("timeline.css"), sound=arguments.sound
        )
        text, file = page.text, PAGE_FILE
        note = f", {_size(page.sound)} of it sound" if page.sound else ", without sound"
    else:
        form = FORMS[arguments.format]
        text, file = form.render(recording), form.file
    if str(arguments.output) == "-":
        sys.stdout.write(text)
        return 0
    if arguments.output is None and is_sealed(arguments.folder):
        problem = "is sealed, and what is exported can be read by anybody"
        raise ParameterError(f"{arguments.folder}: {problem}: say where to with --output")
    path = write_text(arguments.output or arguments.folder / file, text)
    print(f"{path}: {_size(len(text.encode()))}{note}")
    return 0


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e3:.1f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"
