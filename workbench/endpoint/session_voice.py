"""How an assistant speaks in a session: in which language, with which voice, and what it lacks words for."""

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.stock_words import language_of_words, with_stock_words
from workbench.core.languages import SessionLanguage, has_variety, primary, session_language
from workbench.core.projects import Project
from workbench.errors import ParameterError
from workbench.speech.recognizers.languages import check_recognized
from workbench.speech.voice_choice import ENGINES, chain, installed
from workbench.speech.voices import find, named


def in_session(assistant: Assistant, project: Project, language: SessionLanguage) -> Assistant:
    """Return the assistant as it speaks in a session of ``project`` that is held in ``language``.

    Its ``language`` is that of its words: the session's, but where its file says that they are in another.
    (Of the endpoint's own language the variety is the voice's.)
    Its voice is the first of these that speaks that language: the project's; its own, unless the client or
    the project names a variety that it does not speak; the best there is.

    Raises
    ------
    ParameterError
        If it lacks words that it may need and that the workbench does not have in the language.
    """
    words = language_of_words(assistant, language.tag)
    voice = _voice(assistant, project, words, varied=language.variety_by in ("client", "project"))
    spoken = _language_of(voice)
    if language.variety_by == "endpoint" and primary(spoken) == primary(words):
        words = spoken  # a variety that is nobody's wish takes nothing from a voice
    return with_stock_words(assistant.model_copy(update={"language": words, "voice": voice}))


def by_default(assistant: Assistant, endpoint: str) -> Assistant:
    """Return the assistant as it speaks where neither a client nor a project says anything."""
    language = session_language(client=None, assistant=assistant.language, project=None, endpoint=endpoint)
    return in_session(assistant, Project(name="default"), language)


def spoken_language(assistant: Assistant) -> str:
    """Return the language of what is said, where that is not the voice's own; else nothing."""
    own, words = _language_of(assistant.voice), assistant.language or ""
    same = primary(own) == primary(words) and (not has_variety(words) or own.lower() == words.lower())
    return "" if not own or same else words


def check_defaults(project: Project) -> None:
    """Raise ParameterError if there is no such voice, or nothing hears the language."""
    if project.voice is not None:
        find(project.voice)
    if project.language is not None:
        check_recognized(project.language)


def voice_notes(project: Project) -> tuple[str, ...]:
    """Return what whoever sets a project's defaults should know of how they sound, a sentence each."""
    if project.language is None:
        return ()
    first = chain(project.language, engines=_engines())[0]
    notes = []
    if primary(first.voice.language) != primary(project.language):
        notes.append(f"what is said in {project.language} is said by {first.voice.id} ({first.reason})")
    if project.voice is not None and primary(_language_of(project.voice)) != primary(project.language):
        notes.append(f"{project.voice} does not speak {project.language}, so another voice does")
    return tuple(notes)


def _voice(assistant: Assistant, project: Project, words: str, *, varied: bool) -> str:
    if project.voice is not None and primary(_language_of(project.voice)) == primary(words):
        return project.voice
    own = _language_of(assistant.voice)
    chosen = assistant.language is not None and primary(assistant.language) == primary(words)
    if not own or (primary(own) != primary(words) and chosen):
        return assistant.voice  # an engine's own affair, or an accent that its author wants
    if primary(own) == primary(words) and not (
        varied and has_variety(words) and own.lower() != words.lower()
    ):
        return assistant.voice
    return chain(words, gender=named(assistant.voice).gender, engines=_engines())[0].voice.id


def _engines() -> tuple[str, ...]:
    """Return whose voices there are; without any the scripted ones speak, in the name of all."""
    return installed() or tuple(ENGINES)


def _language_of(voice: str) -> str:
    try:
        return named(voice).language
    except ParameterError:
        return ""
