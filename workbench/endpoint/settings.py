"""What an endpoint may be told: in the settings file, by ``WORKBENCH_*`` or to ``workbench serve``."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from workbench.core.consent import Consent
from workbench.core.languages import checked_tag

Profile: TypeAlias = Literal["development", "staging", "production"]


class EndpointSettings(BaseSettings):
    """Times in seconds."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", frozen=True, extra="ignore")

    profile: Profile = "development"
    """What the endpoint is for: in production it refuses to start with settings that are not safe."""
    host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on: of this computer alone, unless another is given."""
    port: int = Field(default=8765, ge=0, le=65_535)
    """0 lets the system choose; the ready line says which."""
    path_prefix: str = Field(default="", pattern="^[A-Za-z0-9_-]{0,64}$", repr=False)
    """First part of every path; a random one keeps pages that try the ports of loopback from finding it."""
    certificate: Path | None = None
    """The server's certificate in PEM, with those up to its authority; with it only TLS is spoken."""
    certificate_key: Path | None = None
    """Its private key in PEM, without a passphrase, readable by nobody else."""
    client_ca: Path | None = None
    """Authorities in PEM of which every client has to show a certificate."""
    trust: Path | None = None
    """Authorities in PEM that other servers' certificates are checked against, in place of the system's."""
    engines: Literal["embedded", "scripted"] = "embedded"
    script: tuple[str, ...] = ()
    """What the scripted recogniser hears, utterance by utterance."""
    models: Path | None = None
    """Folder with model weights, looked at first."""
    assistants: tuple[Path, ...] = ()
    """Assistant files offered besides the shipped ones, by the name each gives itself."""
    language: Annotated[str, AfterValidator(checked_tag)] = "en-US"
    """Language of sessions for which neither the client nor the assistant nor the project names one."""
    calibration: Path | None = None
    """What the engines' confidence is worth, as ``workbench tune --calibration`` writes it."""
    knowledge: Path | None = None
    """Folder with Markdown files that questions are answered from, in place of the shipped one."""
    customers: Path | None = None
    """Customer book, .csv or .db, in place of the shipped one."""
    lookup_timeout: float = Field(default=2.0, gt=0)
    """How long an answer that is looked up is of use."""
    record: Path | None = None
    """Folder that receives one folder a session; nothing is kept when unset."""
    store: str | None = None
    """URL of the store of persistent sessions, SQLite or PostgreSQL; unset, a file of the user's own."""
    audit_archive: Path | None = None
    """Folder for old parts of the audit trail; unset, beside the file of an SQLite store, else none."""
    audit_note: Path | None = None
    """File that notes the end of the audit trail outside the store; unset, beside the user's key file."""
    mask: bool = True
    """Whether personal data in what is stored of ended sessions is masked, unless a project says."""
    mask_vault: bool = True
    """Whether what leads back from the tokens in a masked session is kept, under a key of its own."""
    consent: Consent = Consent.FULL
    """What may be stored of a session if neither token, client, assistant nor project says."""
    retention_days: float = Field(default=30.0, gt=0, le=36_500)
    """Days for which sessions, and recordings of them, are kept in the store after their end."""
    recordings_days: float | None = Field(default=None, gt=0, le=36_500)
    """Days for which recordings of sessions that are not in the store are kept; unset, for ever."""
    max_sessions: int = Field(default=16, ge=1)
    """Further sessions are refused with close code 4429."""
    open_timeout: float = Field(default=10.0, gt=0)
    """How long a client may take to send ``open``."""
    message_timeout: float = Field(default=30.0, gt=0)
    """How long a client may send nothing at all."""
    silence_timeout: float = Field(default=300.0, gt=0)
    """How long a session may go on without speech on either side."""
    hold: float = Field(default=120.0, gt=0)
    """How long a session waits for a client that lost its connection or was suspended."""
    resumable: float = Field(default=86_400.0, gt=0)
    """How long a stored session that no endpoint has can be resumed; then it has ended, and is masked."""
    session_max: float = Field(default=3600.0, gt=0)
    """Longest session."""
    bad_messages_max: int = Field(default=20, ge=0)
    """Malformed messages answered with an error event before the session is closed with 4400."""
    outbox_max: int = Field(default=4000, ge=10)
    """Messages waiting for a slow reader before the session is closed with 4411."""
    webrtc_peers_max: int = Field(default=16, ge=0)
    """Peers connected by WebRTC at once; further offers are refused with 503."""
    partial_every: float = Field(default=0.4, gt=0)
    """Seconds of new speech between partial transcripts."""
    send_ahead: float = Field(default=1.0, gt=0)
    """How much reply audio is sent before it is due: what a client must be able to buffer."""
    origins: tuple[str, ...] = ()
    """Origins (``https://lab.example:8443``) whose pages may connect, besides those a token names."""
    projects: Literal["open", "registered"] = "open"
    """Whether tokens of any project are let in, or of those that ``workbench project`` registered."""
    admin: bool = False
    """Whether the administrator's page ``/admin`` and API ``/v1/admin`` answer."""
    admin_addresses: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Addresses or networks from which they do."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose ``X-Forwarded-For`` says where a request came from."""
    limits_url: str = Field(default="memory://", repr=False)
    """Where rates are counted: in memory, or ``redis://host:port`` for several processes together."""
    openings_per_address: int = Field(default=1200, ge=1)
    """Connections an address may open a minute; more are refused with 429."""
    openings_per_project: int = Field(default=3000, ge=1)
    """Connections a project may open a minute; more are refused with 429."""
    refusals_per_address: int = Field(default=100, ge=1)
    """Refusals an address is told a minute; after that it is blocked."""
    blocked_for: float = Field(default=30.0, gt=0)
    """How long a blocked address gets nothing but 429."""
    connections_per_address: int = Field(default=250, ge=1)
    """Connections an address may have at once."""
    connections_per_project: int = Field(default=500, ge=1)
    """Connections a project may have at once."""
    connections_max: int = Field(default=1000, ge=1)
    """Connections in all; further ones are answered with 503 before anything is read."""
    handshake_timeout: float = Field(default=10.0, gt=0)
    """How long a client may take to send the head of its request."""
    synthesis: Literal["local", "remote", "prefer-remote"] = "local"
    """Where replies are synthesised; ``prefer-remote`` falls back to this process."""
    synthesis_url: str = ""
    """Base URL, ``http://`` or ``https://``, of the endpoint that synthesises for this one."""
    synthesis_cache: int = Field(default=64 * 1024 * 1024, ge=0)
    """Bytes of synthesised clauses kept; with 0 each is made anew, so that runs can be compared."""
    synthesis_key: SecretStr | None = None
    """Signs the tokens for that endpoint; this endpoint's own key when unset."""
    synthesis_patience: float = Field(default=1.0, gt=0, le=30)
    """How long ``prefer-remote`` waits for a reply's first clause."""
    verbose: bool = False
    """Whether the log tells of each session and connection."""
    speech_requests_max: int = Field(default=4, ge=1)
    """Texts spoken at once for other endpoints; further ones are refused with 503."""
