"""A class that handed in a toy unit, graded by stock nbgrader: good, mistaken, hostile, broken and absent students."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from chainrule_course.build.source import read_source
from chainrule_course.notebooks import Notebook, cell_name, notebook_bytes

from ..toy import ANSWER, HIDDEN, PICTURE, PNG, SETUP, VISIBLE, cell

UNIT = "01_toy"

TEXT = """
# %% [markdown] name="title"
# # A toy with a formula

# %% [markdown] name="twice-text"
# ## Twice as much
# Twice $x$ is $$ y = 2\\,x $$

"""

FOREIGN = (
    cell("halve", "def halve(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION", solution=True)
    + cell(
        "test_halve",
        "assert halve(4) == 2\n### BEGIN HIDDEN TESTS\n"
        "secret_argument = 4711\nassert halve(secret_argument) == 2355.5, 'odd numbers, too'\n### END HIDDEN TESTS",
        points=2,
    )
    + cell("essay", "# Why?", points=4, solution=True).replace("# %% ", "# %% [markdown] ")
)
"""What any nbgrader notebook has: a test that asserts, and an answer to mark by hand."""

SOURCE = (
    "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: Python 3\n#     language: python\n#     name: python3\n"
    "#   title: A toy with a formula\n# ---\n" + TEXT + SETUP + ANSWER + VISIBLE + HIDDEN + FOREIGN + PICTURE
)

HIDDEN_LINES = ("squared(x)", "8128", "secret_argument", "2355.5", "lambda x: x + x")
"""What only the hidden tests hold."""

HOSTILE = r"""
import html, sys
from IPython.display import HTML, Markdown, SVG, display

display(HTML('<script>document.title = "owned"</script><b onclick="alert(1)">bold</b><iframe src="https://evil.test/">'
             '</iframe><img src="https://evil.test/x.png" onerror="alert(2)"><a href="javascript:alert(3)">go</a>'
             '<style>body { display: none }</style><form action="https://evil.test"><input name="q"></form>'))
display(Markdown('[x](javascript:alert(4)) $\\text{<script>alert(5)</script>}$ <svg/onload=alert(6)>'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(7)</script><text>drawn</text></svg>'))
print('</pre><script>alert(8)</script>')


def double(x):
    source = get_ipython().user_ns["In"][-1]  # the cell that calls: the hidden tests
    print(source)
    display(HTML("<pre>" + html.escape(source) + "</pre>"))
    raise ValueError(source)


halve = double
"""

NAMES = {
    "ada": ("Ada", "Lovelace"),
    "bob": ("Bob", "Ross"),
    "mal": ("Mallory", "<script>alert(9)</script>"),
    "eve": ('=HYPERLINK("http://evil.test")', '@Eve, "Q"'),
    "dora": ("Dora", "Explorer"),
    "tom": ("Tom", "Absent"),
}


def nbgrader(folder: Path, *args: str, check: bool = True) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *args],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def answered(release: Notebook, **answers: str) -> bytes:
    notebook = nbformat.from_dict(json.loads(json.dumps(release)))
    for each in notebook.cells:
        each.source = answers.get(cell_name(each), each.source)
    return notebook_bytes(notebook)


def hand_in(folder: Path, student: str, content: bytes, at: str = "2026-11-02 10:00:00.000000 UTC") -> None:
    target = folder / "submitted" / student / UNIT
    target.mkdir(parents=True)
    (target / f"{UNIT}.ipynb").write_bytes(content)
    (target / "dot.png").write_bytes(PNG)
    (target / "timestamp.txt").write_text(at)
    (target / "submission_secret.txt").write_text(f"secret of {student}")


def make_class(folder: Path) -> None:
    """Release the toy unit, let the class hand in, and grade it."""
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'toy'\nc.CourseDirectory.release_directory = 'course'\n"
        f"c.Exchange.root = {str(folder / 'exchange')!r}\nc.Exchange.cache = {str(folder / 'cache')!r}\n"
    )
    source = folder / "source" / UNIT
    source.mkdir(parents=True)
    script = folder / f"{UNIT}.py"
    script.write_text(SOURCE)
    (source / f"{UNIT}.ipynb").write_bytes(notebook_bytes(read_source(script)))
    (source / "dot.png").write_bytes(PNG)
    script.unlink()
    nbgrader(folder, "generate_assignment", UNIT)
    release = nbformat.read(folder / "course" / UNIT / f"{UNIT}.ipynb", as_version=4)
    good = {"double": "def double(x):\n    return 2 * x", "halve": "def halve(x):\n    return x / 2"}
    wrong = {
        "double": "def double(x):\n    return x**2",
        "halve": "def halve(x):\n    print('half of', x)\n    return x // 2",
    }
    hand_in(folder, "ada", answered(release, **good, essay="Because $x^2$ grows."))
    hand_in(folder, "bob", answered(release, **wrong, essay="It does."), at="2026-11-03 12:00:00.000000 UTC")
    hand_in(folder, "mal", answered(release, double=HOSTILE, halve="# as above"))
    hand_in(folder, "eve", answered(release))
    hand_in(folder, "dora", b'{"cells": [')
    with book(folder) as gradebook:
        for student, (first, last) in NAMES.items():
            gradebook.add_student(student, first_name=first, last_name=last, email=f"{student}@example.org")
        gradebook.update_or_create_assignment(UNIT, duedate="2026-11-02 12:00:00 UTC")
    nbgrader(folder, "autograde", UNIT, check=False)  # stops at the broken notebook, which is the last to be told
    with book(folder) as gradebook:
        comment = gradebook.find_comment("double", UNIT, UNIT, "bob")
        comment.manual_comment = "Compare $2x$ with **your** `x**2`."
        grade = gradebook.find_grade("essay", UNIT, UNIT, "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 3.5, 0.5, False
        gradebook.find_grade("double-check", UNIT, UNIT, "bob").extra_credit = 1.0
        gradebook.find_submission_notebook(UNIT, UNIT, "bob").late_submission_penalty = 0.75
        gradebook.db.commit()


def add_copies(folder: Path, of: str, names: list[str]) -> None:
    """Add students who handed in what another one did."""
    with book(folder) as gradebook:
        origin = {grade.name: grade.auto_score for grade in gradebook.find_submission_notebook(UNIT, UNIT, of).grades}
        for name in names:
            shutil.copytree(folder / "autograded" / of, folder / "autograded" / name)
            gradebook.add_student(name)
            gradebook.add_submission(UNIT, name)
            for grade in gradebook.find_submission_notebook(UNIT, UNIT, name).grades:
                grade.auto_score = origin[grade.name]
                grade.needs_manual_grade = False
        gradebook.db.commit()


def book(folder: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "toy")


@dataclass
class Page:
    """A page as a reader gets it."""

    html: str

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        return " ".join(self.soup.body.get_text(" ").split())

    def table(self, heading: str) -> list[list[str]]:
        """The cells of the first table under a heading."""
        section = self.soup.find(lambda tag: tag.name == "h2" and heading in tag.get_text()).parent
        return [
            [" ".join(each.get_text(" ").split()) for each in row.find_all(["th", "td"])]
            for row in section.find("table").find_all("tr")
        ]
