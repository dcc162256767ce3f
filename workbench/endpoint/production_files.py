"""What is unsafe about an endpoint's files: others could read, change or replace them."""

import stat
from collections.abc import Iterator
from pathlib import Path

from workbench.core.clock import unix_now
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import ParameterError, StoreError, WorkbenchError
from workbench.security.certificates import is_for_development
from workbench.security.keys import key_file
from workbench.security.tls import TlsFiles, client_context, server_context
from workbench.store.urls import default_url, place_of

DAY = 86_400.0


def unsafe_files(settings: EndpointSettings, settings_file: Path | None) -> Iterator[str]:
    """Yield what is unsafe, a sentence each."""
    yield from _certificates(settings)
    kept = {
        "the settings file": settings_file,
        "the key file": key_file(),
        "certificate": settings.certificate,
        "client_ca": settings.client_ca,
        "trust": settings.trust,
        "calibration": settings.calibration,
        "knowledge": settings.knowledge,
        "models": settings.models,
        "customers": settings.customers,
        **{f"assistants ({file.name})": file for file in settings.assistants},
    }
    for name, path in kept.items():
        if path is not None:
            yield from _changeable(name, path)
    if settings.customers is not None and _mode(settings.customers) & stat.S_IROTH:
        yield f"customers {settings.customers} can be read by others: chmod o-r it"
    if settings.record is not None:
        yield from _recordings(settings, settings.record)
    yield from _store(settings)


def _certificates(settings: EndpointSettings) -> Iterator[str]:
    if settings.certificate is not None and settings.certificate_key is None:
        yield "certificate is there without certificate_key: set both"
    if settings.certificate_key is not None and settings.certificate is None:
        yield "certificate_key is there without certificate: set both"
    if settings.client_ca is not None and settings.certificate is None:
        yield "client_ca asks nobody without a certificate of the endpoint's own: set certificate"
    if settings.certificate is not None and settings.certificate_key is not None:
        files = TlsFiles(
            certificate=settings.certificate, key=settings.certificate_key, client_ca=settings.client_ca
        )
        try:
            _, shown = server_context(files)
        except ParameterError as error:
            yield f"the certificate can't be used, {error}: make or fetch a new one"
        else:
            if is_for_development(settings.certificate):
                yield (
                    f"certificate {settings.certificate} is one that `workbench certificates` made for "
                    "development: use one of an authority that clients trust"
                )
            elif shown.until - unix_now() < DAY:
                yield f"certificate {settings.certificate} ends within a day: renew it"
    if settings.trust is not None:
        try:
            client_context(settings.trust)
        except ParameterError as error:
            yield f"trust can't be used, {error}: name a file of certificates"


def _recordings(settings: EndpointSettings, folder: Path) -> Iterator[str]:
    if settings.recordings_days is None:
        kept = f"recordings in {folder} of sessions that are not stored are kept for ever"
        yield f"{kept}: write recordings_days"
    if _mode(folder) & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"record {folder} can be entered by others: chmod 700 it"


def _changeable(name: str, path: Path) -> Iterator[str]:
    """Yield how others could change what is at ``path``, or put something else in its place."""
    if _mode(path) & stat.S_IWOTH:
        yield f"{name} {path} can be changed by others: chmod o-w it"
    folder = _mode(path.absolute().parent)
    if folder & stat.S_IWOTH and not folder & stat.S_ISVTX:
        yield f"{name} lies in {path.absolute().parent}, where others can replace it: chmod o-w that folder"


def _store(settings: EndpointSettings) -> Iterator[str]:
    try:
        file = place_of(settings.store or default_url()).file
    except WorkbenchError as error:
        problem = error.problem if isinstance(error, StoreError) else str(error)
        yield f"store can't be used, {problem}: write sqlite:///PATH or postgresql://USER@HOST/DATABASE"
        return
    if file is None:
        return
    if _mode(file) & (stat.S_IRGRP | stat.S_IROTH):
        yield f"store {file} can be read by others: chmod 600 it"
    yield from _changeable("store", file)


def _mode(path: Path) -> int:
    """Return a file's mode, nothing for one that is not there."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0
