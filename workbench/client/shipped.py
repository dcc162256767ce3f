"""The shipped callers: recordings of what somebody says to an assistant, turn by turn."""

import json
from pathlib import Path

from workbench.audio.files import load_audio
from workbench.client.settings import SessionSettings
from workbench.core.audio import Samples
from workbench.data import data_folder
from workbench.errors import ParameterError


def shipped_caller(assistant: str) -> list[Path]:
    """Return the files of a caller of ``assistant``; raises ParameterError if none is shipped."""
    folder = data_folder() / "callers"
    index = json.loads((folder / "callers.json").read_text(encoding="utf-8"))
    if assistant not in index:
        known = ", ".join(index)
        raise ParameterError(
            f"no caller is shipped for {assistant}, only for {known}; a demo takes recordings with --audio"
        )
    return [folder / entry["file"] for entry in index[assistant]]


def shipped_voice(assistant: str, settings: SessionSettings | None = None) -> list[Samples]:
    """Return what a caller of ``assistant`` says, at the input rate; raises as :func:`shipped_caller`."""
    rate = (settings or SessionSettings()).input.rate
    return [load_audio(file, rate=rate) for file in shipped_caller(assistant)]
