"""X-SAMPA, the phonetic alphabet in plain ASCII, as IPA.

Source: J. C. Wells (1995), Computer-coding the IPA: a proposed extension of SAMPA.
"""

_SYMBOLS = {
    **{char: char for char in "abcdefhijklmnopqrstuvwxyz"},
    **{"g": "ɡ", "A": "ɑ", "B": "β", "C": "ç", "D": "ð", "E": "ɛ", "F": "ɱ", "G": "ɣ", "H": "ɥ", "I": "ɪ"},
    **{"J": "ɲ", "K": "ɬ", "L": "ʎ", "M": "ɯ", "N": "ŋ", "O": "ɔ", "P": "ʋ", "Q": "ɒ", "R": "ʁ", "S": "ʃ"},
    **{"T": "θ", "U": "ʊ", "V": "ʌ", "W": "ʍ", "X": "χ", "Y": "ʏ", "Z": "ʒ"},
    **{"@": "ə", "{": "æ", "}": "ʉ", "1": "ɨ", "2": "ø", "3": "ɜ", "4": "ɾ", "5": "ɫ", "6": "ɐ", "7": "ɤ"},
    **{"8": "ɵ", "9": "œ", "&": "ɶ", "?": "ʔ", '"': "ˈ", "%": "ˌ", ":": "ː", ".": ".", "_": "͡", "|": "|"},
    **{"b_<": "ɓ", "d_<": "ɗ", "d`": "ɖ", "g_<": "ɠ", "h\\": "ɦ", "j\\": "ʝ", "l`": "ɭ", "l\\": "ɺ"},
    **{"n`": "ɳ", "p\\": "ɸ", "r`": "ɽ", "r\\": "ɹ", "r\\`": "ɻ", "s`": "ʂ", "s\\": "ɕ", "t`": "ʈ"},
    **{"v\\": "ʋ", "x\\": "ɧ", "z`": "ʐ", "z\\": "ʑ", "B\\": "ʙ", "G\\": "ɢ", "H\\": "ʜ", "I\\": "ᵻ"},
    **{"J\\": "ɟ", "K\\": "ɮ", "L\\": "ʟ", "M\\": "ɰ", "N\\": "ɴ", "R\\": "ʀ", "U\\": "ᵿ", "X\\": "ħ"},
    **{"@\\": "ɘ", "@`": "ɚ", "3\\": "ɞ", "3`": "ɝ", "?\\": "ʕ", ":\\": "ˑ", "_h": "ʰ", "_w": "ʷ", "_j": "ʲ"},
    **{"_~": "\u0303", "~": "\u0303", "=": "\u0329", "_=": "\u0329", "_0": "\u0325", "_d": "\u032a"},
    **{"'": "ʲ", " ": " ", "-": "", "_^": "\u032f"},
}
_LONGEST = max(map(len, _SYMBOLS))


def ipa_from(xsampa: str) -> str | None:
    r"""Return the IPA of a text in X-SAMPA, or none if some of it is not X-SAMPA.

    >>> ipa_from('t@"meIt_hoU'), ipa_from("pI\"kA:n"), ipa_from("r\\Ed"), ipa_from("ü")
    ('təˈmeɪtʰoʊ', 'pɪˈkɑːn', 'ɹɛd', None)
    """
    found = []
    at = 0
    while at < len(xsampa):
        for length in range(_LONGEST, 0, -1):
            symbol = _SYMBOLS.get(xsampa[at : at + length])
            if symbol is not None and len(xsampa[at : at + length]) == length:
                found.append(symbol)
                at += length
                break
        else:
            return None
    return "".join(found)
