"""Notice that a cell has replaced what it has no business to replace, so that the teacher is told.

Marks don't rest on it: the tester is another process. It names the attempt.
"""

from __future__ import annotations

import builtins
import sys
from typing import Any

import numpy as np

_MODULES = (
    "builtins",
    "numpy",
    "numpy.testing",
    "math",
    "chainrule_course.checks",
    "chainrule_course.checks.calling",
    "chainrule_course.checks.exercise",
    "chainrule_course.checks.report",
    "chainrule_course.checks.values",
    "chainrule_course.grading.wire",
)
_OF_SHELL = ("run_cell", "run_cell_async", "run_code", "run_ast_nodes", "display_pub", "displayhook", "emit")
_CLASSES = ("chainrule_course.checks.exercise:Checks", "chainrule_course.checks.report:Report")


class Watch:
    """Remembers how things were, and tells what has changed since.

    Parameters
    ----------
    shell : Shell
        Whose hooks are watched.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._told: set[str] = set()
        self._before = self._now()

    def changed(self) -> list[str]:
        """Return what has been replaced since the start and was not told before, by name."""
        now = self._now()
        found = {name for name, what in self._before.items() if now.get(name) is not what}
        found |= {name for name in now.keys() - self._before.keys() if name.startswith("a hook")}
        new = sorted(found - self._told)
        self._told |= found
        return new

    def _now(self) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for name in _MODULES:
            module = sys.modules.get(name)
            for key, value in list(vars(module).items()) if module else ():
                if callable(value) and not (module is builtins and key in ("_", "display", "get_ipython")):
                    seen[f"{name}.{key}"] = value
        for path in _CLASSES:
            module_name, _, name = path.partition(":")
            kind = getattr(sys.modules.get(module_name), name, None)
            seen |= {f"{name}.{key}": value for key, value in (vars(kind).items() if kind else ()) if callable(value)}
        for name in _OF_SHELL:
            value = getattr(self._shell, name, None)
            seen[f"IPython's {name}"] = getattr(value, "__func__", value)
        seen |= {
            f"a hook on {where}: {getattr(hook, '__qualname__', type(hook).__name__)}": hook
            for where, hook in self._hooks()
        }
        return seen

    def _hooks(self) -> list[tuple[str, Any]]:
        """Return the functions that IPython calls of its own accord."""
        shell = self._shell
        manager = shell.input_transformer_manager
        found = [("the code of cells", hook) for hook in shell.ast_transformers]
        for hooks in (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers):
            found += [("the text of cells", hook) for hook in hooks]
        found += [("the text of cells", hook) for hook in shell.input_transformers_post]
        for event, hooks in shell.events.callbacks.items():
            found += [(event, hook) for hook in hooks if not getattr(hook, "__module__", "").startswith("matplotlib")]
        plain = shell.display_formatter.formatters["text/plain"]
        for kind, hook in plain.type_printers.items():
            if kind in (float, int, np.float64):
                found.append((f"how a {kind.__name__} is shown", hook))
        return found
