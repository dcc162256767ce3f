"""Fuzzes one target, guided by coverage, until its time is over: ``fuzzer.py TARGET CORPUS [-options]``.

Never returns: libFuzzer ends the process, with status 0 if nothing was found.
"""

import sys

import atheris

with atheris.instrument_imports(include=["workbench", "fuzz_targets"]):
    import fuzz_targets


def planted(data: bytes) -> None:
    """Break at an input nobody guesses: shows that the fuzzer finds its way by coverage."""
    if data[:1] == b"W":  # noqa: SIM102  one branch a byte, so that each one found is seen
        if data[1:2] == b"B":  # noqa: SIM102
            if data[2:3] == b"!":
                raise fuzz_targets.Broken("the planted fault was found")


def main() -> None:
    """Fuzz until told to stop."""
    name = sys.argv[1]
    target = atheris.instrument_func(planted) if name == "planted" else fuzz_targets.TARGETS[name]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
