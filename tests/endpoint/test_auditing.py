"""The audit trail as it is written: refusals counted together, bounded, nothing lost to a hiccup."""

import anyio
import pytest

from workbench.core.audit import AuditEntry
from workbench.core.clock import ManualClock
from workbench.endpoint.auditing import ALIKE_MAX, PENDING_MAX, REPORT_EVERY, Auditing
from workbench.errors import GatewayRefused, StoreFailed

pytestmark = pytest.mark.anyio

REFUSAL = GatewayRefused(401, "the session token has expired", "expired")


class Trail:
    """Keeps entries, unless told to fail."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.failing = False

    def audit(self, entries: list[AuditEntry]) -> None:  # noqa: D102
        if self.failing:
            raise StoreFailed("memory", "is away")
        self.entries += entries


async def test_flood_of_refusals_is_one_entry_with_their_number():
    """A flood would fill the trail, and push out what matters."""
    trail = Trail()
    auditing = Auditing(trail, ManualClock(1000.0).now)
    for _ in range(700):
        auditing.refused(REFUSAL, address="192.0.2.1")
    auditing.refused(REFUSAL, address="192.0.2.2")
    auditing.refused(GatewayRefused(403, "no", "wrong-origin"), address="192.0.2.1")
    await auditing.write()
    assert [(entry.address, entry.reason) for entry in trail.entries] == [
        ("192.0.2.1", "expired (401), 700 times"),
        ("192.0.2.2", "expired (401)"),
        ("192.0.2.1", "wrong-origin (403)"),
    ]


async def test_what_is_dropped_is_counted_and_told_once_a_minute(caplog):
    """Entries must neither fill the memory nor vanish without a word."""
    trail, clock = Trail(), ManualClock(1000.0)
    auditing = Auditing(trail, clock.now)
    for number in range(ALIKE_MAX + 7):
        auditing.refused(REFUSAL, address=f"10.0.{number >> 8}.{number & 255}")
    for _ in range(PENDING_MAX):
        auditing.put(AuditEntry(at=0.0, kind="used"))
    await auditing.write()
    assert len(trail.entries) == PENDING_MAX + 1
    last = trail.entries[-1]
    assert (last.kind, last.reason) == ("lost", f"{ALIKE_MAX + 7} entries were dropped")
    assert not caplog.records
    clock.advance(REPORT_EVERY)
    await auditing.write()
    await auditing.write()
    assert [record.message for record in caplog.records] == [
        f"{ALIKE_MAX + 7} entries of the audit trail were dropped"
    ]


async def test_entries_wait_for_a_store_that_failed(caplog):
    """A moment without the store would cost the trail."""
    trail, clock = Trail(), ManualClock(1000.0)
    auditing = Auditing(trail, clock.now)
    trail.failing = True
    auditing.put(AuditEntry(at=1.0, kind="used"))
    await auditing.write()
    auditing.put(AuditEntry(at=2.0, kind="revoked"))
    clock.advance(REPORT_EVERY)
    await auditing.write()
    assert "can't be written (StoreFailed), 2 wait" in caplog.text
    trail.failing = False
    await auditing.write()
    assert [entry.at for entry in trail.entries] == [1.0, 2.0]


async def test_what_is_left_is_written_at_the_end():
    """The last second before a shutdown would be missing."""
    trail = Trail()
    auditing = Auditing(trail, ManualClock(1000.0).now)
    async with anyio.create_task_group() as group:
        group.start_soon(auditing.run)
        await anyio.wait_all_tasks_blocked()
        auditing.put(AuditEntry(at=1.0, kind="used"))
        group.cancel_scope.cancel()
    assert len(trail.entries) == 1
