"""A real JupyterHub, set up as docs/teach/jupyterhub.md says: a teacher and two students play the round."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import requests
from classroom import begin_course
from material import ROOT, exercises
from people import Person, open_to_all, people

from chainrule_course.notebooks import cell_name

pytestmark = pytest.mark.needs("hub", "users", "bwrap")

UNIT = "01_training"
FIRST = exercises(UNIT)[0]
PASSWORD = "open sesame"
WAIT = 180
"""Seconds that an answer may take on a busy machine."""


@dataclass
class Client:
    """Someone who is logged in at the hub, and whose JupyterLab runs."""

    hub: str
    person: Person
    session: requests.Session = field(default_factory=requests.Session)

    def log_in(self) -> None:
        """Log in as the form does, start the server, and wait until the hub says that it is ready.

        The hub picks a free port before the server takes it. If another program was faster, a person tries again.
        """
        self.session.get(f"{self.hub}/hub/login", timeout=WAIT)
        form = {"username": self.person.name, "password": PASSWORD, "_xsrf": self._xsrf()}
        answer = self.session.post(f"{self.hub}/hub/login", data=form, timeout=WAIT, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        me = f"{self.hub}/hub/api/users/{self.person.name}"
        answer = self.session.post(f"{me}/tokens", headers={"X-XSRFToken": self._xsrf()}, timeout=WAIT)
        assert answer.status_code == 201, answer.text
        self.session.cookies.clear()
        self.session.headers["Authorization"] = f"token {answer.json()['token']}"
        events: list[dict] = [{}]
        for _ in range(3):
            if not events[-1].get("ready"):
                assert self.session.post(f"{me}/server", timeout=WAIT).status_code in (201, 202)
                with self.session.get(f"{me}/server/progress", stream=True, timeout=WAIT) as progress:
                    events = [json.loads(line[5:]) for line in progress.iter_lines() if line.startswith(b"data:")]
        assert events[-1].get("ready"), events

    def _xsrf(self) -> str:
        return next(cookie.value for cookie in self.session.cookies if cookie.name == "_xsrf")

    def ask(self, method: str, path: str, of: Person | None = None, **kwargs: Any) -> requests.Response:
        """Ask the JupyterLab of a person, by default one's own."""
        return self.session.request(
            method, f"{self.hub}/user/{(of or self.person).name}/{path}", timeout=WAIT, **kwargs
        )

    def press(self, path: str, **data: str) -> Any:
        """Do what a button of nbgrader does."""
        answer = self.ask("POST", path, data=data)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found.get("success"), found
        return found.get("value")


def free_address() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


@pytest.fixture(scope="module")
def hub() -> Iterator[tuple[Client, Client, Client, Path]]:
    """Set up a hub as the page says, and give teacher, ada and ben, logged in, and the folder of the exchange."""
    with people("teacher", "ada", "ben", users=True) as (place, found):
        teacher = found["teacher"]
        exchange, course = place / "exchange", teacher.home / "chainrule"
        exchange.mkdir()
        exchange.chmod(0o777)
        settings = shutil.copytree(ROOT / "docs" / "teach" / "jupyterhub", place / "jupyterhub")
        edit(settings / "everyone" / "nbgrader_config.py", "/srv/nbgrader/exchange", str(exchange))
        edit(settings / "jupyterhub_config.py", 'TEACHERS = {"teacher"}', f'TEACHERS = {{"{teacher.name}"}}')
        course.mkdir()
        begin_course(course, UNIT)
        own = teacher.home / ".jupyter" / "nbgrader_config.py"
        own.parent.mkdir()
        own.write_text(page_block("python").replace("/home/teacher", str(teacher.home)))
        teacher.owns(teacher.home)

        address = free_address()
        log = place / "hub.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [
                    *open_to_all(),
                    *(sys.executable, "-m", "jupyterhub", "-f", settings / "jupyterhub_config.py"),
                    f"--JupyterHub.bind_url={address}",
                    f"--JupyterHub.hub_bind_url={free_address()}",
                    f"--ConfigurableHTTPProxy.api_url={free_address()}",
                    "--JupyterHub.authenticator_class=dummy",
                    f"--DummyAuthenticator.password={PASSWORD}",
                ],
                cwd=place / "jupyterhub",
                env=teacher.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(address, process, log)
            clients = [Client(address, person) for person in found.values()]
            for client in clients:
                client.log_in()
            yield *clients, exchange
        finally:
            print(log.read_text()[-6000:])  # shown if a test fails
            end(process)


def end(process: subprocess.Popen) -> None:
    """Ask the hub to end, as Ctrl-C does: it ends everyone's server and the proxy first."""
    top = psutil.Process(process.pid)
    below = top.children(recursive=True)
    (top.children()[0] if open_to_all() else top).terminate()
    try:
        process.wait(60)
    finally:
        for left in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def page_block(language: str) -> str:
    """The one block of code in this language on the page."""
    text = (ROOT / "docs" / "teach" / "jupyterhub.md").read_text(encoding="utf-8")
    (_, block) = text.split(f"```{language}\n")
    return block.split("```")[0]


def wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{address}/hub/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    pytest.fail(f"The hub did not start.\n{log.read_text()[-3000:]}")


def write(student: Person, answer: str) -> None:
    """Answer the first exercise in the fetched notebook, and leave only what is graded."""
    path = student.home / UNIT / f"{UNIT}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata or cell_name(cell) == "setup"]
    for cell in notebook.cells:
        if cell_name(cell) == FIRST.name:
            cell.source = answer
    nbformat.write(notebook, path)


def told(teacher: Client, student: Client) -> Any:
    """What the grader tells of a submission."""
    path = teacher.person.home / "chainrule" / "autograded" / student.person.name / UNIT / f"{UNIT}.ipynb"
    return nbformat.read(path, as_version=4).metadata


def test_a_unit_goes_out_and_comes_back(hub):
    teacher, ada, ben, _ = hub
    formgrader, mine = f"formgrader/api/assignment/{UNIT}", {"course_id": "chainrule", "assignment_id": UNIT}
    teacher.press(f"{formgrader}/assign")
    teacher.press(f"{formgrader}/release")
    mistake = FIRST.mistakes()[0]
    for student, answer in ((ada, FIRST.solution), (ben, mistake.source)):
        listed = student.ask("GET", "assignments", params={"course_id": "chainrule"}).json()["value"]
        assert [(item["assignment_id"], item["status"]) for item in listed] == [(UNIT, "released")]
        student.press("assignments/fetch", **mine)
        write(student.person, answer)
        student.press("assignments/submit", **mine)

    teacher.press(f"{formgrader}/collect")
    for student in (ada, ben):
        teacher.press(f"formgrader/api/submission/{UNIT}/{student.person.name}/autograde")
    found = teacher.ask("GET", f"formgrader/api/submissions/{UNIT}").json()
    scores = {item["student"]: (item["score"], item["needs_manual_grade"]) for item in found}
    assert scores[ada.person.name] == (3, False), told(teacher, ada)
    assert scores[ben.person.name][0] < 3, told(teacher, ben)

    teacher.press(f"{formgrader}/generate_feedback")
    teacher.press(f"{formgrader}/release_feedback")
    for student in (ada, ben):
        student.press("assignments/fetch_feedback", **mine)
        (page,) = (student.person.home / UNIT / "feedback").glob(f"*/{UNIT}.html")
        assert ("Likely mistake" in page.read_text(encoding="utf-8")) == (student is ben)


def test_each_sees_what_is_theirs(hub):
    teacher, ada, ben, exchange = hub
    page = teacher.ask("GET", "formgrader/manage_assignments")
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert ben.ask("GET", "formgrader/manage_assignments").status_code == 404
    assert ben.ask("GET", "api/contents").status_code == 200
    for other in (ada, teacher):
        assert ben.ask("GET", "api/contents", of=other.person).status_code in (403, 404)
    assert "Permission denied" in ben.person.run("ls", exchange / "chainrule" / "inbound").stderr
