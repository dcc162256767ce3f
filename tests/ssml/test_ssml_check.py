import pytest

from workbench.ssml.check import check
from workbench.ssml.document import Place
from workbench.ssml.lint import lint
from workbench.ssml.parse import parse

WORDS = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize(
    ("inner", "rules"),
    [
        (f"{WORDS}<break time='3s'/>{WORDS}", ["break-long"]),
        (f"{WORDS}<break time='1.5s'/> <break time='1s'/>{WORDS}", ["break-row"]),
        ("<break time='300ms'/>hello", ["break-first"]),
        (f"{WORDS}<break time='1s'/>{WORDS}<break time='1.5s'/>{WORDS}", []),
        ("<prosody rate='90%'><prosody rate='90%'>a</prosody></prosody>", ["prosody-stacked"]),
        ("<prosody rate='90%'>a <prosody pitch='+1st'>b</prosody></prosody>", []),
        ("<prosody rate='50%'>a</prosody>", ["rate-extreme"]),
        ("<prosody pitch='+9st'>a</prosody>", ["pitch-extreme"]),
        ("<prosody pitch='-9st'>a</prosody>", ["pitch-extreme"]),
        ("<prosody volume='+9dB'>a</prosody>", ["volume-extreme"]),
        ("<prosody volume='silent'>a</prosody>", ["text-lost"]),
        ("<prosody rate='medium'>a</prosody>", ["prosody-nothing"]),
        ("<prosody rate='90%'/>", ["empty"]),
        ("<prosody rate='90%'><audio src='a'>b</audio></prosody>", []),
        ("<p> </p>a", ["empty"]),
        ("<emphasis>a</emphasis> b <emphasis>c</emphasis> d", ["emphasis-everywhere"]),
        ("<emphasis>a</emphasis> b", []),
        (f"<emphasis>{WORDS}</emphasis> {WORDS}", ["emphasis-long"]),
        ("a <emphasis>b <emphasis>c</emphasis></emphasis> d e f g h i j k", ["emphasis-stacked"]),
        ("a<audio src='a'/>", ["text-lost"]),
        ("<sub alias='a'/>", ["text-lost"]),
        ("<say-as interpret-as='digits'>many</say-as>", ["say-as-kind"]),
        ("<say-as interpret-as='digits'>42</say-as>", []),
        ("a<mark name='m'/>b<mark name='m'/>", ["mark-twice"]),
        ("".join(f"<voice name='{name}'>a</voice>" for name in "abcd"), ["voices-many"]),
        ("well done 🙂 👩‍👩‍👧 👍🏽", ["emoji"]),
        ("5 → 6 © 𠮷野家 ½", []),
        ("<metadata><x:y>not spoken</x:y></metadata>a", []),
    ],
)
def test_what_is_too_much_is_found_once(inner, rules):
    """SSML that does harm would pass, or good SSML would be complained about."""
    assert [finding.rule for finding in lint(parse(f"<speak>{inner}</speak>"))] == rules


def test_emoji_are_counted_as_people_see_them():
    """A family of three would be told as three, and a thumb with a colour as two."""
    (finding,) = lint(parse("well done 🙂 👩‍👩‍👧 👍🏽 ☕️"))
    assert finding.problem.startswith("4 emoji: ")


def test_a_finding_says_where_and_what_to_write():
    """Its reader would have to look for the place, and guess how to mend it."""
    (finding,) = check(f"<speak>\n{WORDS} <break time='3s'/>{WORDS}</speak>")
    assert finding.place == Place(2, 50)
    assert not finding.wrong
    assert str(finding) == "2:50: a break of 3 s sounds like the end: write at most 2 s [break-long]"


def test_a_mistake_of_the_text_is_a_finding():
    """One that checks many files would stop at the first."""
    (finding,) = check("<speak>\n<brake/></speak>")
    assert finding.wrong
    assert (finding.place, finding.problem) == (Place(2, 1), "<brake> is not known")
    assert finding.advice.startswith("write <break>, or one of audio, bookmark, ")


@pytest.mark.parametrize(
    ("inner", "target", "wrong"),
    [
        ("a", "azure", ["1:1: Azure Speech wants every text in a named voice"]),
        ("<voice name='v'><w>a</w></voice>", "azure", ["1:24: Azure Speech does not take <w>"]),
        (
            "<voice name='v'><lang xml:lang='de'><s>a</s></lang></voice>",
            "azure",
            ["1:44: Azure Speech does not take <s> in <lang>"],
        ),
        ("<voice name='v'><prosody duration='2s'>a</prosody></voice>", "azure", ["duration of <prosody>"]),
        ("<audio src='a'>b</audio>", "polly-neural", ["does not take <audio>"]),
        ("<w>a</w>", "google", []),
        ("<w>a</w>", None, []),
    ],
)
def test_what_a_strict_target_refuses_is_wrong(inner, target, wrong):
    """A document would pass the check and be refused by the service."""
    found = [str(finding) for finding in check(f"<speak>{inner}</speak>", target) if finding.wrong]
    assert len(found) == len(wrong)
    assert all(each in text for each, text in zip(wrong, found, strict=True))
