"""Make a page of each solved unit, with its stored outputs, and of the course's own lists.

The pages are written to docs/units/ before Sphinx looks for its sources; git ignores that folder.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
from sphinx.application import Sphinx

LISTS = {"SYLLABUS.md": "syllabus.md", "ERRATA.md": "errata.md"}
"""What the course says about itself: the file in course/ → its page."""

INDEX = """\
# The course

Each unit asks one question, and you answer it by writing the code. These pages show the *solved* notebooks, to read and
to look things up. To learn, [open the notebooks themselves](../start.md): there you guess, run and write.

| unit | question |
|---|---|
{rows}

```{{toctree}}
:hidden:
:maxdepth: 1

{pages}
```
"""

READ_ONLY = """\
:::{{note}}
This is the solved notebook. Solutions and checks are folded away. To solve it yourself, run `chainrule lab` or
{{download}}`download the notebook <../../course/{unit}/{unit}.ipynb>`.
:::
"""


def write_pages(root: Path, pages: Path) -> None:
    """Write the page of every unit in solutions/, of the course's lists, and of the contents."""
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    rows, names = [], []
    for path in sorted((root / "solutions").glob("[0-9][0-9]_*/*.ipynb")):
        if path.stem != path.parent.name:
            continue
        notebook = nbformat.read(path, as_version=4)
        rows.append(f"| [{path.stem.replace('_', ' ')}]({path.name}) | {notebook.metadata.title} |")
        names.append(path.stem)
        nbformat.write(as_page(notebook, path.stem), pages / path.name)
    for source, target in LISTS.items():
        if (root / "course" / source).is_file():
            text = (root / "course" / source).read_text(encoding="utf-8")
            (pages / target).write_text(relink(text), encoding="utf-8")
            names.append(target.removesuffix(".md"))
    (pages / "index.md").write_text(INDEX.format(rows="\n".join(rows), pages="\n".join(names)), encoding="utf-8")


def as_page(notebook: Any, unit: str) -> Any:
    """Return the notebook as it reads best on a page: answers folded, cells that links can point to."""
    cells = []
    for position, cell in enumerate(notebook.cells):
        name = cell.metadata.get("name") or cell.metadata.get("nbgrader", {}).get("grade_id")
        if name and position:
            cells.append(nbformat.v4.new_markdown_cell(f'<span id="{name}"></span>', id=f"to-{position}"))
        if cell.cell_type == "markdown":
            cell.source = relink(cell.source)
        else:
            fold(cell)
            for output in cell.outputs:
                drop_programs_forms(output)
        cells.append(cell)
        if not position:
            cells.append(nbformat.v4.new_markdown_cell(READ_ONLY.format(unit=unit), id="read-only"))
    notebook.cells = cells
    return notebook


def fold(cell: Any) -> None:
    """Fold the code of an answer or of a check; its output stays in sight."""
    graded = cell.metadata.get("nbgrader", {})
    if graded.get("solution") or graded.get("grade"):
        what = "a solution" if graded.get("solution") else "the checks"
        cell.metadata.tags = [*cell.metadata.get("tags", []), "hide-input"]
        cell.metadata.mystnb = {"code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}"}


def drop_programs_forms(output: Any) -> None:
    """Leave of an output what people read: no widget, which needs a kernel, and no report in a form for programs."""
    for kind in [kind for kind in output.get("data", {}) if kind.startswith("application/vnd.")]:
        del output.data[kind]


TO_CELL = re.compile(r"\[([^\]]+)\]\((?:\.\./|\./)?(\d\d_\w+)/\2\.ipynb#cell-id=([\w-]+)\)")
TO_UNIT = re.compile(r"\]\((?:\.\./|\./)?(\d\d_\w+)/\1\.ipynb")


def relink(text: str) -> str:
    """Point links to units, which have a folder each, to their pages, which are side by side; or to a cell there."""
    for source, page in LISTS.items():
        text = text.replace(f"]({source}", f"]({page}")
    return TO_UNIT.sub(r"](\1.ipynb", TO_CELL.sub(r'<a href="\2.html#\3">\1</a>', text))


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages as soon as Sphinx has read its settings."""
    write_pages(Path(app.confdir).parent, Path(app.srcdir) / "units")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
