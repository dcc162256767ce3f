#!/usr/bin/env python
"""Write ``tests/privacy/spoken.csv``: sentences that say personal data in words, in seven languages, labelled.

Values are invented, drawn with a seed; number words come from ``num2words`` (a package that only this script
needs), so not from the tables they test. Names are common ones, written down here by hand. Part of the rows is
written as recognisers do it: digits among words, commas for pauses, no capitals.
"""

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from num2words import num2words

FILE = Path(__file__).parents[1] / "tests" / "privacy" / "spoken.csv"
SEED = 20_260_101
ROWS = 10
"""Rows of each sentence."""

WORDS = {"en": "en", "de": "de", "fr": "fr", "es": "es", "it": "it", "pt": "pt_BR", "nl": "nl"}
NAMES = {
    "en": ("Emily James Charlotte Oliver Megan Harry Sophie Thomas Rachel Daniel", "Thompson Walker Hughes Bennett Clarke Morrison Fletcher Osborne Whitaker Pearson"),
    "de": ("Julia Stefan Katharina Matthias Sabine Jürgen Franziska Tobias Heike Lukas", "Schneider Hoffmann Brandt Lehmann Krüger Winkler Zimmermann Schuster Albrecht Kowalski"),
    "fr": ("Camille Julien Élodie Nicolas Aurélie Mathieu Manon Sébastien Chloé Antoine", "Lefebvre Moreau Girard Rousseau Fontaine Chevalier Lambert Gauthier Perrin Marchand"),
    "es": ("Lucía Alejandro Carmen Javier Marta Sergio Elena Álvaro Beatriz Pablo", "Fernández Jiménez Navarro Domínguez Ortega Cabrera Vidal Castillo Serrano Molina"),
    "it": ("Giulia Alessandro Chiara Lorenzo Francesca Matteo Elisa Davide Martina Stefano", "Bianchi Esposito Colombo Ricci Marino Fontana Galli Ferrari Moretti Barbieri"),
    "pt": ("Mariana Tiago Beatriz Gonçalo Larissa Rafael Inês Rodrigo Fernanda Thiago", "Ferreira Carvalho Almeida Ribeiro Teixeira Barbosa Azevedo Cardoso Monteiro Nogueira"),
    "nl": ("Sanne Daan Femke Bram Lotte Jeroen Anouk Thijs Marloes Pieter", "Jansen Visser Bakker Dekker Hendriks Kuipers Verhoeven Willems Peeters Hoekstra"),
}  # fmt: skip
SAID = {
    "en": {
        "person": ("my name is {} and I need help", "hello this is {} speaking", "the booking is under the name {}"),
        "phone": ("you can reach me at {}", "my phone number is {} thanks"),
        "card": ("the card number is {}", "please charge it to {}"),
        "account": ("my account number is {}",),
        "email": ("my email is {}", "send it to {} please"),
        "date-of-birth": ("I was born on {}", "my date of birth is {}"),
        "address": ("I live at {}", "please send it to {}"),
        "national-id": ("my social security number is {}",),
        "url": ("the page is {}",),
        "iban": ("the IBAN is {}",),
    },
    "de": {"person": ("mein Name ist {}", "ich heiße {} und brauche Hilfe"), "phone": ("meine Telefonnummer ist {}", "Sie erreichen mich unter {}"), "card": ("die Kartennummer lautet {}",), "account": ("meine Kundennummer ist {}",)},
    "fr": {"person": ("je m'appelle {}", "bonjour c'est {} à l'appareil"), "phone": ("mon numéro de téléphone est le {}", "vous pouvez me joindre au {}"), "card": ("le numéro de ma carte est {}",), "account": ("mon numéro de client est {}",)},
    "es": {"person": ("me llamo {}", "mi nombre es {} y necesito ayuda"), "phone": ("mi teléfono es el {}", "pueden llamarme al {}"), "card": ("el número de la tarjeta es {}",), "account": ("mi número de cliente es {}",)},
    "it": {"person": ("mi chiamo {}", "il mio nome è {} e ho bisogno di aiuto"), "phone": ("il mio numero di telefono è {}", "può chiamarmi al {}"), "card": ("il numero della carta è {}",), "account": ("il mio codice cliente è {}",)},
    "pt": {"person": ("o meu nome é {}", "me chamo {} e preciso de ajuda"), "phone": ("o meu telefone é {}", "pode ligar para o {}"), "card": ("o número do cartão é {}",), "account": ("o meu número de cliente é {}",)},
    "nl": {"person": ("mijn naam is {}", "u spreekt met {}"), "phone": ("mijn telefoonnummer is {}", "ik ben bereikbaar op {}"), "card": ("het kaartnummer is {}",), "account": ("mijn klantnummer is {}",)},
}  # fmt: skip
PHONES = {"en": "0207946", "de": "030231", "fr": "06397", "es": "612", "it": "347", "pt": "91", "nl": "06"}
LENGTHS = {"en": 11, "de": 11, "fr": 10, "es": 9, "it": 10, "pt": 9, "nl": 10}


def main() -> None:
    """Write the rows."""
    draw = random.Random(SEED)
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("language", "type", "style", "text", "start", "end"))
        for language, kinds in SAID.items():
            for kind, sentences in kinds.items():
                for sentence in sentences:
                    rows.writerows(_rows(draw, language, kind, sentence))
        for text in (
            "I would like two cappuccinos and a flat white",
            "can I book it for four people at half past seven",
            "that makes three hundred and twelve in all",
            "no, the other one, the second from the left",
            "we are open from nine to five, Monday to Friday",
            "twenty one of them came back in nineteen boxes",
        ):
            rows.writerow(("en", "", "words", text, "", ""))  # fmt: skip


def _rows(draw: random.Random, language: str, kind: str, sentence: str) -> Iterator[tuple[object, ...]]:
    for number in range(ROWS):
        style = ("words", "mixed", "pauses")[number % 3]
        value = _value(draw, language, kind, style)
        text = sentence.format("\0")
        if style == "mixed" or kind == "person" and style == "pauses":
            text, value = text.lower(), value.lower()
        start = text.index("\0")
        yield language, kind, style, text.replace("\0", value), start, start + len(value)


def _value(draw: random.Random, language: str, kind: str, style: str) -> str:
    if kind == "person":
        given, family = (draw.choice(names.split()) for names in NAMES[language])
        return f"{given} {family}"
    numbers: dict[str, Callable[[], str]] = {
        "phone": lambda: PHONES[language] + _digits(draw, LENGTHS[language] - len(PHONES[language])),
        "card": lambda: _with_luhn("4" + _digits(draw, 14)),
        "account": lambda: _digits(draw, 7),
        "national-id": lambda: f"{draw.randint(101, 665)}{draw.randint(11, 99)}{draw.randint(1001, 9999)}",
    }
    if kind in numbers:
        return _said(draw, numbers[kind](), language, style)
    given, family = (draw.choice(names.split()).lower() for names in NAMES["en"])
    host = draw.choice(("gmail dot com", "example dot org", "posteo dot de", "mail dot co dot uk"))
    match kind:
        case "email":
            local = draw.choice(
                (
                    f"{given} dot {family}",
                    " ".join(given),
                    f"{family}{draw.randint(2, 9)}",
                    f"{given} underscore {family}",
                )
            )
            return f"{local} at {host}"  # fmt: skip
        case "url":
            return f"www dot {family} dot {draw.choice(('com', 'org', 'co dot uk'))}"
        case "date-of-birth":
            return _date(draw)
        case "address":
            number = num2words(draw.randint(2, 98)).replace("-", " ")
            return f"{number} {family} {draw.choice(('street', 'road', 'avenue', 'lane'))}"
        case _:
            return _iban(draw, style)


def _said(draw: random.Random, digits: str, language: str, style: str) -> str:
    """Return digits as somebody says them: one by one, in pairs, doubles in English, some left as digits."""
    parts: list[str] = []
    here = 0
    while here < len(digits):
        pair = digits[here : here + 2]
        if style == "mixed" and draw.random() < 0.35:
            parts.append(digits[here : here + 4])
            here += 4
        elif language == "en" and len(pair) == 2 and pair[0] == pair[1] and draw.random() < 0.5:
            parts.append(f"double {_word(pair[0], language)}")
            here += 2
        elif len(pair) == 2 and pair[0] != "0" and style == "words" and draw.random() < 0.4:
            parts.append(_word(pair, language))
            here += 2
        else:
            zero = "oh" if language == "en" and digits[here] == "0" and here and draw.random() < 0.5 else ""
            parts.append(zero or _word(digits[here], language))
            here += 1
    if style != "pauses":
        return " ".join(parts)
    return "".join(part + (", " if place % 4 == 3 else " ") for place, part in enumerate(parts)).strip(" ,")


def _word(digits: str, language: str) -> str:
    return str(num2words(int(digits), lang=WORDS[language])).replace("­", "")


def _digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(count))


def _with_luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled // 10 + doubled % 10
    return digits + str(-total % 10)


def _date(draw: random.Random) -> str:
    day, year = draw.randint(1, 28), draw.randint(1935, 2004)
    month = draw.choice(
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ]
    )
    said = num2words(day, to="ordinal").replace("-", " ")
    if year < 2000:
        years = draw.choice((num2words(year, to="year"), num2words(year % 100)))
    else:
        years = num2words(year, to="year").replace("-", " ")
    return draw.choice((f"the {said} of {month} {years}", f"{month} {said} {years}"))


def _iban(draw: random.Random, style: str) -> str:
    bank = "".join(draw.choice("ABCDEFGHJKLMNPRSTUW") for _ in range(4))
    rest = _digits(draw, 14)
    number = "".join(str(int(letter, 36)) for letter in f"{bank}{rest}GB00")
    check = f"{98 - int(number) % 97:02d}"
    spelled = [letter if letter.isalpha() else _word(letter, "en") for letter in f"GB{check}{bank}{rest}"]
    return " ".join(spelled)


if __name__ == "__main__":
    main()
