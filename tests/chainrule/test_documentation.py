"""Every public name explains itself: what goes in, what comes out, what is refused, and an example that runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
import textwrap
from typing import Any

import pytest

import chainrule

SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Notes", "References", "Examples")


def public_names() -> dict[str, Any]:
    """Return every function and class that the modules of the package offer, by its full name."""
    found = {"chainrule.Sequential": chainrule.Sequential}
    for module_name in chainrule.__all__:
        if module_name != "Sequential":
            module = importlib.import_module(f"chainrule.{module_name}")
            found |= {f"{module.__name__}.{name}": getattr(module, name) for name in module.__all__}
    return {name: thing for name, thing in found.items() if inspect.isroutine(thing) or inspect.isclass(thing)}


PUBLIC = public_names()
MODULES = [name for name in chainrule.__all__ if name != "Sequential"]


def sections(thing: Any) -> dict[str, str]:
    """Return the sections of a docstring by title; the text before the first one under the empty title."""
    text = inspect.cleandoc(thing.__doc__ or "")
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", text, flags=re.MULTILINE)
    return {"": parts[0].strip()} | {t: b.strip("\n") for t, b in zip(parts[1::2], parts[2::2], strict=True)}


def documented(section: str) -> set[str]:
    """Return the names that a section describes: those at the start of its lines that are not indented."""
    heads = [line.partition(" : ")[0] for line in section.splitlines() if line and not line.startswith(" ")]
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def parameters(thing: Any) -> set[str]:
    """Return the names of the arguments, without `self`."""
    return {name for name in inspect.signature(thing).parameters if not name.startswith("_")} - {"self"}


def says_raise(thing: Any) -> bool:
    """Return whether the function itself raises an exception, other than one that it passes on."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    return any(isinstance(node, ast.Raise) and node.exc is not None for node in ast.walk(tree))


@pytest.mark.parametrize("module_name", MODULES)
def test_a_module_tells_what_its_constants_hold(module_name: str):
    module = importlib.import_module(f"chainrule.{module_name}")
    constants = {name for name in module.__all__ if not callable(getattr(module, name))}
    assert constants <= set(re.findall(r"`(\w+)`", module.__doc__ or ""))


def test_the_package_lists_its_modules():
    text = chainrule.__doc__
    assert text is not None
    assert {name for name in MODULES if f"`chainrule.{name}`" in text} == set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_lists_what_it_offers(name):
    module = importlib.import_module(f"chainrule.{name}")
    assert module.__doc__
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(hasattr(module, each) for each in module.__all__)


@pytest.mark.parametrize("name", PUBLIC)
class TestEveryPublicName:
    def test_says_in_a_sentence_what_it_does(self, name):
        summary = sections(PUBLIC[name])[""].split("\n\n")[0]
        assert summary
        assert summary[-1] in ".:", summary

    def test_has_sections_in_their_order(self, name):
        titles = [title for title in sections(PUBLIC[name]) if title]
        assert set(titles) <= set(SECTIONS)
        assert titles == sorted(titles, key=SECTIONS.index)

    def test_describes_its_arguments_and_no_others(self, name):
        thing = PUBLIC[name]
        found = sections(thing)
        described = documented(found.get("Parameters", ""))
        assert described <= parameters(thing)
        # What an object is made of is what it has.
        if inspect.isclass(thing):
            described |= documented(found.get("Attributes", ""))
        assert parameters(thing) <= described

    def test_says_what_it_returns(self, name):
        thing = PUBLIC[name]
        if inspect.isclass(thing) or inspect.signature(thing).return_annotation in (None, "None"):
            return
        assert {"Returns", "Yields"} & set(sections(thing))

    def test_says_what_it_refuses(self, name):
        thing = PUBLIC[name]
        if inspect.isfunction(thing) and says_raise(thing):
            assert "Raises" in sections(thing)

    def test_has_an_example_that_is_run(self, name):
        thing = PUBLIC[name]
        assert any(test.examples for test in doctest.DocTestFinder().find(thing))
        # pytest finds the examples of what a module calls by its own name.
        assert getattr(inspect.getmodule(thing), thing.__name__) is thing
