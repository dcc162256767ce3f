import re

import pytest
from hypothesis import given, settings, strategies as st

from workbench.errors import ParameterError
from workbench.speech import language_numbers as numbers
from workbench.speech.language_habits import HABITS
from workbench.speech.reading import is_read, read_as, readings
from workbench.speech.synthesizers.clauses import plan
from workbench.ssml.flatten import flatten
from workbench.ssml.parse import parse


def said(text: str, language: str) -> str:
    return "".join(one.spoken for one in readings(text, language))


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "Am 2. März um 14:30 Uhr.", "Am zweiten März um vierzehn Uhr dreißig."),
        ("de", "Der 24.12.2026", "Der vierundzwanzigste Dezember zweitausendsechsundzwanzig"),
        ("de", "Heute ist der 1. Mai 1990", "Heute ist der erste Mai neunzehnhundertneunzig"),
        ("de", "2. Mär. 2003", "zweiter März zweitausenddrei"),
        ("de", "1 Stunde für 2,20 €", "eine Stunde für zwei Euro zwanzig Cent"),
        ("de", "Ich nehme 3. Danke.", "Ich nehme drei. Danke."),
        ("de", "1.250 Gäste, 18 % mehr", "eintausendzweihundertfünfzig Gäste, achtzehn Prozent mehr"),
        (
            "de",
            "z. B. -5 °C bei 30 km/h",
            "zum Beispiel minus fünf Grad Celsius bei dreißig Kilometer pro Stunde",
        ),
        ("de", "3/4 davon, 2 Millionen Euro", "drei Viertel davon, zwei Millionen Euro"),
        ("de", "Version 2.0.1", "Version zwei Punkt null Punkt eins"),
        ("es", "Son 25 euros a las 14:30", "Son veinticinco euros a las catorce y media"),
        ("es", "el 1 de enero de 2024", "el primero de enero de dos mil veinticuatro"),
        ("es", "21 mesas, 21 libros y 1 día", "veintiuna mesas, veintiún libros y un día"),
        ("es", "el 3.er piso, 2ª puerta", "el tercer piso, segunda puerta"),
        ("es", "a las 5:02 p.m. por $1,50", "a las cinco y dos de la tarde por un dólar cincuenta centavos"),
        ("es", "2 millones de €, 8,52 %", "dos millones de euros, ocho coma cincuenta y dos por ciento"),
        ("es", "600 123 456", "seis cero cero, uno dos tres, cuatro cinco seis"),
        ("es-MX", "El Sr. Ruiz vive a 3 km", "El señor Ruiz vive a tres kilómetros"),
        ("fr", "le 1 mars à 14h30", "le premier mars à quatorze heures trente"),
        (
            "fr",
            "1 250,50 € au 3e étage",
            "mille deux cent cinquante euros cinquante centimes au troisième étage",
        ),
        ("fr", "06 12 34 56 78", "zéro six, un deux, trois quatre, cinq six, sept huit"),
        ("fr", "les 80s, 10 billions", "les quatre-vingts s, dix billions"),
        ("it", "il 1 marzo alle 9:05", "il primo marzo alle nove e cinque"),
        ("it", "3,23€ per 2 persone", "tre euro ventitré centesimi per due persone"),
        ("it", "la 2ª fila, 1 km", "la seconda fila, un chilometro"),
        (
            "pt",
            "15/03/2024 às 14h30",
            "quinze de março de dois mil e vinte e quatro às catorze horas e trinta",
        ),
        ("pt-BR", "R$ 199,99", "cento e noventa e nove reais e noventa e nove centavos"),
        ("pt", "2 pessoas, R$ 2000000", "duas pessoas, dois milhões de reais"),
        ("sv", "3,5 km", "3,5 km"),
    ],
)
def test_written_text_is_read_as_people_say_it(language: str, text: str, spoken: str) -> None:
    """Numbers would be swallowed or read in English: each sentence was written out by hand."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "Wählen Sie 1 für Hilfe", "Wählen Sie eins für Hilfe"),
        ("de", "1 Person in Zimmer 1 ist da", "eine Person in Zimmer eins ist da"),
        ("es", "Pulse 1 para ventas", "Pulse uno para ventas"),
        ("es", "La habitación 21 está lista", "La habitación veintiuno está lista"),
        ("es", "21 noches, 1 sesión", "veintiuna noches, una sesión"),
        ("fr", "à 21 heures, 1 personne", "à vingt-et-une heures, une personne"),
        ("it", "Premere 1 per lo studente", "Premere uno per lo studente"),
        ("it", "1 studente e 1 stazione", "uno studente e una stazione"),
        ("pt", "Tecle 2 para vendas", "Tecle dois para vendas"),
        ("pt", "2 mensagens, 2 vezes", "duas mensagens, duas vezes"),
        ("de", "in 1 Stunde, nach 1 km", "in einer Stunde, nach einem Kilometer"),
        ("es", "a la 1 o a las 21", "a la una o a las veintiuna"),
        ("pt", "das 2 às 4", "das duas às quatro"),
    ],
)
def test_a_number_takes_the_gender_of_a_noun_only(language: str, text: str, spoken: str) -> None:
    """A prompt would ask to press "una" or "duas", and messages be counted as men."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "−12,50 €", "minus zwölf Euro fünfzig Cent"),
        ("es", "–5 €", "menos cinco euros"),
        ("fr", "-0,50 €", "moins cinquante centimes"),
        ("es", "$1.50", "un dólar cincuenta centavos"),
        ("de", "3 Mio. €", "drei Millionen Euro"),
        ("fr", "3 M€", "trois millions d'euros"),
        ("de", "5G-Netz", "fünf G-Netz"),
    ],
)
def test_money_below_nothing_and_with_a_point_is_read_whole(language: str, text: str, spoken: str) -> None:
    """A true minus raised an error in the middle of a reply, "-0,50" lost its sign, and 5G weighed grams."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "5-10 Tage", "fünf bis zehn Tage"),
        ("de", "1914–1918", "neunzehnhundertvierzehn bis neunzehnhundertachtzehn"),
        ("es", "2020-2024", "dos mil veinte a dos mil veinticuatro"),
        ("es", "555-1234", "cinco cinco cinco, uno dos tres cuatro"),
        ("pt", "2020-2024", "dois mil e vinte a dois mil e vinte e quatro"),
        ("fr", "5–10 km", "cinq à dix kilomètres"),
        ("de", "das 3-2", "das drei-zwei"),
    ],
)
def test_ranges_are_read_as_ranges(language: str, text: str, spoken: str) -> None:
    """Two years would be dialled like a telephone number."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("de", "auf dem 1. Platz", "auf dem ersten Platz"),
        ("de", "in der 2. Klasse", "in der zweiten Klasse"),
        ("de", "die 2. Frage", "die zweite Frage"),
        ("de", "am 24.12. um acht", "am vierundzwanzigsten Dezember um acht"),
        ("de", "Wir feiern am 24.12.", "Wir feiern am vierundzwanzigsten Dezember."),
        ("de", "Ich nehme die 3.", "Ich nehme die drei."),
        ("de", "Ihr Termin ist am 13.", "Ihr Termin ist am dreizehnten."),
        ("de", "Wählen Sie 1 bis 3. Danach", "Wählen Sie eins bis drei. Danach"),
        ("it", "alle 14.30", "alle quattordici e trenta"),
    ],
)
def test_points_after_numbers_are_read_by_what_stands_before(language: str, text: str, spoken: str) -> None:
    """A place would be "der eins.", and a date "vierundzwanzig Punkt zwölf"."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("text", "kind", "language", "spoken"),
    [
        ("3", "ordinal", "it", "terzo"),
        ("3", "cardinal", "fr", "trois"),
        ("42", "digits", "de", "vier zwei"),
        ("A1", "characters", "es", "A uno"),
        ("3/4/2026", "date", "pt", "três de abril de dois mil e vinte e seis"),
        ("4.2.", "date", "de", "vierter Februar"),
        ("12.15", "time", "es", "doce y cuarto"),
        ("09:00:31", "time", "pt", "nove horas e zero minutos e trinta e um segundos"),
        ("5/6", "fraction", "es", "cinco sextos"),
        ("1 1/2", "fraction", "it", "uno e mezzo"),
        ("+49 30 12", "telephone", "de", "plus neunundvierzig, drei null, eins zwei"),
        ("12 €", "currency", "fr", "douze euros"),
        ("verdammt", "expletive", "de", "bleep"),
        ("0815", "digits", "sv", "0 8 1 5"),
        ("nichts", "date", "de", "nichts"),
    ],
)
def test_text_of_a_stated_kind_is_read_as_that(text: str, kind: str, language: str, spoken: str) -> None:
    """``say-as`` would do nothing in any language but English."""
    assert read_as(text, kind, language=language) == spoken


def test_a_reply_in_spanish_is_planned_in_words() -> None:
    """Kokoro's Spanish rules pronounce no digits: numbers were silent."""
    document = '<speak>Son 25 euros, <say-as interpret-as="ordinal">3</say-as> piso.</speak>'
    (step,) = plan(flatten(parse(document)), voice="ef_dora", language="es")
    assert " ".join(unit.spoken for unit in step.clause.units) == "Son veinticinco euros, tercero piso."
    assert step.clause.text == "Son 25 euros, 3 piso."


@pytest.mark.parametrize("language", HABITS)
@given(text=st.text(alphabet="0123456789.,:/-+−–€$£%°ºªh kmLUhram\u00a0", max_size=25))
@settings(max_examples=60, deadline=None)
def test_readings_cover_the_text_and_leave_no_plain_number(language: str, text: str) -> None:
    """Word times would be of other words; a reader would fall over an odd number."""
    found = readings(text, language)
    assert "".join(one.written for one in found) == text
    assert all(one.spoken for one in found)


@pytest.mark.parametrize("language", HABITS)
def test_every_number_has_a_name_of_its_own(language: str) -> None:
    """Two prices would sound alike, or a digit be left in a name."""
    names = [numbers.cardinal(value, language) for value in [*range(1100), 10**6, 10**9, numbers.LARGEST]]
    assert len(set(names)) == len(names)
    assert not any(re.search(r"\d", name) for name in names)
    with pytest.raises(ParameterError, match="number has 16 digits, expected at most 15"):
        numbers.cardinal(10**15, language)
    assert said("1" * 20, language).count(" ") >= 19


def test_which_languages_are_read_here() -> None:
    """A document in another language would be read in German words."""
    assert [tag for tag in ("en-GB", "de", "es-419", "sv", "de_DE") if is_read(tag)] == [
        "en-GB",
        "de",
        "es-419",
        "de_DE",
    ]
