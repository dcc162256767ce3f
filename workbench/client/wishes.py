"""What a program asks of its session, as messages; what can't be sent is refused with a sentence, at once."""

from collections.abc import Mapping

from pydantic import ValidationError

from workbench.conversation.tuning import Setting
from workbench.errors import ParameterError
from workbench.protocol.native import SAID_MAX, Say, Tune


def saying(text: str, *, at: float) -> Say:
    """Return the wish to have ``text`` spoken, as its first message.

    Raises
    ------
    ParameterError
        If it is no str, empty or longer than 2,000 characters; the text itself is not in it.
    """
    if not isinstance(text, str):
        raise ParameterError(f"a text to say is a {type(text).__name__}, expected a str")
    if not 1 <= len(text) <= SAID_MAX:
        raise ParameterError(f"a text to say has {len(text)} characters, expected 1 to {SAID_MAX}")
    return Say(seq=0, at=at, text=text)


def tuning(changes: Mapping[str, Setting], *, at: float) -> Tune:
    """Return the wish to go on under other settings of turn taking, as its first message.

    Raises
    ------
    ParameterError
        If there are none or more than 40, or a value is no number.
    """
    try:
        return Tune(seq=0, at=at, settings=dict(changes))
    except ValidationError as error:
        wrong = {tuple(problem["loc"][:2]) for problem in error.errors()}  # one for each type tried
        raise ParameterError(
            f"{len(changes)} settings are to change and {len(wrong)} can't be sent, "
            "expected 1 to 40 names with a number, true or false each"
        ) from None
