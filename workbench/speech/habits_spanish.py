"""How numbers, dates, times and money are said in Spanish."""

from types import MappingProxyType

from workbench.speech.reading_habits import Currency, Habits, Noun, money_of, months_of, words_of

_PESO = Currency(Noun("m", "peso", "pesos"), Noun("m", "centavo", "centavos"))
PESOS = {"$": _PESO}
"""What the sign of the dollar stands for where pesos are paid."""

SPANISH = Habits(
    code="es",
    rules="es",
    times="por",
    over="entre",
    equals="es igual a",
    plus_minus="más menos",
    minus="menos",
    plus="más",
    comma="coma",
    point="punto",
    together=2,
    pairs=True,
    percent="por ciento",
    per_mille="por mil",
    degrees=("grado", "grados"),
    per="por",
    months=months_of(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    ),
    date="{day} de {month} de {year}",
    first="primero",
    hours=("", "", "y"),
    hour_gender="f",
    link="y",
    joint=" ",
    until="a",
    of="de ",
    scales="millones|millón|billones|billón",
    short_scales=MappingProxyType(
        {
            **dict.fromkeys(("M", "mill."), Noun("m", "millón", "millones")),
            "k": Noun("m", "mil", "mil"),
        }
    ),
    currencies=money_of(
        "m|euro|euros / m|céntimo|céntimos",
        "m|dólar|dólares / m|centavo|centavos",
        "f|libra|libras / m|penique|peniques",
        "m|yen|yenes / m|centavo|centavos",
        "m|franco suizo|francos suizos / m|céntimo|céntimos",
        "m|real|reales / m|centavo|centavos",
    ),
    units=MappingProxyType({"seg": "duration-second", "hs": "duration-hour", "hrs": "duration-hour"}),
    fractions=MappingProxyType(
        {2: ("medio", "medios"), 3: ("tercio", "tercios"), 4: ("cuarto", "cuartos"), 5: ("quinto", "quintos")}
    ),
    abbreviations=MappingProxyType(
        {
            "€": "euros",
            "Sr.": "señor",
            "Sra.": "señora",
            "Srta.": "señorita",
            "Dr.": "doctor",
            "Dra.": "doctora",
            "D.ª": "doña",
            "Da.": "doña",
            "Ud.": "usted",
            "Uds.": "ustedes",
            "EE. UU.": "Estados Unidos",
            "pza.": "plaza",
            "avda.": "avenida",
            "p. ej.": "por ejemplo",
            "etc.": "etcétera",
        }
    ),
    numbered=words_of(
        número="n.º, n.°, nº, n°, núm., nro., No., Nº.",
        página="p., pág.",
        páginas="pp., págs.",
        párrafo="§",
        artículo="art.",
        volumen="vol.",
        capítulo="cap.",
        teléfono="tel., tel.:, tfno.",
        extensión="ext.",
        aproximadamente="aprox.",
    ),
)
