"""The keys with which tests sign audit trails."""

from workbench.core.audit_chain import ChainKey, ChainKeys

KEYS = ChainKeys((ChainKey("k1", b"1" * 32),))
