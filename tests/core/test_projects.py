"""What a project may be."""

from typing import Any

import pytest

from workbench.core.projects import Project, unfit
from workbench.errors import ParameterError

NAME = "name of 1 to 64 letters, digits or any of . _ : -"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"name": ""}, f"the project is no {NAME}"),
        ({"name": "a b"}, f"the project is no {NAME}"),
        ({"origins": ("*",)}, "origins has '*', which is no origin such as https://shop.example"),
        (
            {"origins": ("https://a/",)},
            "origins has 'https://a/', which is no origin such as https://shop.example",
        ),
        ({"origins": ("https://a",) * 33}, "origins has 33 entries, expected at most 32"),
        (
            {"clients": ("a b",)},
            "clients has 'a b', which is no name of 1 to 64 letters, digits or any of . _ : -",
        ),
        ({"voice": "a b"}, "voice is 'a b', expected a voice's name"),
        ({"language": "english"}, "language is 'english', expected a tag such as en-GB"),
        ({"sessions_max": -1}, "sessions_max is -1, expected 0 to 10000"),
        ({"minutes_a_day": float("nan")}, "minutes_a_day is nan, expected 0 to 1e+06"),
        ({"session_max": 0.5}, "session_max is 0.5, expected 1 to 14400"),
        ({"retention_days": 0}, "retention_days is 0, expected 1 to 3650"),
    ],
)
def test_what_can_not_be_is_said(facts: dict[str, Any], told: str) -> None:
    with pytest.raises(ParameterError) as caught:
        Project(**{"name": "shop"} | facts)
    assert str(caught.value) == told


def test_what_does_not_fit_is_named() -> None:
    shop = Project(name="shop", origins=("https://shop.example",), clients=("web",))
    assert unfit(shop, "web", "https://shop.example") is None
    assert unfit(shop, "web", None) is None
    assert unfit(shop, "web", "https://other.example") == "origin"
    assert unfit(shop, "app", None) == "client"
    assert unfit(shop, None, None) == "client"
    assert unfit(Project(name="any"), None, "https://other.example") is None
