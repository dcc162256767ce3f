"""Modules joined into one."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from patience import PATIENCE

from workbench.errors import ParameterError
from workbench.widgets import esm

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return a function that writes the modules a bundle is made of."""
    static = tmp_path / "static"
    static.mkdir()
    monkeypatch.setattr(esm, "files", lambda package: tmp_path)
    esm.bundle.cache_clear()

    def put(**modules: str) -> None:
        for name, text in modules.items():
            (static / f"{name}.js").write_text(text)

    return put


def evaluated(text: str, folder: Path) -> str:
    """Return what a module prints."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    file = folder / "bundle.mjs"
    file.write_text(text)
    return subprocess.run([node, file], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


def test_what_is_imported_comes_first_and_once(write: Write, tmp_path: Path) -> None:
    """A page would run a module before what it needs, or keep its state twice."""
    write(
        a='import { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\nconsole.log(b() + c);\n',
        b='import { c } from "./c.js";\nexport function b() {\n  return c + 1;\n}\n',
        c='console.log("once");\nexport const c = 1;\n',
    )
    assert evaluated(esm.bundle("a.js"), tmp_path) == "once\n3\n"


def test_the_entry_keeps_its_exports(write: Write) -> None:
    """A widget without its default export shows nothing."""
    write(a='import { b } from "./b.js";\nexport default { render: b };\n', b="export function b() {}\n")
    text = esm.bundle("a.js")
    assert "export default { render: b };" in text
    assert "export function b" not in text


def test_a_program_travels_within(write: Write, tmp_path: Path) -> None:
    """A worker has no file to be loaded from when the page came from a blob."""
    write(
        a='const url = new URL("./w.js", import.meta.url).href;\n'
        "console.log(await (await fetch(url)).text());\n",
        w='import { b } from "./b.js";\npostMessage(b);\n',
        b='export const b = "</script>";\n',
    )
    printed = evaluated(esm.bundle("a.js"), tmp_path)
    assert 'const b = "</script>";' in printed
    assert "postMessage(b);" in printed
    assert "</script>" not in esm.bundle("a.js")


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        (
            {"a": 'import { b } from "./b.js";\nconst x = 1;\n', "b": "export const b = 1;\nlet x = 2;\n"},
            "'x' stands at the top of both b.js and a.js, expected names that differ over a bundle",
        ),
        (
            {"a": 'import { b } from "./b.js";\n', "b": "function b() {}\n"},
            "a.js imports 'b' from b.js, which does not export it",
        ),
        (
            {"a": 'import { b } from "./b.js";\n', "b": 'import "./a.js";\nexport const b = 1;\n'},
            "b.js imports a.js, which imports it: a circle can't be bundled",
        ),
        (
            {"a": 'import { b } from "./b.js";\n', "b": "const b = 1;\nexport { b };\n"},
            "a.js imports 'b' from b.js, which does not export it",
        ),
        (
            {"a": 'import "./b.js";\n', "b": "export default 1;\n"},
            "b.js has 'export default', which only the entry of a bundle may have",
        ),
        (
            {"a": 'import b from "./b.js";\n'},
            'a.js: \'import b from "./b.js";\' can\'t be bundled, expected import { a } from "./x.js";',
        ),
        ({"a": "const { b } = x;\n"}, "a.js takes a value apart at its top, where a bundle needs a name"),
        ({"a": 'import "./gone.js";\n'}, "no 'gone.js' among the files of the widgets"),
        ({"a": 'import "./../a.js";\n'}, "no '../a.js' among the files of the widgets"),
    ],
)
def test_what_can_not_be_joined_is_said(modules: dict[str, str], said: str, write: Write) -> None:
    """The page would stay empty, with an error only its console shows."""
    write(**modules)
    with pytest.raises(ParameterError, match=re.escape(said)):
        esm.bundle("a.js")
