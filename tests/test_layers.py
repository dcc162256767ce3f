"""Who may import whom, as ``pyproject.toml`` says."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = (
    "import sys; from importlinter.cli import lint_imports as run; sys.exit(run(sys.argv[1], no_cache=True))"
)


def lint(settings: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, str(settings)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_imports_point_down_only() -> None:
    """A decider would come to depend on the network, or two layers on each other."""
    done = lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("rule", "turned"),
    [
        ('  "core",\n  "data | errors",', '  "data | errors",\n  "core",'),
        ('  "workbench.audio",\n', '  "workbench.aio",\n'),
    ],
)
def test_a_broken_rule_is_noticed(rule: str, turned: str, tmp_path: Path) -> None:
    """The check above would pass whatever is imported."""
    plain = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert plain.count(rule) == 1
    (tmp_path / "pyproject.toml").write_text(plain.replace(rule, turned), encoding="utf-8")
    done = lint(tmp_path / "pyproject.toml")
    assert done.returncode == 1
    assert "1 broken" in done.stdout
