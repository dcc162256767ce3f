"""What is said outside an assistant's own business, in the languages that are read aloud here.

English stands in the assistant's model. An assistant in another language has to bring all of this itself:
English words would be read as if they were of its language.
"""

from collections.abc import Iterator

from workbench.conversation.assistant_model import Assistant
from workbench.core.languages import primary
from workbench.errors import ParameterError

PROMPTS = {
    "de": {
        "change": "Was soll ich ändern?",
        "cancelled": "In Ordnung, dann lassen wir das.",
        "nothing_to_repeat": "Ich habe noch nichts gesagt.",
        "acknowledged": "In Ordnung.",
        "pending": "Ich sehe nach.",
        "nothing_found": "Das weiß ich leider nicht.",
        "repair": "Entschuldigung, das war falsch.",
    },
    "es": {
        "change": "¿Qué quiere cambiar?",
        "cancelled": "De acuerdo, lo dejamos.",
        "nothing_to_repeat": "Todavía no he dicho nada.",
        "acknowledged": "De acuerdo.",
        "pending": "Voy a mirarlo.",
        "nothing_found": "Lo siento, eso no lo sé.",
        "repair": "Perdón, me he equivocado.",
    },
    "fr": {
        "change": "Que dois-je changer ?",
        "cancelled": "D'accord, on laisse tomber.",
        "nothing_to_repeat": "Je n'ai encore rien dit.",
        "acknowledged": "D'accord.",
        "pending": "Je regarde.",
        "nothing_found": "Désolé, je ne sais pas.",
        "repair": "Pardon, je me suis trompé.",
    },
    "it": {
        "change": "Che cosa devo cambiare?",
        "cancelled": "Va bene, lasciamo stare.",
        "nothing_to_repeat": "Non ho ancora detto niente.",
        "acknowledged": "Va bene.",
        "pending": "Controllo subito.",
        "nothing_found": "Mi dispiace, questo non lo so.",
        "repair": "Scusi, ho sbagliato.",
    },
    "pt": {
        "change": "O que devo mudar?",
        "cancelled": "Tudo bem, deixamos assim.",
        "nothing_to_repeat": "Ainda não disse nada.",
        "acknowledged": "Tudo bem.",
        "pending": "Vou verificar.",
        "nothing_found": "Desculpe, isso eu não sei.",
        "repair": "Desculpe, me enganei.",
    },
}
"""By language and prompt: what a prompt says that the assistant's file leaves out."""

CONSENT = {
    "de": {"given": "Danke.", "refused": "In Ordnung, es wird nichts aufgezeichnet."},
    "es": {"given": "Gracias.", "refused": "De acuerdo, no se graba nada."},
    "fr": {"given": "Merci.", "refused": "D'accord, rien n'est enregistré."},
    "it": {"given": "Grazie.", "refused": "Va bene, non viene registrato nulla."},
    "pt": {"given": "Obrigado.", "refused": "Tudo bem, nada será gravado."},
}
"""The same of the answers to the question for consent."""


def language_of_words(assistant: Assistant, session: str) -> str:
    """Return the language of an assistant in a session: ``session``, unless its words are in another."""
    own = assistant.language
    return session if own is None or primary(own) == primary(session) else own


def with_stock_words(assistant: Assistant) -> Assistant:
    """Return the assistant with everything that it may say in its language.

    Raises
    ------
    ParameterError
        If its file leaves out what it may say and there are no words for it in the language.
    """
    code = primary(assistant.language or "en")
    if code == "en":
        return assistant
    lacking = tuple(_lacking(assistant))
    if code not in PROMPTS:
        if not lacking:
            return assistant
        raise ParameterError(
            f"assistant {assistant.name} lacks words in {assistant.language}, expected its file to say "
            f"{', '.join('.'.join(place) for place in lacking)}"
        )
    prompts = {name: (PROMPTS[code][name],) for part, name in lacking if part == "prompts"}
    consent = {name: (CONSENT[code][name],) for part, name in lacking if part == "consent"}
    return assistant.model_copy(
        update={
            "prompts": assistant.prompts.model_copy(update=prompts),
            "consent": assistant.consent.model_copy(update=consent),
        }
    )


def _lacking(assistant: Assistant) -> Iterator[tuple[str, str]]:
    """Yield part and name of what the assistant may say and its file does not."""
    looks_up = any(intent.lookup for intent in assistant.intents.values())
    needed = {"pending": looks_up, "nothing_found": looks_up, "repair": assistant.lead.of_replies}
    for name in PROMPTS["de"]:
        if needed.get(name, True) and name not in assistant.prompts.model_fields_set:
            yield "prompts", name
    if assistant.consent.ask:
        for name in CONSENT["de"]:
            if name not in assistant.consent.model_fields_set:
                yield "consent", name
