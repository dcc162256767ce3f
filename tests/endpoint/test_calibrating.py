"""Which calibration counts in which session, and what the deciders and the timeline see of it."""

from pathlib import Path

import pytest
from in_process import OPEN, bench

from workbench.conversation.assistant_model import Lead
from workbench.conversation.assistants import load_assistant
from workbench.conversation.calibration import AS_SCORED, Calibration, Curve, Worth, worth_from
from workbench.data import data_folder
from workbench.endpoint.calibrating import worths
from workbench.endpoint.session_voice import by_default
from workbench.errors import AssistantError, ParameterError

LOW = Curve((0.0, 1.0), (0.0, 0.5))
HIGH = Curve((0.0, 1.0), (0.5, 1.0))


def saved(folder: Path, name: str, curve: Curve, *, engine: str = "scripted", language: str = "en") -> Path:
    """Return a calibration of intents as a file."""
    Calibration({("intent", engine, language): curve}).save(folder / name)
    return folder / name


def test_an_assistants_own_calibration_goes_before_the_endpoints(tmp_path: Path) -> None:
    """Scores of one assistant would be read by the measure of another."""
    coffee, rooms = load_assistant("coffee"), load_assistant("rooms")
    own = coffee.model_copy(update={"calibration": saved(tmp_path, "own.json", LOW)})
    find = worths(saved(tmp_path, "all.json", HIGH), [own, rooms], engine="scripted")
    assert find("coffee", "en-US") == Worth(intent=LOW)
    assert find("rooms", "en-GB") == Worth(intent=HIGH)
    assert find("rooms", "de") == AS_SCORED
    assert worths(None, [rooms], engine="scripted")("rooms", "en-US") == AS_SCORED


def test_a_calibration_that_fits_nothing_is_refused(tmp_path: Path) -> None:
    """A user would believe confidence to be calibrated where it is not."""
    coffee = by_default(load_assistant("coffee"), "en-US")
    path = saved(tmp_path, "c.json", LOW, engine="other")
    with pytest.raises(ParameterError) as raised:
        worths(path, [coffee], engine="scripted")
    assert str(raised.value) == (
        f"{path}: the calibration is for other in en, expected one for scripted in en-US"
    )
    german = coffee.model_copy(update={"language": "de-DE", "calibration": saved(tmp_path, "d.json", LOW)})
    with pytest.raises(ParameterError, match=r"is for scripted in en, expected one for scripted in de-DE$"):
        worths(None, [german], engine="scripted")
    with pytest.raises(ParameterError, match=r"gone\.json: can't read the calibration: no such file"):
        worths(tmp_path / "gone.json", [coffee], engine="scripted")
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    with pytest.raises(
        ParameterError, match=r"bad\.json: not a calibration, expected the JSON that tuning writes$"
    ):
        worths(tmp_path / "bad.json", [coffee], engine="scripted")


@pytest.mark.anyio
async def test_a_session_says_what_it_decides_by() -> None:
    """A replay would decide on other scores and waits than the session did."""
    coffee = load_assistant("coffee")
    waits = coffee.endpointing.model_copy(update={"choice": 1.5, "unknown": 0.5})
    early = coffee.early.model_copy(update={"end_of_turn": 0.7})
    changed = {"endpointing": waits, "early": early, "lead": Lead(prefixes=("So.",))}
    patient = coffee.model_copy(update=changed)
    async with bench() as made:
        made.host.assistant = lambda name: patient
        made.host.worth = lambda assistant, language: Worth(intent=LOW)
        client = await made.opened()
        settings = client.of("session-opened")[0]["settings"]
        assert worth_from(settings["calibration"]) == Worth(intent=LOW)
        assert (settings["endpointing"]["choice"], settings["endpointing"]["unknown"]) == (1.5, 0.5)
        assert settings["endpointing"]["turn_max"] == coffee.endpointing.longest_turn
        assert settings["lead"]["prefixes"] == ["So."]
        assert settings["early_synthesis"] == {**coffee.early.model_dump(), "end_of_turn": 0.7}
        assert settings["speaker"] == {"longest_pause": 0.0, "words": 0.0, "seconds": 0.0}


@pytest.mark.anyio
async def test_a_session_goes_by_the_curve_of_its_own_language(tmp_path: Path) -> None:
    """German words would be believed as far as English ones are, in the same endpoint."""
    curves = {("intent", "scripted", "en"): LOW, ("intent", "scripted", "de"): HIGH}
    Calibration(curves).save(tmp_path / "both.json")
    coffee = by_default(load_assistant("coffee"), "en-US")
    find = worths(tmp_path / "both.json", [coffee], engine="scripted")
    told = {}
    async with bench() as made:
        made.host.worth = find
        for language in ("de-AT", "en-GB", "fr"):
            client = await made.opened(OPEN | {"settings": {"language": language}})
            told[language] = worth_from(client.of("session-opened")[0]["settings"]["calibration"])
    assert told == {"de-AT": Worth(intent=HIGH), "en-GB": Worth(intent=LOW), "fr": AS_SCORED}


def test_an_assistants_file_names_its_calibration(tmp_path: Path) -> None:
    """It would be looked for where the endpoint happens to be started."""
    text = (data_folder() / "assistants" / "coffee.yaml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(text + "\ncalibration: c.json\n", encoding="utf-8")
    with pytest.raises(AssistantError, match=r"calibration: names .*c\.json, which does not exist$"):
        load_assistant(mine)
    saved(tmp_path, "c.json", LOW)
    assert load_assistant(mine).calibration == tmp_path / "c.json"
