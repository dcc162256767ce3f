"""Which saved calibration counts in sessions with which assistant; read when the endpoint starts."""

from collections.abc import Callable, Sequence
from pathlib import Path

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.calibration import AS_SCORED, Calibration, Worth, load_calibration
from workbench.errors import ParameterError


def worths(
    general: Path | None, assistants: Sequence[Assistant], *, engine: str
) -> Callable[[str, str], Worth]:
    """Return what tells what scores are worth in sessions with an assistant, by its name, in a language.

    Parameters
    ----------
    general : calibration for every assistant that names none itself; None if there is none
    assistants : all that are offered, as they speak by default
    engine : name of the engines that score

    Raises
    ------
    ParameterError
        If a file can't be read, is no calibration, or has no curve for the engine and the language: of the
        assistant that names it, or of none of those that ``general`` is for.
    """
    found: dict[str, Calibration] = {}
    others = []
    for assistant in assistants:
        if assistant.calibration is None:
            others.append(assistant)
        else:
            found[assistant.name] = _fitting(assistant.calibration, [assistant], engine)
    if general is not None:
        found |= dict.fromkeys((one.name for one in others), _fitting(general, others, engine))

    def worth(assistant: str, language: str) -> Worth:
        calibration = found.get(assistant)
        fits = calibration and calibration.worth(engine=engine, language=language)
        return fits or AS_SCORED

    return worth


def _fitting(path: Path, assistants: Sequence[Assistant], engine: str) -> Calibration:
    """Return the calibration in a file; raises ParameterError if it fits none of ``assistants``."""
    calibration = load_calibration(path)
    languages = dict.fromkeys(one.language or "" for one in assistants)
    if not any(calibration.worth(engine=engine, language=language) for language in languages):
        wanted = ", ".join(f"{engine} in {language}" for language in languages) or "no assistant"
        raise ParameterError(f"{path}: the calibration is for {calibration.known}, expected one for {wanted}")
    return calibration
