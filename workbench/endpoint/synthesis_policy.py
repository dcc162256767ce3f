"""Where replies are synthesised: here, in another endpoint, or there with this one at hand."""

from collections.abc import Callable
from dataclasses import replace

from workbench.endpoint.settings import EndpointSettings
from workbench.errors import ParameterError
from workbench.security.keyring import Keyring
from workbench.security.tls import client_context
from workbench.security.tokens import Scope, mint_token
from workbench.speech.engines import Engines
from workbench.speech.synthesizers.preferring import PreferringSynthesizer
from workbench.speech.synthesizers.remote import RemoteSynthesizer

TOKEN_LIFETIME = 60.0
"""Seconds a token for the other endpoint is good for; each reply gets its own."""


def with_policy(engines: Engines, settings: EndpointSettings, keys: Callable[[], Keyring]) -> Engines:
    """Return ``engines`` with the synthesiser that ``settings`` ask for.

    Raises
    ------
    ParameterError
        If another endpoint is asked for and ``synthesis_url`` does not say which, or ``trust`` can't be used.
    """
    if settings.synthesis == "local":
        return engines
    if not settings.synthesis_url:
        raise ParameterError(f"setting synthesis is {settings.synthesis}, expected a synthesis_url with it")
    own = engines.synthesizer

    def token() -> str:
        secret = settings.synthesis_key
        key = keys() if secret is None else secret.get_secret_value()
        return mint_token(key, scopes=(Scope.SPEAK,), lifetime=TOKEN_LIFETIME)

    tls = client_context(settings.trust) if settings.synthesis_url.startswith("https://") else None
    remote = RemoteSynthesizer(settings.synthesis_url, token, rate=own().capabilities.rate, tls=tls)
    if settings.synthesis == "remote":
        return replace(engines, synthesizer=lambda: remote, own_synthesizer=own)
    preferring = PreferringSynthesizer(remote, own(), patience=settings.synthesis_patience)
    return replace(engines, synthesizer=lambda: preferring, own_synthesizer=own)
