"""Outputs are those that nbformat makes of the same messages, and whatever a cell shows fits into a notebook."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, output_from_msg

from chainrule_course.outputs import Outputs

MESSAGES = {
    "stream": {"name": "stderr", "text": "careful\n"},
    "display_data": {"data": {"text/html": "<b>1</b>", "text/plain": ["1", "2"]}, "metadata": {"a": {"b": 1}}},
    "execute_result": {"data": {"application/json": {"x": [1]}}, "metadata": {}, "execution_count": 3},
    "error": {"ename": "KeyError", "evalue": "'a'", "traceback": ["line 1", "line 2"]},
}


@pytest.mark.parametrize(("kind", "content"), MESSAGES.items(), ids=MESSAGES)
def test_an_output_is_nbformats(kind, content):
    cell, outputs = new_code_cell(), Outputs()
    outputs.begin(cell)
    outputs.add(kind, content)
    assert cell.outputs == [output_from_msg({"header": {"msg_type": kind}, "content": content})]
    assert isinstance(cell.outputs[0], nbformat.NotebookNode)


def test_an_update_changes_what_was_shown_and_not_its_type():
    cell, outputs = new_code_cell(), Outputs()
    outputs.begin(cell)
    transient = {"display_id": "here"}
    outputs.add("execute_result", {**MESSAGES["execute_result"], "transient": transient})
    outputs.add("update_display_data", {"data": {"text/plain": "new"}, "metadata": {"m": 1}, "transient": transient})
    (output,) = cell.outputs
    assert (output.output_type, output.data, output.metadata) == ("execute_result", {"text/plain": "new"}, {"m": 1})


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
types = st.sampled_from(["text/plain", "image/png", "application/json", "application/x+json", "application/xjson", ""])


@given(st.dictionaries(types, plain))
def test_whatever_a_cell_shows_makes_a_valid_notebook(data):
    cell, outputs = new_code_cell(), Outputs()
    outputs.begin(cell)
    outputs.add("display_data", {"data": data, "metadata": {}})
    nbformat.validate(new_notebook(cells=[cell]))
    assert set(cell.outputs[0].data) == set(data)
