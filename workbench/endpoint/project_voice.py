"""Whose voice an assistant speaks with in a project."""

from workbench.conversation.assistant_model import Assistant
from workbench.core.projects import Project
from workbench.errors import ParameterError
from workbench.speech.voice_choice import chain
from workbench.speech.voices import find


def with_project_voice(assistant: Assistant, project: Project) -> Assistant:
    """Return the assistant with the voice of its project, where that speaks the assistant's language."""
    primary = _primary(assistant.language)
    voice = assistant.voice
    if project.voice is not None:
        voice = project.voice if _primary(_language_of(project.voice)) == primary else voice
    elif project.language is not None and _primary(project.language) == primary:
        here = _language_of(voice).lower() == project.language.lower()
        voice = voice if here else chain(project.language)[0].voice.id
    return assistant if voice == assistant.voice else assistant.model_copy(update={"voice": voice})


def check_voice(name: str) -> None:
    """Raise ParameterError if there is no voice of that name."""
    find(name)


def _language_of(voice: str) -> str:
    try:
        return find(voice).language
    except ParameterError:
        return ""


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
