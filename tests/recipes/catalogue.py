"""The recipe pages, and the programs that each needs."""

from __future__ import annotations

from tests.clone import ROOT
from tests.recipes.page import Step, steps

FOLDER = ROOT / "docs" / "recipes"
INSTALL = ROOT / "docs" / "install.md"
NEEDED = {
    "ci": ("pip",),
    "daily-js-playwright": ("pip", "npm", "node", "chromium"),
    "daily-js-vitest": ("pip", "npm", "node"),
    "daily-react": ("pip", "npm", "node"),
    "pipecat-pytest": ("pip",),
    "pipecat-runner": ("pip",),
    "rest-webhooks": ("pip",),
}


def recipe_of(name: str) -> list[Step]:
    """Return the steps of a page."""
    return steps(FOLDER / f"{name}.md")
