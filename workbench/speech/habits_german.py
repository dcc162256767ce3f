"""How numbers, dates, times and money are said in German."""

from types import MappingProxyType

from workbench.speech.reading_habits import Habits, Noun, money_of, months_of, words_of

GERMAN = Habits(
    code="de",
    rules="de",
    times="mal",
    over="durch",
    equals="gleich",
    plus_minus="plus minus",
    comma="Komma",
    point="Punkt",
    together=0,
    percent="Prozent",
    per_mille="Promille",
    degrees=("Grad", "Grad"),
    per="pro",
    months=months_of("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    date="{day} {month} {year}",
    first="",
    hours=("Uhr", "Uhr", ""),
    hour_gender="n",
    link="und",
    joint=" ",
    until="bis",
    of="",
    scales="Millionen|Million|Milliarden|Milliarde|Billionen|Billion",
    short_scales=MappingProxyType(
        {
            **dict.fromkeys(("Mio.", "Mio"), Noun("f", "Million", "Millionen")),
            **dict.fromkeys(("Mrd.", "Mrd"), Noun("f", "Milliarde", "Milliarden")),
            **dict.fromkeys(("Tsd.", "Tsd", "T"), Noun("n", "tausend", "tausend")),
        }
    ),
    currencies=money_of(
        "m|Euro|Euro / m|Cent|Cent",
        "m|Dollar|Dollar / m|Cent|Cent",
        "n|Pfund|Pfund / m|Penny|Pence",
        "m|Yen|Yen / m|Sen|Sen",
        "m|Schweizer Franken|Schweizer Franken / m|Rappen|Rappen",
        "m|Real|Real / m|Centavo|Centavos",
    ),
    units=MappingProxyType(
        {
            "Std.": "duration-hour",
            "Stdn.": "duration-hour",
            "Min.": "duration-minute",
            "Sek.": "duration-second",
        }
    ),
    fractions=MappingProxyType({2: ("halb", "halbe")}),
    abbreviations=MappingProxyType(
        {
            "€": "Euro",
            "z. B.": "zum Beispiel",
            "z.B.": "zum Beispiel",
            "d. h.": "das heißt",
            "d.h.": "das heißt",
            "usw.": "und so weiter",
            "bzw.": "beziehungsweise",
            "Dr.": "Doktor",
            "Str.": "Straße",
            "Hr.": "Herr",
            "Fr.": "Frau",
        }
    ),
    numbered=words_of(
        Nummer="Nr., No., N°, Nº",
        Seite="S.",
        Paragraf="§",
        Paragrafen="§§",
        Artikel="Art.",
        Absatz="Abs.",
        Kapitel="Kap.",
        Band="Bd.",
        Telefon="Tel., Tel.:",
        circa="ca.",
        Abbildung="Abb.",
        Hausnummer="Hausnr.",
    ),
)
