"""The end of an audit trail as it is noted outside its store, and whether the store still holds it.

What a chain alone can't show is that a whole former state of its store was put back, head and all. A note
elsewhere of how far the chain had come shows it: a chain that goes on still has the record that was its last.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from workbench.core.audit_chain import AuditHead
from workbench.core.audit_check import Problem

WANTED = "expected CHAIN:COUNT:HASH as `workbench audit head` prints"
_NOTED = re.compile(r"([0-9a-f]{16}):(\d{1,12}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class NotedHead:
    """How far a chain had come."""

    chain: str
    """Its name."""
    count: int
    """Records that there were."""
    digest: str
    """Of the last of them."""

    def __str__(self) -> str:
        return f"{self.chain}:{self.count}:{self.digest}"

    def unlike(self, head: AuditHead | None, digest_of: Callable[[int], str | None]) -> Problem | None:
        """Return what is wrong if a store's chain is not the one that this was the end of.

        Parameters
        ----------
        head : of the store's chain, None if it has none
        digest_of : returns the digest of a record by its number, None if it is not in the store any more
        """
        if head is None:
            return Problem("cut-off", None, f"there is no chain, the head noted knew {self.count} records")
        if self.chain != head.chain:
            sentence = f"this is chain {head.chain}, the head noted is of chain {self.chain}"
            return Problem("changed", None, sentence)
        if self.count > head.count:
            sentence = f"the head noted knew {self.count} records, there are {head.count}"
            return Problem("cut-off", head.count, sentence)
        last = self.count - 1
        if digest_of(last) not in (None, self.digest):
            return Problem("changed", last, f"record {last} is another than the head noted knew")
        return None


def noted(head: AuditHead) -> NotedHead:
    """Return what to note of a head."""
    return NotedHead(head.chain, head.count, head.digest)


def parse_noted(text: str) -> NotedHead | None:
    """Return the head that ``str`` made a text of; None if this is none."""
    match = _NOTED.fullmatch(text.strip())
    return None if match is None else NotedHead(match[1], int(match[2]), match[3])
