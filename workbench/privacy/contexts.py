"""Which words near a number or a name say what it is, in seven languages."""

import re
from functools import cache

from workbench.privacy.number_words import LANGUAGES
from workbench.privacy.spans import Pii

_CARD = {
    "en": "card|visa|mastercard|amex|american express|debit|credit",
    "de": "karte|kreditkarte|kartennummer|ec-karte|kreditkartennummer",
    "fr": "carte|carte bancaire|carte de crédit",
    "es": "tarjeta|tarjeta de crédito",
    "it": "carta|carta di credito",
    "pt": "cartão|cartão de crédito",
    "nl": "kaart|creditcard|kaartnummer|pas",
}
_PHONE = {
    "en": "phone|telephone|mobile|cell|call|tel|fax|desk|reach|text me|ring|whatsapp|landline|contact",
    "de": "telefon|telefonnummer|handy|handynummer|mobil|anrufen|rückruf|erreichen|durchwahl|fax",
    "fr": "téléphone|portable|mobile|appeler|rappeler|joindre|tel|tél|fax",
    "es": "teléfono|móvil|celular|llamar|llámame|llámeme|contacto|fax",
    "it": "telefono|cellulare|chiamare|chiamarmi|richiamare|recapito|fax",
    "pt": "telefone|telemóvel|celular|ligar|ligue|contacto|contato|fax",
    "nl": "telefoon|telefoonnummer|mobiel|bellen|terugbellen|bereikbaar|fax",
}
_ID = {
    "en": "social security|social|ssn|national insurance|passport|tax|tin|identity|identification|id number|"
    "nhs|licence|license|sin|tax file|driver",
    "de": "steuer|steuer-id|steuernummer|ausweis|personalausweis|reisepass|sozialversicherung|"
    "versichertennummer",
    "fr": "sécurité sociale|passeport|identité|fiscal|nir|siren|siret",
    "es": "dni|nie|nif|pasaporte|identidad|seguridad social|documento|cédula|rut",
    "it": "codice fiscale|passaporto|identità|partita iva|documento",
    "pt": "cpf|cnpj|nif|rg|passaporte|contribuinte|cartão de cidadão|identidade|documento",
    "nl": "bsn|burgerservicenummer|paspoort|identiteit|sofinummer|rijbewijs",
}
_ACCOUNT = {
    "en": "account|acct|policy|customer|member|membership|reference|sort code|routing|order|booking|invoice|"
    "client|pin|cvv|cvc|security code|case|claim|patient|employee|licence plate|tracking|bank",
    "de": "konto|kontonummer|kundennummer|vertragsnummer|mitgliedsnummer|policennummer|bankleitzahl|blz|"
    "rechnungsnummer|pin|prüfziffer|referenz|versicherungsnummer|bestellnummer",
    "fr": "compte|client|contrat|dossier|référence|adhérent|code|commande|facture|banque",
    "es": "cuenta|cliente|contrato|póliza|referencia|socio|pedido|factura|código|banco",
    "it": "conto|cliente|contratto|polizza|riferimento|pratica|tessera|ordine|fattura|codice|banca",
    "pt": "conta|cliente|contrato|apólice|referência|sócio|pedido|fatura|código|agência|banco",
    "nl": "rekening|rekeningnummer|klantnummer|polisnummer|lidnummer|referentie|ordernummer|pincode|bank",
}
_BORN = {
    "en": "born|birth|birthday|birthdate|dob|d.o.b",
    "de": "geboren|geburtstag|geburtsdatum|geb",
    "fr": "né|née|naissance|anniversaire",
    "es": "nací|nacido|nacida|nacimiento|cumpleaños",
    "it": "nato|nata|nascita|compleanno",
    "pt": "nasci|nascido|nascida|nascimento|aniversário",
    "nl": "geboren|geboortedatum|verjaardag|geboorte",
}
_OF: dict[Pii, dict[str, str]] = {
    Pii.CARD: _CARD,
    Pii.PHONE: _PHONE,
    Pii.NATIONAL_ID: _ID,
    Pii.ACCOUNT: _ACCOUNT,
    Pii.BIRTH: _BORN,
}

_SOME_NUMBER = re.compile(r"\b(?:number|numbers|nummer|nummern|numéro|número|numero)\b")

WINDOW = 60
"""Letters before a number in which a word counts."""


@cache
def _pattern(kind: Pii, language: str) -> re.Pattern[str]:
    ways = _OF[kind]["en"] if language == "en" else _OF[kind]["en"] + "|" + _OF[kind][language]
    return re.compile(rf"(?<![^\W\d_])(?:{ways})(?:s|nummer)?(?![^\W\d_])")


def distance(kind: Pii, before: str, language: str) -> int | None:
    """Return how far before its end ``before``, in lower case, names this kind; None if nowhere."""
    language = language if language in LANGUAGES else "en"
    last = None
    for found in _pattern(kind, language).finditer(before):
        last = found
    return None if last is None else len(before) - last.end()


def says_number(before: str) -> bool:
    """Return whether ``before``, in lower case, speaks of a number, whatever of."""
    return _SOME_NUMBER.search(before) is not None
