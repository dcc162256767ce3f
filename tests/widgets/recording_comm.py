"""A comm that keeps what a page would have been sent."""

from comm.base_comm import BaseComm


class RecordingComm(BaseComm):
    """Keeps what a page would have been sent."""

    def __init__(self, **kwargs: object) -> None:
        self.sent: list[tuple[dict, list]] = []
        super().__init__(**kwargs)

    def publish_msg(
        self, msg_type: str, data: dict | None = None, buffers: list | None = None, **_: object
    ) -> None:
        """Keep a message."""
        self.sent.append((data or {}, list(buffers or ())))

    def ask(self, **content: object) -> None:
        """Send a custom message as the page does."""
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def answers(self, kind: str) -> list[tuple[dict, list]]:
        """Return the custom messages of a kind that were sent."""
        custom = [(data["content"], buffers) for data, buffers in self.sent if data.get("method") == "custom"]
        return [one for one in custom if one[0]["kind"] == kind]
