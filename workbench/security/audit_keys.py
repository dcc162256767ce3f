"""The keys that sign the audit trail: apart from the master keys, which are forgotten when they retire."""

import os

from workbench.core.audit_chain import ChainKey, ChainKeys
from workbench.errors import NoKeyAtHand
from workbench.security.key_places import Place, changing, chosen_place
from workbench.security.keyring import Key, Keyring, parse_keys, render_keys
from workbench.security.keys import key_file, new_key

VARIABLE = "WORKBENCH_AUDIT_KEY"
FILE = "audit-key"
"""Its name, beside the file of the keys that sign tokens."""


def load_audit_keys() -> ChainKeys:
    """Return the keys of the audit trail: those in ``WORKBENCH_AUDIT_KEY``, else of the user's own place.

    The first signs. All others verify what they signed, for as long as they stand there.

    Raises
    ------
    NoKeyAtHand
        If there is none.
    ParameterError
        If one is too short, or the file can be read by others or not at all.
    """
    given = _given()
    if given:
        return _chain_keys(parse_keys("\n".join(given), VARIABLE))
    place = _place()
    text = place.read()
    if text is None:
        problem = f"no key in {VARIABLE} and none at {place.name}; `workbench serve` makes one"
        raise NoKeyAtHand(401, f"the audit trail can't be signed: {problem}", "no-key")
    return _chain_keys(parse_keys(text, place.name))


def ensure_audit_keys() -> ChainKeys:
    """Return the keys of the audit trail, making and keeping one if there is none; raises ParameterError."""
    if not _given():
        place = _place()
        if place.read() is None:
            with changing(place):
                if place.read() is None:
                    place.write(render_keys(Keyring([Key(new_key())])))
    return load_audit_keys()


def passing_audit_keys() -> ChainKeys:
    """Return a new key that is kept nowhere: for a trail that ends with its process."""
    return _chain_keys(Keyring([Key(new_key())]))


def _chain_keys(ring: Keyring) -> ChainKeys:
    return ChainKeys(tuple(ChainKey(key.key_id, key.octets) for key in ring.keys))


def _given() -> list[str]:
    return os.environ.get(VARIABLE, "").split()


def _place() -> Place:
    return chosen_place(key_file().with_name(FILE), VARIABLE)
