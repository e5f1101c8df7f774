"""Names: what is found, and what is proposed instead."""

import pytest

from chainrule.names import lookup, suggest


def test_names_are_proposed_only_if_they_come_close():
    table = {"sigmoid": 1, "relu": 2}
    assert lookup("relu", table, "activation") == 2
    assert lookup("Rectifier", table, "activation", {"Rectifier": 3}) == 3
    assert suggest("SIGMOID", table) == ": did you mean 'sigmoid'?"
    with pytest.raises(ValueError, match=r"unknown activation 'xyz'\. Known: relu, sigmoid\."):
        lookup("xyz", table, "activation")
