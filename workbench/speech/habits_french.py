"""How numbers, dates, times and money are said in French."""

from types import MappingProxyType

from workbench.speech.reading_habits import Habits, Noun, money_of, months_of, words_of

FRENCH = Habits(
    code="fr",
    rules="fr",
    times="fois",
    over="sur",
    equals="égale",
    plus_minus="plus ou moins",
    minus="moins",
    comma="virgule",
    point="point",
    together=3,
    pairs=True,
    spaced=True,
    percent="pour cent",
    per_mille="pour mille",
    degrees=("degré", "degrés"),
    per="par",
    months=months_of("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    date="{day} {month} {year}",
    first="premier",
    hours=("heure", "heures", ""),
    hour_gender="f",
    link="et",
    joint=" ",
    until="à",
    of="de ",
    scales="millions|million|milliards|milliard|billions|billion",
    short_scales=MappingProxyType(
        {
            "M": Noun("m", "million", "millions"),
            **dict.fromkeys(("Md", "Mds", "Mrd"), Noun("m", "milliard", "milliards")),
            "k": Noun("m", "mille", "mille"),
        }
    ),
    currencies=money_of(
        "m|euro|euros / m|centime|centimes",
        "m|dollar|dollars / m|cent|cents",
        "f|livre|livres / m|penny|pence",
        "m|yen|yens / m|sen|sens",
        "m|franc suisse|francs suisses / m|centime|centimes",
        "m|réal|réaux / m|centavo|centavos",
    ),
    units=MappingProxyType(
        {
            "Go": "digital-gigabyte",
            "Mo": "digital-megabyte",
            "Ko": "digital-kilobyte",
            "ko": "digital-kilobyte",
            "To": "digital-terabyte",
            "mn": "duration-minute",
        }
    ),
    fractions=MappingProxyType({2: ("demi", "demis"), 3: ("tiers", "tiers"), 4: ("quart", "quarts")}),
    abbreviations=MappingProxyType(
        {
            "€": "euros",
            "M.": "monsieur",
            "Mme": "madame",
            "Mmes": "mesdames",
            "Mlle": "mademoiselle",
            "Mlles": "mesdemoiselles",
            "Mᵐᵉ": "madame",
            "Mᵐᵉˢ": "mesdames",
            "Mˡˡᵉ": "mademoiselle",
            "Mˡˡᵉˢ": "mesdemoiselles",
            "Dr": "docteur",
            "Dʳ": "docteur",
            "etc.": "et cetera",
            "p. ex.": "par exemple",
        }
    ),
    numbered=words_of(
        numéro="n°, nº, no",
        numéros="n°s, nos",
        page="p.",
        pages="pp.",
        paragraphe="§",
        article="art.",
        volume="vol.",
        tome="t.",
        chapitre="chap., ch.",
        téléphone="tél., tél. :",
        environ="env.",
    ),
)
