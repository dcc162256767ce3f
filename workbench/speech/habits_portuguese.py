"""How numbers, dates, times and money are said in Portuguese."""

from types import MappingProxyType

from workbench.speech.reading_habits import Habits, money_of, months_of, units_of

PORTUGUESE = Habits(
    minus="menos",
    plus="mais",
    comma="vírgula",
    point="ponto",
    together=0,
    percent="por cento",
    months=months_of(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
    ),
    date="{day} de {month} de {year}",
    first="primeiro",
    hours=("hora", "horas", "e"),
    hour_gender="f",
    seconds=("minutos", "segundos"),
    link="e",
    joint=" e ",
    until="a",
    of="de ",
    scales="milhões|milhão|bilhões|bilhão|mil milhões|trilhões|trilhão",
    currencies=money_of(
        "m|euro|euros / m|centavo|centavos",
        "m|dólar|dólares / m|centavo|centavos",
        "f|libra|libras / m|pêni|pence",
        "m|iene|ienes / m|sen|sens",
        "m|franco suíço|francos suíços / m|cêntimo|cêntimos",
        "m|real|reais / m|centavo|centavos",
    ),
    units=units_of(
        "f|hora|horas",
        "m|minuto|minutos",
        "m|segundo|segundos",
        km="m|quilômetro|quilômetros",
        m="m|metro|metros",
        cm="m|centímetro|centímetros",
        mm="m|milímetro|milímetros",
        kg="m|quilo|quilos",
        g="m|grama|gramas",
        l="m|litro|litros",
        ml="m|mililitro|mililitros",
        kmh="m|quilômetro por hora|quilômetros por hora",
        m2="m|metro quadrado|metros quadrados",
        km2="m|quilômetro quadrado|quilômetros quadrados",
        m3="m|metro cúbico|metros cúbicos",
        cm3="m|centímetro cúbico|centímetros cúbicos",
        degrees="m|grau Celsius|graus Celsius",
    ),
    fractions=MappingProxyType({2: ("meio", "meios"), 3: ("terço", "terços"), 4: ("quarto", "quartos")}),
    abbreviations=MappingProxyType(
        {
            "€": "euros",
            "Sr.": "senhor",
            "Sra.": "senhora",
            "Srta.": "senhorita",
            "Dr.": "doutor",
            "Dra.": "doutora",
            "Av.": "avenida",
            "n.º": "número",
            "nº": "número",
            "etc.": "et cetera",
        }
    ),
)
