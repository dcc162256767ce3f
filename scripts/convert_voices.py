"""Convert voices of the npm package kokoro-js to the float16 arrays the project ships.

Usage: ``npm pack kokoro-js@1.2.1 && python scripts/convert_voices.py kokoro-js-1.2.1.tgz``
"""

import argparse
import hashlib
import io
import json
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "data" / "voices"
PACKAGE = "kokoro-js 1.2.1 (npm)"
PACKAGE_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
ROWS, WIDTH = 510, 256


@dataclass(frozen=True, slots=True)
class Chosen:
    """One voice worth shipping."""

    id: str
    name: str
    language: str
    gender: str
    made_for: str = ""


CHOSEN = (
    Chosen("af_heart", "Heart", "en-US", "female"),
    Chosen("af_bella", "Bella", "en-US", "female"),
    Chosen("am_michael", "Michael", "en-US", "male"),
    Chosen("am_fenrir", "Fenrir", "en-US", "male"),
    Chosen("bf_emma", "Emma", "en-GB", "female"),
    Chosen("bm_george", "George", "en-GB", "male"),
    Chosen("ef_dora", "Dora", "es-ES", "female"),
    Chosen("ff_siwis", "Siwis", "fr-FR", "female"),
    Chosen("if_sara", "Sara", "it-IT", "female"),
    Chosen("pf_dora", "Dora", "pt-BR", "female"),
    Chosen("hf_alpha", "Alpha", "hi-IN", "female"),
    Chosen("jf_alpha", "Alpha", "en-US", "female", made_for="ja-JP"),  # nothing here reads Japanese for it
)

NOTICE = """\
Voices of Kokoro-82M

The arrays in this folder are style vectors of the text-to-speech model Kokoro-82M v1.0,
Copyright hexgrad, licensed under the Apache License, Version 2.0 (see LICENSE at the head of the project).

Source: {package}, Apache-2.0, author hexgrad, contributor Xenova; file package/voices/ID.bin
sha256 of the package: {package_sha256}

Changes: each file of 510 x 256 little-endian float32 was rounded to float16 and stored as a NumPy array
(scripts/convert_voices.py). Nothing else was altered.

sha256 of original and converted file:
{table}
"""


def convert(package: Path, folder: Path) -> int:
    """Write the chosen voices, the catalogue and the notice; return the bytes written."""
    data = package.read_bytes()
    if hashlib.sha256(data).hexdigest() != PACKAGE_SHA256:
        sys.exit(f"{package} is not {PACKAGE}: its sha256 differs")
    folder.mkdir(parents=True, exist_ok=True)
    entries, lines, total = [], [], 0
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for voice in CHOSEN:
            member = archive.extractfile(f"package/voices/{voice.id}.bin")
            assert member is not None
            original = member.read()
            style = np.frombuffer(original, "<f4").reshape(ROWS, WIDTH)
            path = folder / f"{voice.id}.npy"
            np.save(path, style.astype("<f2"))
            converted = path.read_bytes()
            before, after = (hashlib.sha256(part).hexdigest() for part in (original, converted))
            total += len(converted)
            lines.append(f"{voice.id}\n  original  {before}\n  converted {after}")
            entries.append(_entry(voice, after))
    catalogue = {"source": PACKAGE, "licence": "Apache-2.0", "voices": entries}
    (folder / "voices.json").write_text(json.dumps(catalogue, indent=2) + "\n")
    notice = NOTICE.format(package=PACKAGE, package_sha256=PACKAGE_SHA256, table="\n".join(lines))
    (folder / "NOTICE").write_text(notice)
    return total


def _entry(voice: Chosen, sha256: str) -> dict[str, str]:
    other = {"made_for": voice.made_for} if voice.made_for else {}
    return {
        "id": voice.id,
        "name": voice.name,
        "engine": "kokoro",
        "language": voice.language,
        "gender": voice.gender,
        "licence": "Apache-2.0",
        "file": f"{voice.id}.npy",
        "sha256": sha256,
        **other,
    }


def main() -> None:
    """Convert the package named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="the package file made by npm pack")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    written = convert(arguments.package, arguments.folder)
    print(f"{len(CHOSEN)} voices, {written / 1e6:.1f} MB, in {arguments.folder}")


if __name__ == "__main__":
    main()
