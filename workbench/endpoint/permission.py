"""What may be stored of one session, while it goes on: taken from the dialog or the client, and enforced."""

from collections.abc import Callable
from pathlib import Path

from workbench.core.clock import unix_now
from workbench.core.consent import Consent
from workbench.core.events import Body, ConsentSettled, Event
from workbench.endpoint.beginning import Beginning
from workbench.endpoint.consenting import Settled
from workbench.endpoint.destroying import Doomed
from workbench.endpoint.finishing import folder_name
from workbench.endpoint.host import Host
from workbench.endpoint.keeping import Keeping
from workbench.endpoint.stages import Stages
from workbench.security import audit
from workbench.store.rows import Withdrawal


class Permission:
    """Says what is kept of a session, and has it destroyed where that is no longer allowed.

    Parameters
    ----------
    begin, host : the session's opening, and what sessions share
    keeping : stores its events
    stages : where its sound is collected, and the caller asked
    record : puts an event on its timeline
    """

    def __init__(
        self,
        begin: Beginning,
        host: Host,
        keeping: Keeping,
        stages: Stages,
        *,
        record: Callable[[Body], object],
    ) -> None:
        self._begin, self._host = begin, host
        self._keeping, self._recorder, self._conversing = keeping, stages.recorder, stages.conversing
        self._record = record
        self._settled = begin.consent
        self._withdrawing = 0

    def begin(self) -> None:
        """Write down on whose word something is stored, if anything can be; go on with a withdrawal."""
        storable = self._begin.wish.settings.persistent or self._host.settings.record is not None
        if storable and self._begin.how != "restored":
            self._note(self._settled.level, f"by {self._settled.by}")
        if self._begin.withdrawn is not None:
            self._change(self._begin.withdrawn, by="the client, from a process that died")

    @property
    def told(self) -> dict[str, object]:
        """Return what a client is told of what may be stored, and is."""
        asking = self._settled.asking
        return {
            "consent": "asked" if asking else self._settled.level,
            "asks": asking or Consent.NONE,
            "stored": self._keeping.persistent,
            "records": self._host.settings.record is not None,
        }

    @property
    def keeps_text(self) -> bool:
        """Return whether what was said, and how, may outlive the session."""
        return self._settled.level.keeps_text

    @property
    def needs_all(self) -> bool:
        """Return whether the whole timeline has to stay in memory: it may be written at the end."""
        return self._recorder.folder is not None or self._settled.asking is not None

    @property
    def is_destroying(self) -> bool:
        """Return whether something is still to be destroyed."""
        return self._withdrawing > 0

    def said(self, level: Consent) -> None:
        """Take what the client says; raises ProtocolError if that is more than was allowed."""
        self._change(level, by="the client")

    def bounded(self, most: Consent) -> None:
        """Take what a later token says: it may allow less than the one before, not more."""
        there = self._settled.asking or self._settled.level
        if not most.allows(there):
            self._change(most, by="a later token")

    def _change(self, level: Consent, *, by: str) -> None:
        before, self._settled = self._settled, self._settled.changed(level)
        if before.asking:
            self._note(level, f"by {by}")
            self._answer(level)
            self._conversing.noticed()
            self._record(ConsentSettled(level=level.value, how="client"))
            self._conversing.consented()
        elif before.level is not level:
            self._note(level, f"withdrawn by {by}")
            self._withdraw(before, level)

    def heard(self, event: Event) -> None:
        """Take the caller's answer from the timeline."""
        body = event.body
        if isinstance(body, ConsentSettled) and body.how == "answered":
            level = Consent(body.level)
            self._settled = Settled(level=level, by="asked")
            self._note(level, "answered by the caller")
            self._answer(level)

    def _answer(self, level: Consent) -> None:
        self._recorder.allowed = level.keeps_sound
        if not level.keeps_sound:
            self._recorder.drop()
        if level.keeps_text:
            self._keeping.allow()
        else:
            self._keeping.stop()

    def _withdraw(self, before: Settled, level: Consent) -> None:
        """Store no more at once, and have destroyed what is there; the event tells when that is done."""
        self._withdrawing += 1
        was_stored = False
        if not level.keeps_text:
            was_stored = self._keeping.stop()
            self._host.speakers.forget(self._begin.grant)
        folder = self._folder() if before.level.keeps_sound or not level.keeps_text else None
        self._recorder.drop()
        grant = self._begin.grant
        withdrawal = Withdrawal(
            session=self._begin.name,
            project=grant.project,
            client=grant.client,
            level=level,
            recordings="" if folder is None else folder_name(folder.parent),
            at=unix_now(),
        )
        doomed = Doomed(
            withdrawal=withdrawal,
            stored=was_stored,
            folder=folder,
            settled=self._keeping.release,
            done=lambda: self._destroyed(level),
        )
        self._host.destroying.put(doomed)

    def _destroyed(self, level: Consent) -> None:
        self._withdrawing -= 1
        self._conversing.noticed()
        self._record(ConsentSettled(level=level.value, how="withdrawn"))

    def _folder(self) -> Path | None:
        record = self._host.settings.record
        return None if record is None else record / self._begin.name

    def _note(self, level: Consent, how: str) -> None:
        entry = audit.consented(unix_now(), self._begin.grant, session=self._begin.name, level=level, how=how)
        self._host.note(entry)
