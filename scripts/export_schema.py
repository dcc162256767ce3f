"""Write the JSON Schema of the events' wire form to ``docs/events.schema.json``.

Usage: ``python scripts/export_schema.py``. A test compares the file with what this would write.
"""

import json
from pathlib import Path

from workbench.core.wire import event_schema

TARGET = Path(__file__).resolve().parent.parent / "docs" / "events.schema.json"


def render() -> str:
    """Return the schema as text."""
    return json.dumps(event_schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET}")


if __name__ == "__main__":
    main()
