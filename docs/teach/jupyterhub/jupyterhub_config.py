"""A JupyterHub for one course: everyone logs in with an account of this machine, and gets a JupyterLab of their own."""

from pathlib import Path

TEACHERS = {"teacher"}  # the account that holds the course

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with HTTPS stands in front of it
c.Authenticator.allow_all = True  # every account of this machine

SETTINGS = Path(__file__).resolve().parent


def settings(spawner):
    """Teachers get all of nbgrader's buttons, students those that they need."""
    folders = ["everyone"] if spawner.user.name in TEACHERS else ["student", "everyone"]
    return ":".join(str(SETTINGS / folder) for folder in folders)


c.Spawner.environment = {"JUPYTER_CONFIG_PATH": settings}
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # seconds: a class that logs in at once takes a while
