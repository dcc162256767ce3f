"""What the log says of a failure: where it arose, never its text."""

import logging
import traceback

log = logging.getLogger(__name__)


def log_failure(what: str, error: Exception) -> None:
    """Log where ``error`` arose, without its text: that may hold what was said."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed with %s\n%s", what, type(error).__name__, where)
