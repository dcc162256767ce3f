"""How numbers, dates, times and money are said in Italian."""

from types import MappingProxyType

from workbench.speech.reading_habits import Habits, money_of, months_of, units_of

ITALIAN = Habits(
    minus="meno",
    plus="più",
    comma="virgola",
    point="punto",
    together=3,
    percent="percento",
    months=months_of(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
    ),
    date="{day} {month} {year}",
    first="primo",
    hours=("", "", "e"),
    hour_gender="f",
    seconds=("minuti", "secondi"),
    link="e",
    joint=" ",
    until="a",
    of="di ",
    scales="milioni|milione|miliardi|miliardo|bilioni|bilione",
    currencies=money_of(
        "m|euro|euro / m|centesimo|centesimi",
        "m|dollaro|dollari / m|centesimo|centesimi",
        "f|sterlina|sterline / m|penny|penny",
        "m|yen|yen / m|sen|sen",
        "m|franco svizzero|franchi svizzeri / m|centesimo|centesimi",
        "m|real|real / m|centavo|centavos",
    ),
    units=units_of(
        "f|ora|ore",
        "m|minuto|minuti",
        "m|secondo|secondi",
        km="m|chilometro|chilometri",
        m="m|metro|metri",
        cm="m|centimetro|centimetri",
        mm="m|millimetro|millimetri",
        kg="m|chilogrammo|chilogrammi",
        g="m|grammo|grammi",
        l="m|litro|litri",
        ml="m|millilitro|millilitri",
        kmh="m|chilometro orario|chilometri orari",
        m2="m|metro quadrato|metri quadrati",
        km2="m|chilometro quadrato|chilometri quadrati",
        m3="m|metro cubo|metri cubi",
        cm3="m|centimetro cubo|centimetri cubi",
        degrees="m|grado Celsius|gradi Celsius",
    ),
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
)
