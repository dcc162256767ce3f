"""The synthesisers of one process, each loaded when a voice of it is first needed."""

import threading
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.speech.ports import Synthesizer
from workbench.speech.voices import Voice


class Speakers:
    """Finds the synthesiser that speaks a voice. May be used from several threads.

    Parameters
    ----------
    loaders : by name of the engine what loads it; :func:`embedded_loaders` unless given
    """

    def __init__(self, loaders: Mapping[str, Callable[[], Synthesizer]] | None = None) -> None:
        self._loaders = embedded_loaders() if loaders is None else loaders
        self._loaded: dict[str, Synthesizer] = {}
        self._warm: set[str] = set()
        self._lock = threading.Lock()

    def of(self, voice: Voice) -> Synthesizer:
        """Return the engine of ``voice``; the first time it is loaded, which takes seconds.

        Raises
        ------
        ParameterError
            If no engine of that name is known.
        EngineMissing, EngineFailed
            If it is not installed, or does not start.
        """
        with self._lock:
            if voice.engine not in self._loaded:
                if voice.engine not in self._loaders:
                    known = ", ".join(self._loaders)
                    raise ParameterError(f"engine {voice.engine!r} is not known, expected one of {known}")
                self._loaded[voice.engine] = self._loaders[voice.engine]()
            return self._loaded[voice.engine]

    def warm(self, voice: Voice) -> Synthesizer:
        """Return the engine of ``voice`` after a first use, which loads the rest; raises as :meth:`of`."""
        engine = self.of(voice)
        if voice.id not in self._warm:
            for _ in engine.synthesize("One.", voice=voice.within):
                pass
            self._warm.add(voice.id)
        return engine

    def close(self) -> None:
        """End the processes of the engines that have one."""
        with self._lock:
            for engine in self._loaded.values():
                end = getattr(engine, "close", None)
                if end is not None:
                    end()
            self._loaded.clear()
            self._warm.clear()


def embedded_loaders(
    models: Path | None = None, *, threads: int = 1
) -> Mapping[str, Callable[[], Synthesizer]]:
    """Return what loads each embedded engine; ``threads`` are the cores one clause may use."""

    def kokoro() -> Synthesizer:
        from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

        return KokoroSynthesizer.load(models, threads=threads)

    def espeak() -> Synthesizer:
        from workbench.speech.synthesizers.espeak import EspeakSynthesizer

        return EspeakSynthesizer.load()

    def scripted() -> Synthesizer:
        from workbench.speech.scripted import ScriptedSynthesizer

        return ScriptedSynthesizer()

    return {"kokoro": kokoro, "espeak": espeak, "scripted": scripted}


@cache
def fingerprint(voice: Voice) -> str:
    """Return what the sound of a voice depends on besides the text: weights, data and program versions."""
    from workbench.speech.synthesizers.kokoro_model import WEIGHTS

    told = [voice.id]
    if voice.engine == "kokoro":
        style = (data_folder() / "voices" / voice.file).read_bytes()
        told += [WEIGHTS.sha256, sha256(style).hexdigest()]
    if voice.engine == "espeak":
        try:
            told.append(metadata.version("espeakng-loader"))
        except metadata.PackageNotFoundError:
            told.append("absent")
    return "/".join(told)
