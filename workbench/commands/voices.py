"""``workbench voices``: which voice speaks a language, what stands in for it, and why."""

import argparse
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from workbench.core.languages import primary
from workbench.errors import SsmlError
from workbench.speech.synthesizers.foreign_phonemes import LANGUAGES as FOREIGN, ForeignPhonemes
from workbench.speech.voice_choice import ENGINES, ESPEAK_TAGS, Choice, chain, installed, instead_of
from workbench.speech.voices import Voice, voices

NAMES = {
    "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese", "hi": "Hindi",
    "de": "German", "nl": "Dutch", "pl": "Polish", "ru": "Russian", "tr": "Turkish", "ro": "Romanian",
    "cs": "Czech", "sv": "Swedish", "uk": "Ukrainian", "el": "Greek", "fi": "Finnish", "hu": "Hungarian",
}  # fmt: skip
"""Languages that a natural voice speaks, by itself or with an accent."""


def add_parser(commands: Any) -> None:
    """Add ``voices`` to the command line."""
    parser = commands.add_parser(
        "voices",
        help="which voice speaks a language, and what stands in for it",
        description="Without a language: who speaks each, and the voices that stand in, in their order. "
        "With one: every voice that may speak it, with the reason. What was measured of them is in "
        "docs/voices.md; workbench compare measures them here.",
    )
    parser.add_argument("language", nargs="*", metavar="LANGUAGE", help="a tag such as pl or es-MX")
    parser.add_argument("--all", action="store_true", help="also the languages that only espeak-ng speaks")
    parser.add_argument(
        "--any-engine", action="store_true", help="as if every engine were installed (those that are)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object instead")
    form.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    engines = tuple(ENGINES) if arguments.any_engine else installed()
    asked = tuple(dict.fromkeys(arguments.language))
    languages = asked or (*NAMES, *(_others() if arguments.all else ()))
    found = {language: chain(language, engines=engines) for language in languages}
    if not arguments.any_engine:
        found = dict(_pronounced(found))
    if arguments.json:
        print(json.dumps({language: [_told(one) for one in chosen] for language, chosen in found.items()}))
    elif asked:
        for language, chosen in found.items():
            _print_reasons(language, chosen, engines)
    elif arguments.markdown:
        print("\n".join(_markdown(found)))
    else:
        _print_table(found)
    if not arguments.json and not arguments.markdown and "espeak" not in engines:
        print(
            "espeak-ng is not installed: the espeak extra brings its voices, and more languages for Kokoro's"
        )
    return 0


def _pronounced(found: Mapping[str, tuple[Choice, ...]]) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    """Yield the choices without natural voices of languages that nothing installed pronounces for them."""
    teller = ForeignPhonemes()
    try:
        for language, chosen in found.items():
            yield language, tuple(one for one in chosen if _is_pronounced(one, language, teller))
    finally:
        teller.close()


def _is_pronounced(choice: Choice, language: str, teller: ForeignPhonemes) -> bool:
    code = primary(language)
    if choice.voice.engine != "kokoro" or code not in FOREIGN or choice.reason.startswith("nothing else"):
        return True
    try:
        teller.check(code)
    except SsmlError:
        return False
    return True


def _others() -> Iterator[str]:
    """Yield the languages that only espeak-ng speaks."""
    seen = dict.fromkeys(tag.split("-")[0] for tag in ESPEAK_TAGS)
    return (tag for tag in seen if tag not in NAMES)


def _names(chosen: Sequence[Voice]) -> str:
    return ", ".join(voice.id for voice in chosen)


def _row(language: str, chosen: Sequence[Choice]) -> tuple[str, str, str, str]:
    first, *rest = chosen
    return language, NAMES.get(language, ""), _first(first), _names([one.voice for one in rest]) or "–"


def _first(choice: Choice) -> str:
    accent = ", with an accent" if choice.reason.endswith("with an accent") else ""
    return f"{choice.voice.id}{accent}"


def _print_table(found: dict[str, tuple[Choice, ...]]) -> None:
    table = Table("tag", "language", "spoken by", "then, in this order", box=None)
    for language, chosen in found.items():
        table.add_row(*_row(language, chosen))
    Console(width=max(Console().width, 110)).print(table)
    print("workbench voices TAG says why")


def _markdown(found: dict[str, tuple[Choice, ...]]) -> Iterator[str]:
    yield "| tag | language | spoken by | then, in this order |"
    yield "|---|---|---|---|"
    for language, chosen in found.items():
        yield f"| {' | '.join(_row(language, chosen))} |"


def _print_reasons(language: str, chosen: Sequence[Choice], engines: Collection[str]) -> None:
    print(f"{language}:")
    width = max(len(one.voice.id) for one in chosen)
    for place, one in enumerate(chosen, start=1):
        print(f"  {place}. {one.voice.id:{width}}  {one.reason}")
    for voice in voices():
        if primary(voice.made_for) == primary(language):
            print(f"  –  {voice.id:{width}}  {instead_of(voice, engines)}")


def _told(choice: Choice) -> dict[str, str]:
    voice = choice.voice
    return {
        "voice": voice.id,
        "engine": voice.engine,
        "language": voice.language,
        "gender": voice.gender,
        "licence": voice.licence,
        "reason": choice.reason,
    }
