"""Another engine in an engine's place: the voice asked for becomes the closest it has."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workbench.core.languages import primary
from workbench.errors import ParameterError
from workbench.speech.ports import Clause, Synthesizer, SynthesizerCapabilities
from workbench.speech.voice_choice import chain
from workbench.speech.voices import named


@dataclass(slots=True)
class StandIn:
    """Speaks whatever voice is asked for with the closest voice of ``engine``.

    Behind a :class:`~workbench.speech.synthesizers.preferring.PreferringSynthesizer` it goes on in the middle
    of a reply when the preferred engine fails. It is loaded when first needed.

    Parameters
    ----------
    engine : its name in the catalogue
    load : loads it
    capabilities : what is promised in its place: of both engines what both do
    """

    engine: str
    load: Callable[[], Synthesizer]
    capabilities: SynthesizerCapabilities
    _loaded: Synthesizer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the clauses, see the port.

        Raises
        ------
        ParameterError
            If the voice is not known, or nothing here speaks its language.
        """
        wanted = named(voice)
        found = chain(wanted.language, gender=wanted.gender, engines=[self.engine])
        if primary(found[0].voice.language) != primary(wanted.language):
            raise ParameterError(f"{self.engine} has no voice in place of {voice} for {wanted.language}")
        return self._engine().synthesize(ssml, voice=found[0].voice.within)

    def close(self) -> None:
        """End the engine, if it was loaded and has a process."""
        with self._lock:
            end = getattr(self._loaded, "close", None)
            self._loaded = None
            if end is not None:
                end()

    def _engine(self) -> Synthesizer:
        with self._lock:
            if self._loaded is None:
                self._loaded = self.load()
            return self._loaded
