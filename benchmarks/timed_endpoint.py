"""``workbench serve`` that writes down when each frame of a caller reached the recogniser.

Only for ``page_audio.py``; takes the same arguments as ``workbench``. Each line of the file that
``WORKBENCH_BENCHMARK_TIMES`` names is a frame: its end on the caller's stream, when it was handed to the
listening stage and when its last sample was captured, both in seconds on the session clock.
"""

import os
import sys

from workbench.cli import main
from workbench.endpoint.intake import Intake

if __name__ == "__main__":
    _audio = Intake.audio
    times = open(os.environ["WORKBENCH_BENCHMARK_TIMES"], "w", buffering=1)  # noqa: SIM115  as long as we live

    def audio(self: Intake, data: bytes) -> None:
        """Take an audio packet, and write down when it was taken."""
        before = self.receiving.position
        _audio(self, data)
        now, position, rate = self.now(), self.receiving.position, self.receiving.audio_format.rate
        if position > before and self.device_zero is not None:
            times.write(f"{position / rate:.6f} {now:.6f} {self.device_zero + position / rate:.6f}\n")

    Intake.audio = audio
    sys.exit(main())
