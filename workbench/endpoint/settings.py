"""What an endpoint may be told: environment variables ``WORKBENCH_*`` or arguments of ``workbench serve``."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EndpointSettings(BaseSettings):
    """Times in seconds."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8765, ge=0, le=65_535)
    """0 lets the system choose; the ready line says which."""
    engines: Literal["embedded", "scripted"] = "embedded"
    script: tuple[str, ...] = ()
    """What the scripted recogniser hears, utterance by utterance."""
    models: Path | None = None
    """Folder with model weights, looked at first."""
    assistants: tuple[Path, ...] = ()
    """Assistant files offered besides the shipped ones, by the name each gives itself."""
    record: Path | None = None
    """Folder that receives one folder a session; nothing is kept when unset."""
    max_sessions: int = Field(default=16, ge=1)
    """Further sessions are refused with close code 4429."""
    open_timeout: float = Field(default=10.0, gt=0)
    """How long a client may take to send ``open``."""
    message_timeout: float = Field(default=30.0, gt=0)
    """How long a client may send nothing at all."""
    silence_timeout: float = Field(default=300.0, gt=0)
    """How long a session may go on without speech on either side."""
    session_max: float = Field(default=3600.0, gt=0)
    """Longest session."""
    bad_messages_max: int = Field(default=20, ge=0)
    """Malformed messages answered with an error event before the session is closed with 4400."""
    outbox_max: int = Field(default=4000, ge=10)
    """Messages waiting for a slow reader before the session is closed with 4411."""
    partial_every: float = Field(default=0.4, gt=0)
    """Seconds of new speech between partial transcripts."""
    send_ahead: float = Field(default=1.0, gt=0)
    """How much reply audio is sent before it is due: what a client must be able to buffer."""
