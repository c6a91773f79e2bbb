"""Which instance is the target: hand-worked cases."""

import numpy as np
import pytest

from harcli.training.target_person import choose, closeness, overlaps

TARGET = np.array([20, 10, 60, 110], dtype=np.float32)  # 40 x 100


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32).reshape(-1, 4)


def scores(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_overlap_and_closeness_by_hand() -> None:
    found = boxes((20, 10, 60, 110), (40, 10, 80, 110), (100, 10, 140, 110), (20, 10, 60, 60))
    # half a width to the right: 2000 of 6000 px in common; the upper half: 2000 of 4000, a quarter of the height up
    assert overlaps(found, TARGET) == pytest.approx([1, 1 / 3, 0, 1 / 2])
    assert closeness(found, TARGET) == pytest.approx([1, np.exp(-0.5), np.exp(-8), np.exp(-0.125)])


def test_a_sharp_neighbour_does_not_beat_the_blurred_target() -> None:
    found = boxes((40, 10, 80, 110), (22, 12, 58, 108))
    chosen = choose(found, scores(0.95, 0.15), TARGET)
    assert chosen is not None
    assert chosen.instance == 1
    assert chosen.score == pytest.approx(0.15)
    assert chosen.overlap == pytest.approx(36 * 96 / 4000)


def test_the_score_decides_between_two_at_the_same_place() -> None:
    found = boxes((20, 10, 60, 110), (20, 10, 60, 110))
    assert choose(found, scores(0.3, 0.6), TARGET).instance == 1
    assert choose(found, scores(0.6, 0.3), TARGET).instance == 0


def test_a_small_person_in_front_is_not_the_target() -> None:
    child, adult = (30, 60, 50, 110), (18, 8, 62, 110)
    assert choose(boxes(child, adult), scores(0.9, 0.5), TARGET).instance == 1


def test_a_group_in_one_box_is_not_preferred_to_the_target() -> None:
    group, person = (0, 0, 160, 120), (20, 12, 60, 100)
    assert choose(boxes(group, person), scores(0.9, 0.4), TARGET).instance == 1


def test_nobody_at_the_place_means_nobody() -> None:
    assert choose(boxes(), scores(), TARGET) is None
    assert choose(boxes((100, 10, 140, 110)), scores(0.99), TARGET) is None  # beside
    assert choose(boxes((30, 20, 50, 45)), scores(0.99), TARGET) is None  # an eighth of it


def test_boxes_without_area_do_no_harm() -> None:
    assert choose(boxes((30, 30, 30, 30)), scores(0.9), np.array([5, 5, 5, 5], dtype=np.float32)) is None
