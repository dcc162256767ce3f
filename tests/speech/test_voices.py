import hashlib
import json

import numpy as np
import pytest

from workbench.data import data_folder
from workbench.errors import EngineFailed, ParameterError
from workbench.speech.synthesizers.foreign_phonemes import LANGUAGES, primary
from workbench.speech.voices import DEFAULT_VOICE, find, load_style, voices


def test_every_voice_is_there_unchanged():
    """A voice of the catalogue would be missing, damaged or another than its notice says."""
    folder = data_folder() / "voices"
    catalogue = json.loads((folder / "voices.json").read_text())["voices"]
    notice = (folder / "NOTICE").read_text()
    assert len(catalogue) == len(voices()) == 12
    for entry in catalogue:
        digest = hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest()
        assert digest == entry["sha256"]
        assert digest in notice
        style = load_style(find(entry["id"]))
        assert style.shape == (510, 256)
        assert style.dtype == np.float32
        assert np.isfinite(style).all()


def test_the_default_voice_is_shipped():
    """No assistant without a voice of its own would start."""
    assert find(DEFAULT_VOICE).language == "en-US"


def test_an_unknown_voice_names_close_ones():
    """A slip in an assistant file would not show what was meant."""
    with pytest.raises(ParameterError, match="voice 'af_hart' is not known, close ones are af_heart"):
        find("af_hart")


def test_a_damaged_catalogue_or_style_says_where(tmp_path):
    """A broken installation would fail with an error of a library."""
    with pytest.raises(EngineFailed, match=r"voices\.json"):
        voices(tmp_path)
    np.save(tmp_path / "af_heart.npy", np.zeros((3, 4)))
    with pytest.raises(EngineFailed, match=r"shape \(3, 4\), expected"):
        load_style(find("af_heart"), folder=tmp_path)


def test_a_voice_speaks_what_the_catalogue_says_it_does():
    """A text would be given to a voice whose engine reads its language as if it were another."""
    kokoro = [voice for voice in voices() if voice.engine == "kokoro"]
    assert not [voice.id for voice in kokoro if primary(voice.language) not in ("en", *LANGUAGES)]
    assert [voice.id for voice in kokoro if voice.made_for] == ["jf_alpha"]
    assert not [voice.id for voice in kokoro if primary(voice.made_for) in LANGUAGES]
