"""Batches: every example once an epoch, together with its own target and weight, in any regime."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import batches
from chainrule.batches import Batches, Data, hold_back, rows_per_batch


def numbered(m, n=3):
    """Return examples whose features, targets and weights all tell their number."""
    return Data(np.tile(np.arange(m, dtype=float)[:, None], n), np.arange(m)[:, None], np.arange(m, dtype=float))


@settings(max_examples=60, deadline=None)
@given(
    m=st.integers(1, 50),
    size=st.integers(1, 60),
    shuffle=st.booleans(),
    chunk=st.sampled_from([1, 200, 2**20]),
    seed=st.integers(0, 9),
)
def test_an_epoch_is_every_example_once(m, size, shuffle, chunk, seed):
    before, batches.CHUNK = batches.CHUNK, chunk
    try:
        size = min(size, m)
        epoch = Batches(numbered(m), size, shuffle)
        rng = np.random.default_rng(seed)
        for _ in range(2):
            seen, weights = [], []
            for batch in epoch.epoch(rng):
                np.testing.assert_array_equal(batch.x[:, 0], batch.y[:, 0])
                np.testing.assert_array_equal(batch.x[:, 0], batch.weights)
                seen.append(batch.y[:, 0].tolist())
                weights.extend(batch.weights)
            assert [len(rows) for rows in seen] == [size] * (m // size) + [m % size] * (m % size > 0)
            assert len(epoch) == len(seen)
            flat = [number for rows in seen for number in rows]
            assert sorted(flat) == list(range(m))
            # What the loss is summed over afterwards comes in the same order.
            np.testing.assert_array_equal(epoch.y[:, 0], flat)
            np.testing.assert_array_equal(epoch.weights, flat)
            if not shuffle:
                assert flat == list(range(m))
    finally:
        batches.CHUNK = before


def test_the_order_is_one_permutation_of_the_generator():
    epoch = Batches(numbered(20), 6, shuffle=True)
    rng, same = np.random.default_rng(4), np.random.default_rng(4)
    for _ in range(3):
        got = np.concatenate([batch.y[:, 0] for batch in epoch.epoch(rng)])
        np.testing.assert_array_equal(got, same.permutation(20))


def test_without_shuffling_nothing_is_copied():
    data = numbered(20)
    for size in (6, 20):
        for batch in Batches(data, size, shuffle=size == 20).epoch(np.random.default_rng(0)):
            assert np.shares_memory(batch.x, data.x)


def test_shuffling_leaves_the_data_alone_and_keeps_little():
    data = numbered(5000, 200)
    copy = data.x.copy()
    epoch = Batches(data, 32, shuffle=True)
    for _ in epoch.epoch(np.random.default_rng(0)):
        pass
    np.testing.assert_array_equal(data.x, copy)
    assert epoch._x.nbytes < 0.2 * data.x.nbytes


def test_three_regimes():
    assert rows_per_batch(1, 100) == 1
    assert rows_per_batch(32, 100) == 32
    assert rows_per_batch(320, 100) == 100
    assert rows_per_batch(None, 100) == rows_per_batch("full", 100) == 100
    for wrong, error in ((0, ValueError), (-1, ValueError), (2.0, TypeError), ("all", TypeError), (True, TypeError)):
        with pytest.raises(error, match="batch_size"):
            rows_per_batch(wrong, 100)


@given(m=st.integers(2, 200), fraction=st.floats(0.01, 0.99))
def test_holding_back_takes_the_last_examples(m, fraction):
    if int(m * (1 - fraction)) in (0, m):
        with pytest.raises(ValueError, match="both need at least one"):
            hold_back(numbered(m), fraction)
        return
    rest, last = hold_back(numbered(m), fraction)
    np.testing.assert_array_equal(np.concatenate([rest.y, last.y])[:, 0], np.arange(m))
    assert abs(len(last.x) - m * fraction) <= 1
