import numpy as np
import pytest

from workbench.errors import EngineFailed, EngineMissing
from workbench.speech.synthesizers import kokoro_graph
from workbench.speech.synthesizers.kokoro_model import FRAME, VOCABULARY, WEIGHTS, KokoroModel
from workbench.speech.voices import find, load_style
from workbench.speech.weights import locate

SYMBOLS = "həlˈO."


def test_another_graph_is_refused():
    """Changed weights would be patched at a wrong place."""
    with pytest.raises(EngineFailed, match="no single node that makes the f0 curve"):
        kokoro_graph.opened(b"not a graph")


@pytest.mark.speech
def test_neutral_inputs_give_what_the_published_graph_gives():
    """The patch would change the voice."""
    onnxruntime = pytest.importorskip("onnxruntime")
    try:
        path = locate(WEIGHTS, engine="kokoro", extra="speech")
        model = KokoroModel.load(threads=1)
    except EngineMissing as missing:
        pytest.skip(str(missing))
    style = load_style(find("af_heart"))
    ones = np.ones(len(SYMBOLS) + 2, dtype=np.float32)
    made = model.render(SYMBOLS, style, speed=ones, f0_scale=ones)
    published = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    tokens = np.array([[0, *(VOCABULARY[symbol] for symbol in SYMBOLS), 0]], dtype=np.int64)
    feeds = {"tokens": tokens, "style": style[len(SYMBOLS)][None], "speed": np.ones(1, np.float32)}
    wanted = published.run(None, feeds)[0].ravel()
    assert len(made.samples) == len(wanted)
    assert np.corrcoef(made.samples, wanted)[0, 1] > 0.999
    assert made.starts[-1] <= len(made.samples)
    assert np.array_equal(np.diff(made.starts), made.neutral)
    assert not np.any(made.starts % FRAME)
    flat = model.render(SYMBOLS, style, speed=ones, f0_scale=195 * ones, f0_power=-ones)
    assert len(flat.samples) == len(made.samples)
    assert np.corrcoef(flat.samples, made.samples)[0, 1] < 0.9
