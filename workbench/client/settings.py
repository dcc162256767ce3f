"""How a caller's program wants its session to be."""

from dataclasses import dataclass, field

from workbench.client.resume import ResumeSettings
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.consent import Consent
from workbench.core.languages import is_tag
from workbench.errors import ParameterError
from workbench.protocol.native import FormatWish, Open, SessionWish

CLOSING_MAX = 600.0
"""Most seconds that a block may wait at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """How a session shall be."""

    input: AudioFormat = AudioFormat()
    output: AudioFormat = AudioFormat(Encoding.PCM16, 24_000)
    early_synthesis: bool = True
    """Whether anything is prepared before the caller's turn has ended."""
    greet: bool = False
    """Whether the assistant speaks first."""
    persistent: bool = False
    """Whether the endpoint stores the session as it goes, so that it outlives the endpoint's process."""
    consent: Consent | None = None
    """What may be stored of it; None leaves that to the token, the assistant and the endpoint."""
    language: str | None = None
    """BCP 47 tag of what the caller speaks; None leaves that to the assistant, the project, the endpoint."""
    resume: ResumeSettings = field(default_factory=ResumeSettings)
    """How patiently to come back after a lost connection."""
    closing: float = 3.0
    """Seconds that the end of the block waits, at most, for the session's last events."""

    def __post_init__(self) -> None:
        if self.language is not None and not (isinstance(self.language, str) and is_tag(self.language)):
            raise ParameterError(f"language is {str(self.language)[:64]!r}, expected a tag such as en-GB")
        if not 0 < self.closing <= CLOSING_MAX:
            raise ParameterError(
                f"closing is {self.closing} s, expected more than 0 and up to {CLOSING_MAX:g}"
            )

    def wish(self, assistant: str) -> Open:
        """Return the message that opens such a session with ``assistant``."""
        return Open(
            assistant=assistant,
            input=_wish(self.input),
            output=_wish(self.output),
            settings=SessionWish(
                early_synthesis=self.early_synthesis,
                greet=self.greet,
                persistent=self.persistent,
                consent=self.consent,
                language=self.language,
            ),
        )


def _wish(audio_format: AudioFormat) -> FormatWish:
    return FormatWish(
        encoding=audio_format.encoding.value,
        rate=audio_format.rate,
        bitrate=audio_format.bitrate,
        fec=audio_format.fec,
    )
