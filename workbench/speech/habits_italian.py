"""How numbers, dates, times and money are said in Italian."""

from types import MappingProxyType

from workbench.speech.reading_habits import Habits, Noun, money_of, months_of, words_of

ITALIAN = Habits(
    code="it",
    rules="it",
    times="per",
    over="diviso",
    equals="uguale",
    plus_minus="più o meno",
    minus="meno",
    plus="più",
    comma="virgola",
    point="punto",
    together=3,
    percent="percento",
    per_mille="per mille",
    degrees=("grado", "gradi"),
    per="",
    months=months_of(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
    ),
    date="{day} {month} {year}",
    first="primo",
    hours=("", "", "e"),
    hour_gender="f",
    link="e",
    joint=" ",
    until="a",
    of="di ",
    scales="milioni|milione|miliardi|miliardo|bilioni|bilione",
    short_scales=MappingProxyType(
        {
            **dict.fromkeys(("M", "mln"), Noun("m", "milione", "milioni")),
            **dict.fromkeys(("Mld", "mld"), Noun("m", "miliardo", "miliardi")),
            "k": Noun("m", "mille", "mila"),
        }
    ),
    currencies=money_of(
        "m|euro|euro / m|centesimo|centesimi",
        "m|dollaro|dollari / m|centesimo|centesimi",
        "f|sterlina|sterline / m|penny|penny",
        "m|yen|yen / m|sen|sen",
        "m|franco svizzero|franchi svizzeri / m|centesimo|centesimi",
        "m|real|real / m|centavo|centavos",
    ),
    units=MappingProxyType({"sec": "duration-second", "gg": "duration-day"}),
    fractions=MappingProxyType({2: ("mezzo", "mezzi")}),
    abbreviations=MappingProxyType(
        {
            "€": "euro",
            "sig.": "signor",
            "sig.ra": "signora",
            "sig.na": "signorina",
            "dott.": "dottor",
            "dott.ssa": "dottoressa",
            "avv.": "avvocato",
            "prof.": "professor",
            "dip.": "dipartimento",
            "p.za": "piazza",
            "p.zza": "piazza",
            "ecc.": "eccetera",
        }
    ),
    numbered=words_of(
        numero="n°, nº, n., nr., num.",
        pagina="p., pag.",
        pagine="pp., pagg.",
        paragrafo="§",
        articolo="art.",
        volume="vol.",
        capitolo="cap.",
        telefono="tel., tel.:",
        circa="ca.",
        interno="int.",
    ),
)
