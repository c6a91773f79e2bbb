"""The maps against computations of their own, block by block."""

import numpy as np
import pytest
import torch

from harcli.explain.inside import look_inside
from harcli.explain.overlays import around_one, brighter_half, enlarge, heat, spotlight
from harcli.explain.palette import colours
from harcli.network import DaHar, DaHarConfig


@pytest.fixture(scope="module")
def model() -> DaHar:
    """Random weights, and self-masks that do something."""
    torch.manual_seed(0)
    model = DaHar(DaHarConfig(5, 18)).eval()
    for block in model.self_masks:
        torch.nn.init.normal_(block.mask[-1].weight, 0.0, 2.0)
        torch.nn.init.normal_(block.mask[-1].bias, 0.0, 1.0)
    return model


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 128, 96)).astype(np.float32)


@torch.inference_mode()
def test_maps_are_those_of_the_blocks(model: DaHar, image: np.ndarray) -> None:
    maps = look_inside(model, image)
    x, features, sums, factors = model.backbone.stem(torch.from_numpy(image)[None]), [], [], []
    for stage, block in zip(model.backbone.stages(), model.self_masks, strict=True):
        before = stage(x)
        x = block(before)
        sums.append(before.sum(dim=1)[0])
        factors.append(2 / (1 + torch.exp(-block.mask(before)))[0])
        features.append(x)
        np.testing.assert_allclose(x[0], before[0] * factors[-1], rtol=1e-4, atol=1e-5)
    for ours, theirs in zip(maps.stages, sums[2:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-3)
    assert [m.shape for m in maps.self_masks] == [(32, 24), (16, 12), (8, 6), (4, 3)]
    for ours, theirs in zip(maps.self_masks, factors, strict=True):
        np.testing.assert_allclose(ours, theirs.mean(dim=0), rtol=1e-4)
        assert 0 < ours.min() < ours.max() < 2
    fused = model.fusion(features)
    mask = torch.sigmoid(model.mask_branch(fused))
    np.testing.assert_allclose(maps.mask, mask[0, 0], rtol=1e-4)
    seen = fused * mask
    scores = model.head.attention(seen)[0].flatten(1)
    attention = (scores.exp() / scores.exp().sum(dim=1, keepdim=True)).view(5, 8, 6)
    np.testing.assert_allclose(maps.attention, attention, rtol=1e-3)
    np.testing.assert_allclose(maps.attention.sum(axis=(1, 2)), 1, rtol=1e-5)
    side = (attention * model.head.confidence(seen)[0]).sum(dim=(1, 2))
    logits = (model.fc(features[3].mean(dim=(2, 3)))[0] + side) / 2
    np.testing.assert_allclose(maps.probabilities, 1 / (1 + np.exp(-logits.numpy())), rtol=1e-4)


def test_looking_leaves_no_hooks(model: DaHar, image: np.ndarray) -> None:
    look_inside(model, image)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def test_a_plain_resnet_has_features_only(image: np.ndarray) -> None:
    plain = DaHar(DaHarConfig(3, 18, attention=False, self_mask=False, fusion=False, masked_attention=False)).eval()
    maps = look_inside(plain, image)
    assert (maps.self_masks, maps.mask, maps.attention) == ((), None, None)
    assert [s.shape for s in maps.stages] == [(8, 6), (4, 3)]


def test_half_of_the_cells_are_above_the_median() -> None:
    """At the crop's own resolution exactly half is in colour; enlarged about half."""
    red = np.zeros((8, 6, 3), np.float32) + np.array([1, 0, 0], np.float32)
    values = np.random.default_rng(1).normal(size=(8, 6)).astype(np.float32)
    lit = (brighter_half(red, values) == [1, 0, 0]).all(axis=2)
    assert lit.sum() == 24
    assert values[lit].min() > values[~lit].max()
    large = np.tile(red, (20, 20, 1))
    assert 0.35 < (brighter_half(large, values) == [1, 0, 0]).all(axis=2).mean() < 0.65


def test_enlarging_keeps_range_and_place() -> None:
    values = np.zeros((4, 4), np.float32)
    values[3, 0] = 1
    large = enlarge(values, 80, 40)
    assert large.shape == (80, 40)
    assert (large.min(), large.max()) == (0, 1)
    y, x = np.unravel_index(large.argmax(), large.shape)
    assert y >= 60
    assert x < 10


def test_overlays_mean_what_they_show() -> None:
    crop = np.full((40, 20, 3), 0.5, np.float32)
    top, bottom = np.array([[1.0], [0.0]], np.float32), np.array([[0.0], [1.0]], np.float32)
    np.testing.assert_allclose(spotlight(crop, top)[0, 0], 0.5)
    assert spotlight(crop, top)[-1, 0].min() > 0.8  # faint
    hot = heat(crop, top, 1.0)
    assert hot[0, 0, 0] > 2 * hot[-1, 0, 0] * 0.99  # bright red and yellow above, the dimmed crop below
    np.testing.assert_allclose(hot[-1, 0], 0.35, atol=0.01)
    stronger, weaker = (around_one(crop, 1 + sign * (top - bottom) * 0.1, 0.1)[0, 0] for sign in (1, -1))
    assert stronger[0] > stronger[2] + 0.2  # red
    assert weaker[2] > weaker[0] + 0.2  # blue
    even = around_one(crop, np.ones((2, 1), np.float32), 0.1)[0, 0]
    assert even.min() > 0.85  # white
    assert np.ptp(even) < 0.02


def test_scales_are_the_known_ones() -> None:
    """matplotlib's, which people know; drawing must not need it."""
    import matplotlib

    values = np.linspace(0, 1, 301)
    for ours, theirs in (("heat", "inferno"), ("diverging", "RdBu_r")):
        np.testing.assert_allclose(colours(ours, values), matplotlib.colormaps[theirs](values)[:, :3], atol=0.03)
    assert colours("heat", np.zeros((4, 2))).shape == (4, 2, 3)
