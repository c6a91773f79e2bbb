"""What the network sees at test time."""

import numpy as np
import pytest
import torch
from torchvision.transforms.functional import five_crop

from harcli.evaluation.predict import _mean_as_logits, _mean_logits
from harcli.evaluation.view import corners, trained_view, view_for


@pytest.mark.parametrize(("whole", "crop"), [((256, 256), (224, 224)), ((219, 110), (192, 96)), ((66, 33), (64, 32))])
def test_corners_are_torchvision_s(whole: tuple[int, int], crop: tuple[int, int]) -> None:
    image = torch.arange(whole[0] * whole[1]).view(1, *whole)
    ours = [image[:, top : top + crop[0], left : left + crop[1]] for top, left in corners(whole, crop)]
    for a, b in zip(ours, five_crop(image, list(crop)), strict=True):
        torch.testing.assert_close(a, b)


def test_logits_are_averaged_over_the_crops() -> None:
    """A network whose logit is the mean of its input: the answer is the mean of the five crops' means."""

    class Mean(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> object:
            return type("Out", (), {"logits": images.mean(dim=(1, 2, 3))[:, None]})

    images = torch.rand(3, 3, 64, 32)
    expected = torch.stack([crop.mean(dim=(1, 2, 3)) for crop in five_crop(images, [32, 16])]).mean(0)
    torch.testing.assert_close(_mean_logits(Mean(), images, (32, 16))[:, 0], expected)


def test_probabilities_are_averaged_as_logits() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (4, 5, 2))
    p = (1 / (1 + np.exp(-logits))).astype(np.float32)
    expected = 1 / (1 + np.exp(-logits.mean(axis=1)))
    np.testing.assert_allclose(_mean_as_logits(p), expected, rtol=1e-5)
    assert np.isfinite(_mean_as_logits(np.array([[[0.0], [1.0], [1.0], [1.0], [1.0]]], np.float32))).all()


def test_full_patch_is_at_full_and_five_crops_are_of_the_trained_size() -> None:
    paper = view_for((224, 224), (256, 256), 0.0, five_crop=True)
    assert (paper.whole, paper.crop) == ((256, 256), (224, 224))
    assert view_for((224, 224), (256, 256), 0.0, five_crop=False).whole == (256, 256)
    modern = view_for((192, 96), (192, 96), 0.05, five_crop=True)
    assert (modern.whole, modern.crop) == ((219, 110), (192, 96))
    assert modern.meaning == "five crops of 192x96 from 219x110, logits averaged"
    # no room for crops of 224 in 192
    assert view_for((224, 224), (192, 256), 0.0, five_crop=True).whole == (256, 256)


def test_older_checkpoints_have_no_full_and_no_margin() -> None:
    assert trained_view({"size": [192, 96]}) == ((192, 96), (192, 96), 0.05)
    assert trained_view({"size": [224, 224], "full": [256, 256], "margin": 0}) == ((224, 224), (256, 256), 0.0)
