"""Assistants by name or file, checked, with errors that name file, line and key."""

import difflib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.facts import ANSWER, CALLER_FACTS
from workbench.conversation.prompts import placeholders, render
from workbench.conversation.templates import TemplateProblem, check_templates
from workbench.data import data_folder
from workbench.errors import AssistantError, ParameterError, SsmlError, system_reason
from workbench.ssml.parse import parse

__all__ = ["Assistant", "load_assistant", "shipped_assistants"]

Path_ = tuple[str | int, ...]


def shipped_assistants() -> tuple[str, ...]:
    """Return the names that :func:`load_assistant` knows without a path."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


def load_assistant(name_or_path: str | Path) -> Assistant:
    """Return the assistant of that shipped name, or of that file.

    Raises
    ------
    ParameterError
        If it is neither a shipped name nor an existing file.
    AssistantError
        If the file is not a valid assistant; names file, line and key.
    """
    path = _find(name_or_path)
    content, lines = _merged(path)
    try:
        assistant = Assistant.model_validate(content)
    except ValidationError as problem:
        raise _explained(path, lines, content, problem) from None
    _check_references(path, lines, assistant)
    if assistant.calibration is None:
        return assistant
    return assistant.model_copy(update={"calibration": _beside(assistant.calibration, lines)})


def save_with_voice(name_or_path: str | Path, voice: str, path: Path) -> None:
    """Write an assistant to a file, as it is but for its voice; raises as :func:`load_assistant`."""
    calibration = load_assistant(name_or_path).calibration
    content, _ = _merged(_find(name_or_path))
    beside = {} if calibration is None else {"calibration": str(calibration.resolve())}
    path.write_text(json.dumps({**content, "voice": voice, **beside}), encoding="utf-8")  # which is YAML


def _beside(named: Path, lines: "_Lines") -> Path:
    """Return the file that one of the assistant's files names, relative to that."""
    file, line = lines.find(("calibration",))
    path = Path(file).parent / named
    if not path.is_file():
        raise AssistantError(file, line, "calibration", f"names {path}, which does not exist")
    return path


def _folder() -> Path:
    return data_folder() / "assistants"


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        if not path.is_file():
            raise ParameterError(f"assistant file {path} does not exist")
        return path
    shipped = _folder() / f"{name_or_path}.yaml"
    if not shipped.is_file():
        raise ParameterError(
            f"there is no assistant {str(name_or_path)!r}, "
            f"expected one of {', '.join(shipped_assistants())}, or a .yaml file"
        )
    return shipped


def _read(path: Path) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise AssistantError(str(path), None, "", f"is no UTF-8 at byte {problem.start + 1}") from problem
    except OSError as problem:
        told = system_reason(problem)
        raise AssistantError(str(path), None, "", f"can't be read: {told}") from problem
    try:
        content = YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise AssistantError(
            str(path), line, "", f"is not YAML: {problem.problem or 'bad syntax'}"
        ) from problem
    except YAMLError as problem:
        raise AssistantError(str(path), None, "", "is not YAML") from problem
    if not isinstance(content, dict):
        raise AssistantError(
            str(path), 1, "", "expected a mapping with name, voice, greeting, intents, prompts"
        )
    return content


class _Lines:
    """Where each key stands: file and line, whichever of the merged files it came from."""

    def __init__(self, sources: list[tuple[Path, Any]]) -> None:
        self._sources = sources

    def find(self, keys: Path_) -> tuple[str, int | None]:
        """Return file and line (from 1) of the deepest part of ``keys`` that exists."""
        best: tuple[int, str, int | None] = (-1, str(self._sources[0][0]), None)
        for path, content in self._sources:
            depth, line = self._walk(content, keys)
            if depth > best[0]:
                best = (depth, str(path), line)
        return best[1], best[2]

    @staticmethod
    def _walk(content: Any, keys: Path_) -> tuple[int, int | None]:
        depth, line, node = 0, 1, content
        for key in keys:
            places = getattr(getattr(node, "lc", None), "data", None) or {}
            if key not in places:
                break
            line = places[key][0] + 1
            node = node[key]
            depth += 1
        return depth, line


def _merged(path: Path) -> tuple[dict[str, Any], _Lines]:
    """Return the file's content over that of the file it extends, and where the lines are."""
    content = _read(path)
    sources = [(path, content)]
    base = content.get("extends")
    merged = {key: value for key, value in content.items() if key != "extends"}
    if base is not None:
        base_path = _folder() / "shared" / f"{base}.yaml"
        beside = path.parent / f"{base}.yaml"
        if beside.is_file() and beside != path:
            base_path = beside
        if not base_path.is_file():
            known = ", ".join(sorted(found.stem for found in base_path.parent.glob("*.yaml"))) or "none"
            line = _Lines(sources).find(("extends",))[1]
            raise AssistantError(str(path), line, "extends", f"is {base!r}, expected one of {known}")
        below = _read(base_path)
        sources.append((base_path, below))
        merged = _over(below, merged)
    return merged, _Lines(sources)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both mappings as one: mappings merge key by key, anything else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


@lru_cache(maxsize=1)
def _known_keys() -> dict[str, tuple[str, ...]]:
    schema = Assistant.model_json_schema()
    models = {"Assistant": schema, **schema["$defs"]}
    return {name: tuple(model.get("properties", ())) for name, model in models.items()}


def _explained(path: Path, lines: _Lines, content: Any, problem: ValidationError) -> AssistantError:
    """Return the first thing pydantic found, as one sentence at a line."""
    found = sorted(problem.errors(), key=lambda error: error["type"] != "extra_forbidden")[0]
    keys = tuple(key for key in found["loc"])
    file, line = lines.find(keys)
    dotted = ".".join(str(key) for key in keys)
    kind = found["type"]
    if kind == "missing":
        text = f"is missing{' from the file' if len(keys) == 1 else ''}"
    elif kind == "extra_forbidden":
        text = "is not a known key" + _suggestion(str(keys[-1]), _siblings(keys))
    elif kind == "value_error":
        text = str(found["ctx"]["error"])
    else:
        text = found["msg"][:1].lower() + found["msg"][1:]
    return AssistantError(file or str(path), line, dotted, text)


def _siblings(keys: Path_) -> Iterable[str]:
    known = _known_keys()
    if len(keys) == 1:
        return (*known["Assistant"], "extends")
    by_section = {
        "slots": "Slot", "intents": "Intent", "prompts": "Prompts", "early": "Early",
        "endpointing": "Endpointing", "certainty": "Certainty", "lead": "Lead", "style": "Style",
    }  # fmt: skip
    return known.get(by_section.get(str(keys[0]), ""), ())


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else f", expected one of {', '.join(known)}"


def _check_references(path: Path, lines: _Lines, assistant: Assistant) -> None:
    """Raise AssistantError for the first slot or template that can't be used."""
    for name in assistant.slots:
        if name in (*CALLER_FACTS, ANSWER):
            problem = "is the name of a fact, choose another for the slot"
            raise AssistantError(*lines.find(("slots", name)), f"slots.{name}", problem)
    for keys, slot, known in (*_slots_used(assistant), *_placeholders_used(assistant)):
        if slot not in known:
            problem = f"{slot!r} is not a slot" + _suggestion(slot, known)
            raise AssistantError(*lines.find(keys), ".".join(map(str, keys)), problem)
    _check_ssml(lines, assistant)
    for name, intent in assistant.intents.items():
        for slot in intent.required:
            if not assistant.slots[slot].ask:
                keys = ("slots", slot, "ask")
                raise AssistantError(
                    *lines.find(keys), ".".join(keys), f"is missing, {name} requires the slot"
                )
    try:
        check_templates(assistant)
    except TemplateProblem as problem:
        raise AssistantError(
            *lines.find(problem.keys), ".".join(map(str, problem.keys)), problem.problem
        ) from None


def _check_ssml(lines: _Lines, assistant: Assistant) -> None:
    """Raise AssistantError for the first prompt that is no SSML with all its parts, some value in each."""
    for keys, prompt in _prompts(assistant):
        said = render(prompt, dict.fromkeys(placeholders(prompt), "one"))
        try:
            parse(said.ssml)
        except SsmlError as error:
            dotted = ".".join(map(str, keys))
            raise AssistantError(*lines.find(keys), dotted, f"is no SSML: {error.problem}") from None


def _slots_used(assistant: Assistant) -> Iterator[tuple[Path_, str, Collection[str]]]:
    """Yield the slots that intents name, where, and which there are."""
    for name, intent in assistant.intents.items():
        for key in ("required", "optional"):
            for place, slot in enumerate(getattr(intent, key)):
                yield ("intents", name, key, place), slot, assistant.slots


def _placeholders_used(assistant: Assistant) -> Iterator[tuple[Path_, str, Collection[str]]]:
    """Yield what prompts mention, where, and what they may: slots, facts, and the answer of a lookup."""
    known = (*assistant.slots, *CALLER_FACTS)
    for keys, prompt in _prompts(assistant):
        looked_up = keys[0] == "intents" and keys[2] == "reply" and assistant.intents[str(keys[1])].lookup
        for slot in placeholders(prompt):
            yield keys, slot, (*known, ANSWER) if looked_up else known


def _prompts(assistant: Assistant) -> Iterator[tuple[Path_, str]]:
    """Yield every prompt and where it stands."""
    yield ("greeting",), assistant.greeting
    for name, intent in assistant.intents.items():
        for key in ("reply", "changed", "pending", "nothing_found"):
            for place, prompt in enumerate(getattr(intent, key)):
                yield ("intents", name, key, place), prompt
    for name, slot in assistant.slots.items():
        for key in ("ask", "confirm"):
            for place, prompt in enumerate(getattr(slot, key)):
                yield ("slots", name, key, place), prompt
    for key, texts in assistant.prompts:
        for place, prompt in enumerate(texts):
            yield ("prompts", key, place), prompt
