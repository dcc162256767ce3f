"""Published cases, and what another reader of XML says of what is written here."""

import importlib.util
from pathlib import Path

import pytest
from lxml import etree

from workbench.ssml.document import Speak, Text
from workbench.ssml.downlevel import render_for
from workbench.ssml.parse import parse
from workbench.ssml.render import render

SUITE = Path(__file__).parents[2] / "benchmarks" / "ssml_suite.py"

EVERYTHING = """<speak xml:lang="en-US"><voice name="v"><p><s>a<break time="250ms"/></s></p>
<prosody rate="80%" pitch="+2st" range="+10%" contour="(0%,+20Hz) (50%,-10%)" duration="2s" volume="-6dB">b
<emphasis level="strong">c</emphasis></prosody><mark name="m"/><sub alias="d">e</sub>
<say-as interpret-as="date" format="dmy">1/2/2003</say-as><say-as interpret-as="unit">5 kg</say-as>
<lang xml:lang="de-DE">f</lang><audio src="a.wav"><desc>g</desc>h</audio><w role="x">i</w>
<phoneme alphabet="x-sampa" ph="t">j</phoneme><amazon:effect name="whispered">k</amazon:effect>
</voice></speak>"""


@pytest.fixture
def suite_module():
    spec = importlib.util.spec_from_file_location("ssml_suite", SUITE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def azure_schema(shared_data, tmp_path):
    """Azure's schema; what it imports of MathML is not there, and nothing here uses it."""
    for file in (shared_data / "ssml_suite" / "schema" / "azure").glob("*.xsd"):
        text = file.read_text("utf-8-sig").replace(".\\", "")
        (tmp_path / file.name).write_text(text, "utf-8")
    (tmp_path / "mathml.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'targetNamespace="http://www.w3.org/1998/Math/MathML"/>'
    )
    return etree.XMLSchema(etree.parse(str(tmp_path / "ssml.xsd")))


@pytest.mark.shared_data
def test_published_cases_get_the_right_verdict(suite_module, shared_data):
    """A good prompt would be refused, a bad one accepted, or an attack read."""
    figures = suite_module.run(shared_data / "ssml_suite")
    assert {name: (score["right"], score["of"]) for name, score in figures["scores"].items()} == {
        "azure": (27, 27),
        "ssmlverifier": (63, 70),
        "attack": (11, 11),
        "documents": (5, 5),
        "shorthand": (33, 34),
        "shorthand text": (34, 34),
    }
    assert all(case["reason"] for case in figures["differ"])
    assert figures["attacks"]["most_kb"] < 500


@pytest.mark.shared_data
def test_what_is_written_for_azure_is_valid_by_its_own_schema(azure_schema, shared_data):
    """Azure would refuse what was said to be fit for it."""
    cases = (shared_data / "ssml_suite" / "azure_schema_cases.tsv").read_text("utf-8").splitlines()[1:]
    good = [line.split("\t")[1] for line in cases if line.startswith("Pass!")]
    assert good
    for text in [*good, EVERYTHING]:
        rendered = render_for(parse(text), "azure").text
        assert azure_schema.validate(etree.fromstring(rendered)), azure_schema.error_log.last_error


def test_another_reader_finds_the_same_text():
    """What is written would be well formed only for the reader that is used here."""
    document = parse(EVERYTHING)
    root = etree.fromstring(
        render(document).replace("<speak", '<speak xmlns:amazon="a"', 1),
        etree.XMLParser(resolve_entities=False, no_network=True),
    )
    assert "".join(root.itertext()) == "".join(_texts(document))


def _texts(node):
    if isinstance(node, Text):
        return [node.text]
    children = getattr(node, "children", ())
    if not isinstance(node, Speak) and not children:
        return [getattr(node, "text", "")]
    return [text for child in children for text in _texts(child)]
