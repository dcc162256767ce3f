"""One ES module out of several: a page loads a widget's code from a blob, where relative imports fail.

The modules in ``static`` are written to be imported as they are (by node's tests, by a page that is served
the folder). Of plain JavaScript they use a part that is joined without parsing the language:

- imports stand at the start of a line: ``import { a, b } from "./x.js";``, no ``as``, no defaults
- what a module exports is declared so: ``export function``, ``export class``, ``export const``
- only the entry may have ``export default`` or ``export { ... }``; names at its top are kept as they are
- names at the top of all modules of a bundle differ
- a program of a worker or a worklet is named ``new URL("./x.js", import.meta.url)``; in a bundle that becomes
  the address of a blob with ``bundle("x.js")`` in it
"""

import json
import re
from functools import cache
from importlib.resources import files

from workbench.errors import ParameterError

_NAME = re.compile(r"[a-z][a-z0-9_]*\.(js|css)")
_IMPORT = re.compile(r'^import\s+(?:\{([^}]*)\}\s*from\s*)?"\./([^"]+)";[ \t]*\n', re.MULTILINE)
_OTHER_IMPORT = re.compile(r"^(?:import\b(?!\.meta)|export\b[^\n]*\bfrom\b).*$", re.MULTILINE)
_DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let|var)\s+([A-Za-z_$][\w$]*|[{\[])", re.MULTILINE
)
_EXPORTED = re.compile(
    r"^export (?=(?:async )?(?:function\*?|class|const|let)\s+([A-Za-z_$][\w$]*))", re.MULTILINE
)
_ENTRY_ONLY = re.compile(r"^export (?:default\b|\{)", re.MULTILINE)
_PROGRAM = re.compile(r'new URL\("\./([^"]+)", import\.meta\.url\)')


def source(name: str) -> str:
    """Return the text of ``static/<name>``; raises ParameterError if there is none."""
    resource = files("workbench.widgets") / "static" / name
    if not _NAME.fullmatch(name) or not resource.is_file():
        raise ParameterError(f"no {name!r} among the files of the widgets, expected a .js or .css there")
    return resource.read_text(encoding="utf-8")


@cache
def bundle(entry: str) -> str:
    """Return ``static/<entry>`` and all it imports as one ES module; each module once, the imported first.

    Raises
    ------
    ParameterError
        If a module is missing, imports in a circle or in another form, imports what is not exported, or a
        name stands at the top of two modules; names both files.
    """
    modules: dict[str, str] = {}
    _collect(entry, modules, ())
    _check_names(modules)
    return "\n".join(f"// --- {name}\n{_joined(name, modules[name], entry)}" for name in modules)


def _collect(name: str, modules: dict[str, str], above: tuple[str, ...]) -> None:
    """Put ``name`` into ``modules`` after what it imports."""
    if name in modules:
        return
    if name in above:
        raise ParameterError(f"{above[-1]} imports {name}, which imports it: a circle can't be bundled")
    text = source(name)
    for names, imported in _IMPORT.findall(text):
        _collect(imported, modules, (*above, name))
        exported = set(_EXPORTED.findall(modules[imported]))
        for wanted in filter(None, (one.strip() for one in names.split(","))):
            if wanted not in exported:
                raise ParameterError(f"{name} imports {wanted!r} from {imported}, which does not export it")
    modules[name] = text


def _check_names(modules: dict[str, str]) -> None:
    owners: dict[str, str] = {}
    for name, text in modules.items():
        for declared in _DECLARED.findall(text):
            if declared in "{[":
                raise ParameterError(f"{name} takes a value apart at its top, where a bundle needs a name")
            if declared in owners:
                raise ParameterError(
                    f"{declared!r} stands at the top of both {owners[declared]} and {name}, expected names "
                    "that differ over a bundle"
                )
            owners[declared] = name


def _joined(name: str, text: str, entry: str) -> str:
    text = _IMPORT.sub("", text)
    other = _OTHER_IMPORT.search(text)
    if other:
        raise ParameterError(
            f'{name}: {other[0]!r} can\'t be bundled, expected import {{ a }} from "./x.js";'
        )
    if name != entry:
        forbidden = _ENTRY_ONLY.search(text)
        if forbidden:
            raise ParameterError(f"{name} has {forbidden[0]!r}, which only the entry of a bundle may have")
        text = _EXPORTED.sub("", text)
    return _PROGRAM.sub(_program, text)


def _program(match: re.Match[str]) -> str:
    """Return an expression for the address of a program; ``.href`` of it is the address, as of a URL."""
    text = json.dumps(bundle(match[1])).replace("</", "<\\/")
    return f'{{ href: URL.createObjectURL(new Blob([{text}], {{ type: "text/javascript" }})) }}'
