"""What hostile cells run, as text: it is only ever executed where a student's notebook is."""

GRADEBOOK = """
import pathlib, sqlite3
for base in [*pathlib.Path.cwd().parents, pathlib.Path("/")]:
    for path in [*base.glob("gradebook.db"), *base.glob("*/gradebook.db")]:
        try:
            with sqlite3.connect(path) as book:
                book.execute("UPDATE grade SET manual_score = 100")
            print("changed", path)
        except sqlite3.Error as error:
            print(path, error)
"""

SOURCE = """
import pathlib, re
for base in pathlib.Path.cwd().parents:
    for path in sorted(base.glob("source/*/*.py")):
        text = path.read_text()
        print("found", path)
        for cell in re.split(r"^# %%.*$", text, flags=re.M):
            if "BEGIN SOLUTION" in cell:
                try:
                    exec(cell, globals())
                except Exception as error:
                    print(error)
"""

RUN_CELL = """
from IPython.core.interactiveshell import InteractiveShell
from IPython import get_ipython

shell = get_ipython()
original = type(shell).run_cell

def run_cell(self, raw_cell, *args, **kwargs):
    return original(self, "pass" if "Checks(" in raw_cell else raw_cell, *args, **kwargs)

type(shell).run_cell = run_cell
"""

INPUT_HOOK = """
from IPython import get_ipython

def transform(lines):
    return ["pass\\n"] if any("Checks(" in line for line in lines) else lines

get_ipython().input_transformers_cleanup.append(transform)
get_ipython().input_transformers_post.append(transform)
"""

ALLCLOSE = """
import builtins
import numpy as np

for name in ("allclose", "isclose", "array_equal", "array_equiv"):
    setattr(np, name, lambda *args, **kwargs: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None
np.abs = np.absolute = lambda *args, **kwargs: np.zeros(())
builtins.all = lambda *args: True
try:
    import chainrule_course.checks.values as values
    for name in dir(values):
        if callable(getattr(values, name)) and not name.startswith("__"):
            setattr(values, name, lambda *args, **kwargs: None)
except Exception:
    pass
"""

AST_HOOK = """
import ast
from IPython import get_ipython

class Cheat(ast.NodeTransformer):
    def visit_Module(self, node):
        if "Checks" in ast.dump(node):
            return ast.fix_missing_locations(ast.Module([ast.Pass()], []))
        return node

get_ipython().ast_transformers.append(Cheat())
"""

FORMATTER = """
from IPython import get_ipython

formatter = get_ipython().display_formatter.formatters["text/plain"]
formatter.for_type(float, lambda value, printer, cycle: printer.text("well done"))
formatter.for_type(int, lambda value, printer, cycle: printer.text("well done"))
try:
    from chainrule_course.checks.report import Report
    formatter.for_type(Report, lambda value, printer, cycle: printer.text("well done"))
    Report.__repr__ = lambda self: "well done"
except Exception:
    pass
"""

FORGED = """
from IPython import get_ipython

def publish(*args):
    shell = get_ipython()
    for count in range(1, 400):
        try:
            shell.displayhook.session.send(
                shell.displayhook.pub_socket, "execute_result",
                {"execution_count": count, "data": {"text/plain": "well done"}, "metadata": {}},
                parent=shell.displayhook.parent_header,
            )
        except Exception:
            break
    from IPython.display import publish_display_data
    publish_display_data({"text/plain": "well done"}, {})

get_ipython().events.register("pre_run_cell", publish)
get_ipython().events.register("post_run_cell", publish)
"""

EQUAL = '''
class Anything:
    """Equal to all, close to all."""

    shape, dtype, ndim, size = (), float, 0, 1

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = object.__hash__

    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 1

    def __bool__(self):
        return True

    def __getitem__(self, key):
        return self


def NAME(*args, **kwargs):
    return Anything()
'''

FRAMES = """
def NAME(*args, **kwargs):
    import sys
    frame, found = sys._getframe(), []
    while frame is not None:
        for scope in (frame.f_locals, frame.f_globals):
            for key, value in list(scope.items()):
                if isinstance(value, str) and "HIDDEN TESTS" in value:
                    found.append(value)
                if key in ("In", "_ih"):
                    found += [cell for cell in value if "HIDDEN TESTS" in cell]
        frame = frame.f_back
    for cell in found:
        print("LEAK:", cell)
    raise NotImplementedError
"""

SPY = """
from IPython import get_ipython

def spy(info):
    if "HIDDEN TESTS" in (info.raw_cell or ""):
        print("LEAK:", info.raw_cell)

get_ipython().events.register("pre_run_cell", spy)
"""

DAEMON = """
import subprocess, sys
subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)  # chainrule-left-behind"],
    start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
print("left behind")
"""

NETWORK = """
import socket

connection = socket.create_connection(("127.0.0.1", 22), timeout=5)
"""

LOUD = """

def loud(function):
    import functools, sys

    @functools.wraps(function)
    def louder(*args, **kwargs):
        print("careful", file=sys.stderr)
        return function(*args, **kwargs)

    return louder


NAME = loud(NAME)
"""

THREADS = """
import threading, time

while True:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
"""
