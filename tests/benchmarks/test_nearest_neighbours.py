"""Ways of counting the variants at which people differ, beside comparing them one by one."""

from functools import partial

import numpy as np
import pytest

from benchmarks.nearest_neighbours import (
    BLOCK,
    C_TILE,
    compile_kernels,
    draw_people,
    nearest,
    nearest_in_evaluation,
    popcount_ways,
    product_ways,
)

N_VARIANTS = 131  # neither words nor bytes are full


@pytest.fixture(scope="module")
def people() -> list[np.ndarray]:
    left, right = draw_people(C_TILE, N_VARIANTS)
    right[5] = left[3]  # a copy
    return [left, right]


@pytest.fixture(scope="module")
def ways() -> dict:
    popcounts = popcount_ways(compile_kernels(), n_threads=2)
    return {way.name: way for way in product_ways(N_VARIANTS) + popcounts}


def test_ways__compare_every_pair(people, ways):
    left, right = people
    different = (left[:, None] != right[None]).sum(axis=2)
    assert len(ways) >= 4
    for name, way in ways.items():
        compared = np.asarray(way.compare(way.code_left(left), way.code_right(right)))
        if "products" in name:
            np.testing.assert_array_equal(compared, 2 * N_VARIANTS - 3 * different, err_msg=name)
        else:
            np.testing.assert_array_equal(compared, different, err_msg=name)


def test_nearest__is_found_across_blocks(people, ways, monkeypatch):
    left, right = people
    expected = (left[:, None] != right[None]).sum(axis=2).min(axis=1)
    assert expected[3] == 0
    monkeypatch.setattr("benchmarks.nearest_neighbours.BLOCK", C_TILE // 2)
    products = [way for name, way in ways.items() if "C" not in name]
    for find in (*(partial(nearest, way) for way in products), nearest_in_evaluation):
        np.testing.assert_array_equal(find(left, right), expected)


def test_blocks__are_whole_tiles_of_the_kernel():
    assert BLOCK % C_TILE == 0
