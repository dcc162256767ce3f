"""One self-contained HTML page about a recorded session."""

from workbench.analysis.report.page import render_report, write_report

__all__ = ["render_report", "write_report"]
