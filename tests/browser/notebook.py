"""A notebook in JupyterLab, handled as a person does: by menu, key and button."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
"""The notebook in front."""


class Notebook:
    """The notebook at `path`, opened on the page.

    `address` is that of the server's JupyterLab, with its token.
    """

    def __init__(self, page: Page, address: str, path: str) -> None:
        self.page = page
        page.goto(address.replace("/lab?", f"/lab/tree/{path}?"))
        # Another notebook may be in front until this one is loaded, and its kernel may be idle already.
        expect(page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current")).to_contain_text(Path(path).name)
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        self.page.locator(f"{PANEL} .jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for()
        self.page.locator("#jp-bottom-panel").get_by_text("| Idle").wait_for()

    def run_all(self) -> None:
        """Run a notebook that was not run yet, and wait until its last cell has."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(self.code_cells.last.locator(".jp-InputPrompt")).to_have_text(re.compile(r"^\[\d+\]:$"))
        self.wait_until_idle()

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)

    @property
    def code_cells(self) -> Locator:
        return self.page.locator(f"{PANEL} .jp-CodeCell")

    def cell(self, text: str) -> Locator:
        """The one code cell whose source has this text."""
        found = self.code_cells.filter(has=self.page.locator(".cm-content", has_text=text))
        expect(found).to_have_count(1)
        return found

    def run(self, cell: Locator) -> None:
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def write(self, cell: Locator, source: str) -> None:
        """Replace what stands in the cell and run it."""
        cell.locator(".cm-content").fill(source)
        self.page.keyboard.press("Control+Enter")


def output(cell: Locator) -> Locator:
    """What stands below a cell."""
    return cell.locator(".jp-Cell-outputWrapper")
