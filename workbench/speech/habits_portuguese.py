"""How numbers, dates, times and money are said in Portuguese."""

from types import MappingProxyType

from workbench.speech.reading_habits import Habits, Noun, money_of, months_of, words_of

EUROPEAN_CURRENCIES = money_of(
    "m|euro|euros / m|cêntimo|cêntimos",
    "m|dólar|dólares / m|cêntimo|cêntimos",
    "f|libra|libras / m|péni|pence",
    "m|iene|ienes / m|sen|sens",
    "m|franco suíço|francos suíços / m|cêntimo|cêntimos",
    "m|real|reais / m|centavo|centavos",
)
"""What they are called in Portugal."""

PORTUGUESE = Habits(
    code="pt",
    rules="pt",
    times="vezes",
    over="dividido por",
    equals="é igual a",
    plus_minus="mais ou menos",
    minus="menos",
    plus="mais",
    comma="vírgula",
    point="ponto",
    together=0,
    percent="por cento",
    per_mille="por mil",
    degrees=("grau", "graus"),
    per="por",
    months=months_of(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
    ),
    date="{day} de {month} de {year}",
    first="primeiro",
    hours=("hora", "horas", "e"),
    hour_gender="f",
    link="e",
    joint=" e ",
    until="a",
    of="de ",
    scales="milhões|milhão|bilhões|bilhão|mil milhões|trilhões|trilhão",
    short_scales=MappingProxyType(
        {
            **dict.fromkeys(("M", "mi"), Noun("m", "milhão", "milhões")),
            "bi": Noun("m", "bilhão", "bilhões"),
            "k": Noun("m", "mil", "mil"),
        }
    ),
    currencies=money_of(
        "m|euro|euros / m|centavo|centavos",
        "m|dólar|dólares / m|centavo|centavos",
        "f|libra|libras / m|pêni|pence",
        "m|iene|ienes / m|sen|sens",
        "m|franco suíço|francos suíços / m|cêntimo|cêntimos",
        "m|real|reais / m|centavo|centavos",
    ),
    units=MappingProxyType({"hs": "duration-hour", "hrs": "duration-hour", "seg": "duration-second"}),
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
            "etc.": "et cetera",
        }
    ),
    numbered=words_of(
        número="n.º, nº, n°, n.",
        página="p., pág.",
        páginas="pp., págs.",
        parágrafo="§",
        artigo="art.",
        volume="vol.",
        capítulo="cap.",
        telefone="tel., tel.:",
        extensão="ext.",
        aproximadamente="aprox.",
    ),
)
