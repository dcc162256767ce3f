"""Under which settings sessions were recorded, and what silence alone would have decided."""

from dataclasses import replace

from workbench.analysis.policies import Policy
from workbench.analysis.replay_settings import known_speaker
from workbench.analysis.sweep_space import silence_alone
from workbench.analysis.tuner_reading import recorded_policy
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.expecting import Expected
from workbench.conversation.tuning import TurnTakingSettings
from workbench.core.events import Body, SessionOpened, SessionReset, Source, TurnTakingTuned
from workbench.core.timeline import Timeline
from workbench.store.recording import Recording

PLAIN = TurnTakingSettings(Policy().early, Policy().endpointing)


def opened(**settings: object) -> SessionOpened:
    return SessionOpened(
        session="s",
        assistant="coffee",
        input_encoding="pcm16",
        input_rate=16_000,
        output_encoding="pcm16",
        output_rate=24_000,
        settings=settings,
    )


def timeline(*bodies: Body) -> Timeline:
    made = Timeline()
    for body in bodies:
        made.record(body, turn=0, source=Source.ENDPOINT)
    return made


def test_a_session_that_was_tuned_counts_with_what_it_was_tuned_to(rng) -> None:
    """Its turns would be compared with settings they did not run under."""
    tuned = PLAIN.with_changes({"endpointing.hangover_min": 0.3, "early.confidence": 0.9})
    silent = rng.normal(size=16).astype("float32")
    recording = Recording(
        timeline=timeline(opened(**PLAIN.told()), TurnTakingTuned(settings=tuned.told())),
        caller=silent,
        caller_rate=16_000,
        agent=silent,
        agent_rate=24_000,
        device_zero=0.0,
    )
    policy = recorded_policy([recording])
    assert (policy.early, policy.endpointing) == (tuned.early, tuned.endpointing)


def test_silence_alone_waits_the_same_whatever_was_asked_and_whoever_speaks() -> None:
    """What the evidence is worth would be told against another rule than the one named."""
    patient = EndpointingSettings(patience=3.0, pace=1.0, yes_no=0.5, list=2.0, turn_max=20.0)
    (alone,) = silence_alone(replace(Policy(), endpointing=patient), [0.7]).values()
    ends = alone.endpointing
    assert ends.hangover_min == ends.hangover_max == 0.7
    assert ends.turn_max == 20.0
    assert {ends.times(kind) * ends.times_at(pace) for kind in Expected for pace in (1.0, 6.0)} == {1.0}
    assert ends.patience_max <= 0.7


def test_what_was_known_of_a_caller_is_found_behind_a_reset() -> None:
    """The first waits of such a session would be predicted as a stranger's."""
    speaker = {"longest_pause": 0.9}
    events = timeline(SessionReset(session="s", previous="r"), opened(speaker=speaker)).events
    assert known_speaker(events).longest_pause == 0.9
