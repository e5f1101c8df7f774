"""Buffers: one array for each shape and use."""

import numpy as np

from chainrule.buffers import Buffers


def test_buffers_are_kept_by_shape_and_use():
    buffers = Buffers(np.float32)
    assert buffers[2, 3, "a"] is buffers[2, 3, "a"]
    assert buffers[2, 3, "a"] is not buffers[2, 3, "b"]
    assert buffers[3, 2, "a"].shape == (3, 2)
    assert buffers[1, 4, "ones"].tolist() == [[1, 1, 1, 1]]
    assert buffers[1, 4, "ones"].dtype == np.float32
