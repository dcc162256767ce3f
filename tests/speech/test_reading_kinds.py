"""What is read in every language, by kind; each line was written by hand."""

import pytest

from workbench.speech import language_numbers as numbers, roman
from workbench.speech.language_habits import HABITS
from workbench.speech.phones import phone_spans
from workbench.speech.reading import LANGUAGES, read_as, readings
from workbench.ssml.dialects import dialect

TAGS = (*HABITS, "en", "en-GB")


def said(text: str, language: str) -> str:
    return "".join(one.spoken for one in readings(text, language))


def test_numbers_have_the_names_people_say() -> None:
    """Pounds would be counted as men, and stress lie on the wrong syllable."""
    assert numbers.cardinal(210_701, "es", "f") == "doscientas diez mil setecientas una"
    assert numbers.cardinal(1_000_021, "es", "f") == "un millón veintiuna"
    assert numbers.cardinal(2003, "it") == "duemilatré"
    assert numbers.cardinal(3, "it") == "tre"
    assert numbers.cardinal(1_312_452_677, "pt-PT") == (
        "mil trezentos e doze milhões quatrocentos e cinquenta e dois mil seiscentos e setenta e sete"
    )
    assert numbers.cardinal(10**12 + 5, "pt-PT") == "um bilião e cinco"


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "$1,250.50", "one thousand two hundred fifty dollars and fifty cents"),
        ("en", "1.250,50 €", "one thousand two hundred fifty euros and fifty cents"),
        ("de", "$1,250.50", "eintausendzweihundertfünfzig Dollar fünfzig Cent"),
        ("de", "1'250.50 CHF", "eintausendzweihundertfünfzig Schweizer Franken fünfzig Rappen"),
        ("es", "1 034 068", "un millón treinta y cuatro mil sesenta y ocho"),
        ("es-MX", "$1,250.50", "mil doscientos cincuenta pesos cincuenta centavos"),
        ("es-MX", "3.5 km", "tres punto cinco kilómetros"),
        ("fr", "1.250,50 €", "mille deux cent cinquante euros cinquante centimes"),
        ("fr", "46,13\u00a0$US", "quarante-six dollars treize cents"),
        ("fr", "1.000.000", "un million"),
        ("it-CH", "1'250.50", "milleduecentocinquanta punto cinquanta"),
        ("pt-PT", "16,03 €", "dezasseis euros e três cêntimos"),
        ("fr-BE", "91", "nonante-et-un"),
        ("pt", "1.250.000", "um milhão e duzentos e cinquenta mil"),
    ],
)
def test_marks_in_numbers_are_read_by_region(language: str, text: str, spoken: str) -> None:
    """A price of a thousand would be one of one dollar, or be left in digits."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "14:00-15:30", "fourteen hundred hours to fifteen thirty"),
        ("en", "9:00 am - 5:30 pm, 5-6 pm", "nine ay em to five thirty pee em, five to six pee em"),
        ("de", "14:00–15:30 Uhr", "vierzehn Uhr bis fünfzehn Uhr dreißig"),
        ("de", "von 14 - 16 Uhr", "von vierzehn Uhr bis sechzehn Uhr"),
        ("es", "5 p. m.", "cinco de la tarde"),
        ("es", "9 pm, 12 am", "nueve de la noche, doce de la noche"),
        ("fr", "14h-15h30", "quatorze heures à quinze heures trente"),
        ("fr", "20 h 15 min, 0h15", "vingt heures quinze minutes, zéro heure quinze"),
        ("it", "14:00-15:30", "quattordici a quindici e trenta"),
        ("pt", "14:00-15:30", "catorze horas a quinze horas e trinta"),
        ("en", "14:10:30, 1.59 p.m.", "fourteen hours ten minutes and thirty seconds, one fifty-nine pee em"),
        ("de", "01:01:01 Uhr", "ein Uhr eine Minute und eine Sekunde"),
        ("en", "1960s-80s, 1960-80", "nineteen sixties to eighties, nineteen sixty to eighty"),
    ],
)
def test_times_and_their_ranges(language: str, text: str, spoken: str) -> None:
    """A shop would be open from "vierzehn Uhr-fünfzehn"."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "¼ cup, 1½ km", "one quarter cup, one and a half kilometers"),
        ("en", "2 1/2, 9/11, 24/7", "two and a half, nine eleven, twenty-four seven"),
        ("de", "½ Stunde, ½ Liter, ½ Jahr", "eine halbe Stunde, ein halber Liter, ein halbes Jahr"),
        ("de", "1½ Stunden, 2 1/2", "eineinhalb Stunden, zweieinhalb"),
        ("es", "½ hora, 1/2 litro", "media hora, medio litro"),
        ("fr", "1/2 heure, 3⁄4", "une demi heure, trois quarts"),
        ("it", "½ ora, ¾", "mezza ora, tre quarti"),
        ("pt", "½ hora, -½", "meia hora, menos um meio"),
        ("de", "2023/24", "zweitausenddreiundzwanzig vierundzwanzig"),
        ("es", "1/8 de litro, 1/8, 1/16", "un octavo de litro, uno ocho, un dieciseisavo"),
        ("es", "1/30, 3/100, 1/201", "un treintavo, tres centésimos, uno sobre doscientos uno"),
        ("fr", "les 17/18 juin, -4 1/3", "les dix-sept dix-huit juin, moins quatre et un tiers"),
        ("pt", "1/100", "um centésimo"),
        ("fr", "30 1/1", "trente un un"),
    ],
)
def test_fractions(language: str, text: str, spoken: str) -> None:
    """Half a litre would be no litre."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "60 km/h, 5 kWh, 72°", "sixty kilometers per hour, five kilowatt-hours, seventy-two degrees"),
        ("en", "$20/hr, 20€, €1.5bn", "twenty dollars per hour, twenty euros, one point five billion euros"),
        (
            "en",
            "$5-10, 10-15%, 5 ft 10 in",
            "five to ten dollars, ten to fifteen percent, five feet ten inches",
        ),
        ("de", "5 €/h, 16 GB, -10°", "fünf Euro pro Stunde, sechzehn Gigabyte, minus zehn Grad"),
        ("de", "1 Mio. Euro, 30 Min., 5,- €", "eine Million Euro, dreißig Minuten, fünf Euro"),
        ("es", "100 €/mes, 220 V", "cien euros por mes, doscientos veinte voltios"),
        (
            "fr",
            "2,5 M€, 16 Go, 10 k€",
            "deux virgule cinq millions d'euros, seize gigaoctets, dix mille euros",
        ),
        ("it", "100 €/mese, 5 €/h", "cento euro al mese, cinque euro all'ora"),
        ("pt-PT", "1 km, 16 kg", "um quilómetro, dezasseis quilogramas"),
        ("pt", "2,5 mi de pessoas", "dois vírgula cinco milhões de pessoas"),
        ("es", "20 PLN, ₹500", "veinte eslotis polacos, quinientas rupias indias"),
        ("de", "TOP 10, PLZ 10115", "TOP zehn, PLZ eins null eins eins fünf"),
        ("es", "5 + 3 = 8, ±2", "cinco más tres es igual a ocho, más menos dos"),
        ("en", "2x8, $1.50-$2.50", "two by eight, one dollar and fifty cents to two dollars and fifty cents"),
        ("de", "2x8, 10 m2", "zwei mal acht, zehn Quadratmeter"),
        ("fr", "1000000, 1234567", "un million, un deux trois quatre cinq six sept"),
        ("es", "1000.º, 1.ᵉʳ, 2.000.º", "milésimo, primer, dosmilésimo"),
        (
            "es",
            "320 320,22, 3,1415",
            "trescientos veinte mil trescientos veinte coma veintidós, tres coma catorce quince",
        ),
    ],
)
def test_units_prices_and_sums(language: str, text: str, spoken: str) -> None:
    """A unit would be spelled, and a code that is a word be taken for money."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "No. 5, #7, n°12", "number five, number seven, number twelve"),
        ("de", "Nr. 5, § 3 Abs. 2, S. 12", "Nummer fünf, Paragraf drei Absatz zwei, Seite zwölf"),
        ("fr", "n°12, art. 5, pp. 5-7", "numéro douze, article cinq, pages cinq à sept"),
        ("it", "n. 12, pag. 5, anni '90", "numero dodici, pagina cinque, anni novanta"),
        ("en", "the '80s, 1990s", "the eighties, nineteen nineties"),
        ("de", "die 1990er, 80er, 10fach", "die neunzehnhundertneunziger, achtziger, zehnfach"),
        ("de", "A4, Haus 12b", "A vier, Haus zwölf b"),
        ("es", "1.ª clase, 2do, 1ºA", "primera clase, segundo, primero A"),
        ("it", "2ª classe, 10°, 2° piano", "seconda classe, dieci gradi, secondo piano"),
        ("fr", "1re classe, 10°", "première classe, dix degrés"),
        ("en", "192.168.0.1", "one nine two dot one six eight dot zero dot one"),
        ("it", "1 ora, 1 amica, 1 amico", "un'ora, un'amica, un amico"),
    ],
)
def test_numbers_of_things(language: str, text: str, spoken: str) -> None:
    """Abbreviations and digits among letters would be left as they are, and be silent in Kokoro's Spanish."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Es war der 3. Danach ging er.", "Es war der dritte. Danach ging er."),
        ("Drücken Sie die 1. Wählen Sie dann.", "Drücken Sie die eins. Wählen Sie dann."),
        ("Ich nehme die 3. Danke.", "Ich nehme die drei. Danke."),
        ("der 3. Mann", "der dritte Mann"),
        ("als 2. ins Ziel", "als zweiter ins Ziel"),
        ("1. Klasse, im 2. Stock", "erste Klasse, im zweiten Stock"),
        ("2. Weltkrieg, 3. Kapitel", "zweiter Weltkrieg, drittes Kapitel"),
        ("vom 1.-3. Mai", "vom ersten bis dritten Mai"),
    ],
)
def test_german_ordinals_end_no_sentence_and_sentences_stay_apart(text: str, spoken: str) -> None:
    """Two sentences would run into one, or a place be counted."""
    assert said(text, "de") == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Henry VIII, World War II", "Henry the eighth, World War two"),
        ("en", "George I know. The IV drip.", "George I know. The IV drip."),
        ("de", "Ludwig XIV. kam", "Ludwig der vierzehnte kam"),
        ("de", "unter Elisabeth II. Und", "unter Elisabeth der zweiten Und"),
        ("es", "Felipe VI, Luis XIV, siglo XXI", "Felipe sexto, Luis catorce, siglo veintiuno"),
        ("fr", "François Ier, Louis XIV, XXe siècle", "François premier, Louis quatorze, vingtième siècle"),
        ("it", "Luigi XIV, XX secolo", "Luigi quattordicesimo, ventesimo secolo"),
        ("pt", "Pedro II, século XX", "Pedro segundo, século vinte"),
        ("es", "año MCMLXXXIX", "año mil novecientos ochenta y nueve"),
        ("en", "DVD, MIX, CIVIL, XL", "DVD, MIX, CIVIL, XL"),
    ],
)
def test_roman_numerals(language: str, text: str, spoken: str) -> None:
    """A king would be spelled, and words of capital letters be numbers."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        (
            "pt-BR",
            "Tecle 0. 0800 770 1234",
            "Tecle zero. zero oito zero zero, sete sete zero, um dois três quatro",
        ),
        ("it", "Alle ore 14.30.", "Alle ore quattordici e trenta."),
        ("en", "020 7946 0958", "zero two zero, seven nine four six, zero nine five eight"),
        ("de", "030/123 45 67", "null drei null, eins zwei drei, vier fünf, sechs sieben"),
        ("de", "0800 330 1000", "null acht null null, drei drei null, eins null null null"),
        ("es", "91 123 45 67", "nueve uno, uno dos tres, cuatro cinco, seis siete"),
        ("pt", "11 91234-5678", "um um, nove um dois três quatro, cinco seis sete oito"),
        ("it", "tel. 06 123456", "telefono zero sei, uno due tre quattro cinque sei"),
        ("pt", "555-1234", "cinco cinco cinco, um dois três quatro"),
        ("pt", "100-1000 reais", "cem a mil reais"),
        ("es", "123.123.0.40", "uno dos tres punto uno dos tres punto cero punto cuatro cero"),
        ("en", "From 1970-2010", "From nineteen seventy to twenty ten"),
    ],
)
def test_numbers_to_call_in_odd_groups(language: str, text: str, spoken: str) -> None:
    """A caller could not write a number down that is read as thousands."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "No. I can't. It is no. 5 or No. IV.", "No. I can't. It is number five or number IV."),
        ("en", "Very apt. Apt. 4 is free.", "Very apt. apartment four is free."),
        ("en", "Malcolm X, Malcolm III", "Malcolm X, Malcolm the third"),
        ("en", "John V. Smith, George V", "John V. Smith, George the fifth"),
        ("es", "Juan V. Pérez, Carlos V", "Juan V. Pérez, Carlos quinto"),
        ("en", "In St. Louis. The St. Mary", "In saint Louis. The saint Mary"),
        ("en", "I visit St. Paul near Baker St. Come!", "I visit saint Paul near Baker street Come!"),
        ("en", "on Main St. in town", "on Main street in town"),
        ("de", "Mo.-Fr. 9-12 Uhr", "Mo.-Fr. neun Uhr bis zwölf Uhr"),
        ("de", "Bis Fr. Am Fr. geht es.", "Bis Fr. Am Fr. geht es."),
        ("de", "Guten Tag, Fr. Ott", "Guten Tag, Frau Ott"),
        ("es", "¿Qué más da. La Da. Ana", "¿Qué más da. La doña Ana"),
        ("it", "Nel XX secolo", "Nel ventesimo secolo"),
        (
            "en",
            "22 W. 34th St. and 5 S Main St.",
            "twenty-two W. thirty-fourth street and five S Main street",
        ),
        ("en", "A bulb of 60 W. It shines 5 s.", "A bulb of sixty watts. It shines five seconds."),
        ("de", "Freitag, 4.12., um 9 Uhr", "Freitag, vierter Dezember, um neun Uhr"),
        ("de", "5 Mbit/s. 16 GB", "fünf Mbit/s. sechzehn Gigabyte"),
    ],
)
def test_words_like_short_ones_stay(language: str, text: str, spoken: str) -> None:
    """An answer, a day, an initial or a verb looks like an abbreviation or a numeral."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Balance: -$45.20", "Balance: minus forty-five dollars and twenty cents"),
        ("en", "$5 -$10", "five to ten dollars"),
        ("de", "−€5", "minus fünf Euro"),
        ("pt-BR", "-R$ 5,00", "menos cinco reais"),
        ("pt-BR", "$5,000 e £12,000", "cinco mil dólares e doze mil libras"),
        ("pt-BR", "R$ 5,899", "cinco vírgula oito nove nove reais"),
        ("de", "$5,000, $5,50 und 1 %", "fünftausend Dollar, fünf Dollar fünfzig Cent und ein Prozent"),
        ("es", "$5 - $10", "cinco dólares - diez dólares"),
    ],
)
def test_money_written_as_elsewhere(language: str, text: str, spoken: str) -> None:
    """A minus stands before the sign, and thousands have a comma."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Your code is 482913.", "Your code is four eight two nine one three."),
        ("en", "the code is 5000 lines long", "the code is five thousand lines long"),
        ("en", "the card ending in 4242", "the card ending in four two four two"),
        (
            "en",
            "the season ending in 2026, about 4242",
            "the season ending in twenty twenty-six, about four thousand two hundred forty-two",
        ),
        (
            "de",
            "Postleitzahl 10115, PIN: 1990",
            "Postleitzahl eins null eins eins fünf, PIN: eins neun neun null",
        ),
        ("es", "Su código es 4829", "Su código es cuatro ocho dos nueve"),
        ("fr", "Votre code est 4829", "Votre code est quatre huit deux neuf"),
        ("it", "Il codice è 4829", "Il codice è quattro otto due nove"),
        ("pt-BR", "Seu código é 4829", "Seu código é quatro oito dois nove"),
    ],
)
def test_codes_are_told_digit_by_digit(language: str, text: str, spoken: str) -> None:
    """Nobody keys in "four hundred eighty-two thousand"."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("3/4/2026", "en-GB", "April third, twenty twenty-six"),
        ("3/4/2026", "en-US", "March fourth, twenty twenty-six"),
        ("31/12/2024", "en", "December thirty-first, twenty twenty-four"),
        ("15.01.2020", "en", "January fifteenth, twenty twenty"),
        ("2024-01-05T14:30", "en", "January fifth, twenty twenty-four, fourteen thirty"),
        ("3/4/2026", "fr", "trois avril deux mille vingt-six"),
    ],
)
def test_dates_by_region(text: str, language: str, spoken: str) -> None:
    """Day and month would change places."""
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    ("text", "kind", "form", "language", "spoken"),
    [
        ("20260403", "date", "", "es", "tres de abril de dos mil veintiséis"),
        ("1", "date", "d", "es", "primero"),
        ("1990", "date", "y", "de", "neunzehnhundertneunzig"),
        ("04/2026", "date", "my", "it", "aprile duemilaventisei"),
        ("2:05:01", "duration", "", "fr", "deux heures cinq minutes une seconde"),
        ("-5", "cardinal", "", "de", "minus fünf"),
        ("1,250", "cardinal", "", "es-MX", "mil doscientos cincuenta"),
        ("-5", "number", "", "en", "minus five"),
        ("12 kg", "unit", "", "pt", "doze quilogramas"),
        ("1'250", "cardinal", "", "de-CH", "eintausendzweihundertfünfzig"),
    ],
)
def test_stated_kinds(text: str, kind: str, form: str, language: str, spoken: str) -> None:
    """``say-as`` would be left to chance."""
    assert read_as(text, kind, form, language=language) == spoken


def test_roman_numerals_are_worth_what_they_say() -> None:
    """IIX would be a number."""
    assert [roman.value(text) for text in ("I", "IV", "XLII", "MMXXVI", "IIX", "VX")] == [
        1,
        4,
        42,
        2026,
        None,
        None,
    ]


@pytest.mark.parametrize("target", ["kokoro", "espeak"])
def test_the_dialects_of_the_engines_here_say_what_is_read(target: str) -> None:
    """Losses would be told of what is read as asked."""
    assert set(dialect(target).reads) == set(LANGUAGES)


def test_phones_are_looked_up_in_few_candidates_only() -> None:
    """A long table of numbers would hold a reply up."""
    text = "030 1234567 und " * 100
    assert len(list(phone_spans(text, "de"))) == 20
    assert list(phone_spans("am 01.02.2024, 1 000 000 000 oder 2020-2024", "de")) == []
