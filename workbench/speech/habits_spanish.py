"""How numbers, dates, times and money are said in Spanish."""

from types import MappingProxyType

from workbench.speech.reading_habits import Habits, money_of, months_of, units_of

SPANISH = Habits(
    minus="menos",
    plus="más",
    comma="coma",
    point="punto",
    together=2,
    percent="por ciento",
    months=months_of(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    ),
    date="{day} de {month} de {year}",
    first="primero",
    hours=("", "", "y"),
    hour_gender="f",
    seconds=("minutos", "segundos"),
    link="y",
    joint=" ",
    until="a",
    of="de ",
    scales="millones|millón|billones|billón",
    currencies=money_of(
        "m|euro|euros / m|céntimo|céntimos",
        "m|dólar|dólares / m|centavo|centavos",
        "f|libra|libras / m|penique|peniques",
        "m|yen|yenes / m|centavo|centavos",
        "m|franco suizo|francos suizos / m|céntimo|céntimos",
        "m|real|reales / m|centavo|centavos",
    ),
    units=units_of(
        "f|hora|horas",
        "m|minuto|minutos",
        "m|segundo|segundos",
        km="m|kilómetro|kilómetros",
        m="m|metro|metros",
        cm="m|centímetro|centímetros",
        mm="m|milímetro|milímetros",
        kg="m|kilogramo|kilogramos",
        g="m|gramo|gramos",
        l="m|litro|litros",
        ml="m|mililitro|mililitros",
        kmh="m|kilómetro por hora|kilómetros por hora",
        mph="f|milla por hora|millas por hora",
        m2="m|metro cuadrado|metros cuadrados",
        km2="m|kilómetro cuadrado|kilómetros cuadrados",
        m3="m|metro cúbico|metros cúbicos",
        cm3="m|centímetro cúbico|centímetros cúbicos",
        kph="m|kilómetro por hora|kilómetros por hora",
        degrees="m|grado centígrado|grados centígrados",
    ),
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
            "n.º": "número",
            "nº": "número",
            "etc.": "etcétera",
        }
    ),
)
