"""What a production endpoint refuses to start with: each unsafe setting, and what to write instead.

Nothing here is a matter of taste: a setting is refused if it lets others read or change what they should not,
or takes away a limit that keeps one client from hurting the rest.
"""

from collections.abc import Callable, Iterator

from workbench.core.consent import Consent
from workbench.endpoint.production_files import unsafe_files
from workbench.endpoint.production_limits import unsafe_limits
from workbench.endpoint.production_network import unsafe_network
from workbench.endpoint.production_projects import unsafe_in, unsafe_projects
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.settings_layers import Effective
from workbench.errors import GatewayRefused, SettingsRefused, WorkbenchError
from workbench.security.keyring import Keyring
from workbench.security.keys import load_keys
from workbench.store.store import Store

WHY = "production refuses these settings"

MAKE_ONE = "make one with `workbench token rotate`"

FEWEST_CHARACTERS = 12
"""Different characters of a key that was not made up by somebody; 43 random ones of 64 have some 31."""


def check_production(effective: Effective) -> None:
    """Look at everything a production endpoint must not have; reads files, keys and the store's projects.

    Raises
    ------
    SettingsRefused
        With a sentence for each unsafe setting.
    """
    problems = tuple(dict.fromkeys(unsafe(effective)))
    if problems:
        raise SettingsRefused(problems, why=WHY)


def check_projects(store: Store) -> None:
    """Look at the projects of the endpoint's store.

    Raises
    ------
    SettingsRefused
        With a sentence for each that has no quota, is kept for years, or as it was said.
    """
    problems = tuple(unsafe_in(store))
    if problems:
        raise SettingsRefused(problems, why="production refuses these projects")


def unsafe(effective: Effective) -> Iterator[str]:
    """Yield what is unsafe, a sentence each."""
    settings = effective.settings
    checks: tuple[Callable[[EndpointSettings], Iterator[str]], ...] = (
        unsafe_network,
        unsafe_limits,
        unsafe_projects,
        _unsafe_engines,
        _unsafe_keeping,
        _unsafe_secrets,
    )
    for check in checks:
        yield from check(settings)
    yield from unsafe_files(settings, effective.file)


def _unsafe_engines(settings: EndpointSettings) -> Iterator[str]:
    if settings.engines == "scripted":
        yield "engines is scripted, which hears a script and not the caller: write embedded"
    if settings.script:
        yield "script is what a test's recogniser hears: leave it out"
    if settings.verbose:
        yield "verbose fills the log with each session's name and connections: leave it out"


def _unsafe_keeping(settings: EndpointSettings) -> Iterator[str]:
    if not settings.mask:
        yield "mask is off, so personal data that callers say is kept as it was said: leave it out"
    if settings.consent is not Consent.NONE:
        yield (
            f"consent is {settings.consent}, so what callers say is kept though nobody asked them: "
            "write none, and let the token, the assistant or the project say for whom it may be more"
        )


def _unsafe_secrets(settings: EndpointSettings) -> Iterator[str]:
    try:
        yield from _weak_keys(load_keys())
    except GatewayRefused as error:
        yield f"tokens can't be checked, {error.reason.partition(';')[0]}: {MAKE_ONE}"
    except WorkbenchError as error:
        yield f"tokens can't be checked, {error}: {MAKE_ONE}"
    if settings.synthesis == "local":
        return
    if settings.synthesis_key is None:
        yield (
            "synthesis_key is unset, so this endpoint's own key would have to be known to the other one: "
            "set one for that purpose"
        )
    elif _made_up(settings.synthesis_key.get_secret_value()):
        problem = "synthesis_key has too few different characters to be random"
        yield f"{problem}: make it with `openssl rand -base64 32`"


def _weak_keys(ring: Keyring) -> Iterator[str]:
    for key in ring.keys:
        if _made_up(key.secret):
            yield f"the key {key.key_id} has too few different characters to be random: {MAKE_ONE}"
    endless = [key.key_id for key in ring.keys[1:] if key.until is None]
    if endless:
        yield (
            f"the former key {endless[0]} verifies without an end: "
            "rotate with `workbench token rotate`, which gives it one"
        )


def _made_up(secret: str) -> bool:
    return len(set(secret)) < FEWEST_CHARACTERS
