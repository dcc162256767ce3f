from workbench.analysis.recording import Recording, load_recording  # noqa
