"""Which saved calibration counts in sessions with which assistant; found out when the endpoint starts."""

from collections.abc import Callable, Sequence
from pathlib import Path

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.calibration import AS_SCORED, Worth, load_calibration
from workbench.errors import ParameterError


def worths(
    general: Path | None, assistants: Sequence[Assistant], *, engine: str
) -> Callable[[Assistant], Worth]:
    """Return what tells what scores are worth in sessions with an assistant.

    Parameters
    ----------
    general : calibration for every assistant that names none itself; None if there is none
    assistants : all that are offered
    engine : name of the engines that score

    Raises
    ------
    ParameterError
        If a file can't be read, is no calibration, or has no curve for the engine and the language: of the
        assistant that names it, or of none of those that ``general`` is for.
    """
    found: dict[str, Worth] = {}
    others = []
    for assistant in assistants:
        if assistant.calibration is None:
            others.append(assistant)
        else:
            found[assistant.name] = _worth(assistant.calibration, [assistant], engine)[assistant.name]
    if general is not None:
        found |= _worth(general, others, engine)
    return lambda assistant: found.get(assistant.name, AS_SCORED)


def _worth(path: Path, assistants: Sequence[Assistant], engine: str) -> dict[str, Worth]:
    calibration = load_calibration(path)
    fitting = {one.name: calibration.worth(engine=engine, language=one.language) for one in assistants}
    found = {name: worth for name, worth in fitting.items() if worth is not None}
    if not found:
        wanted = (
            ", ".join(dict.fromkeys(f"{engine} in {one.language}" for one in assistants)) or "no assistant"
        )
        raise ParameterError(f"{path}: the calibration is for {calibration.known}, expected one for {wanted}")
    return found
