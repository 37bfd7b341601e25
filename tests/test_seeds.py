import numpy as np
import pytest

from genosynth.seeds import derive_seed, person_normals, person_uniforms


def test_derive_seed__is_frozen():
    assert derive_seed(7, "train_vae", "fold-0") == 2165590808


@pytest.mark.parametrize("draw", [person_uniforms, person_normals])
def test_person_streams__do_not_depend_on_the_batch(draw):
    everybody = draw(3, np.arange(50), 7)
    assert np.array_equal(everybody[20:30], draw(3, np.arange(20, 30), 7))
    assert np.array_equal(everybody[:, :4], draw(3, np.arange(50), 4))
    assert not np.isin(everybody, draw(4, np.arange(50), 7)).any()


def test_person_uniforms__equal_a_new_philox_of_the_same_key():
    expected = np.random.Generator(np.random.Philox(key=np.array([3, 9], np.uint64))).random(5)
    assert np.array_equal(person_uniforms(3, np.array([9]), 5)[0], expected)


def test_person_normals__are_standard_normal_across_people():
    drawn = person_normals(1, np.arange(20000), 3)
    assert abs(drawn.mean(axis=0)).max() < 0.03
    assert abs(np.cov(drawn.T) - np.eye(3)).max() < 0.04
