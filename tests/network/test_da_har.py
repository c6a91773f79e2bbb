"""Parameter counts of the paper, the rows of its Table 3, and a start that keeps pretrained features."""

import itertools

import pytest
import torch

from harcli.network import DaHar, DaHarConfig

BLOCKS = ("self_mask", "fusion", "masked_attention")


def parameters(**switches: bool) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in DaHar(DaHarConfig(attributes=14, depth=101, **switches)).parameters())


def only(*on: str) -> dict[str, bool]:
    return {block: block in on for block in BLOCKS}


def test_baseline_has_the_papers_parameter_count() -> None:
    assert parameters(**only()) == 45_436_010  # 45.4 M


def test_da_har_has_the_papers_parameter_count() -> None:
    assert parameters() == 52_410_987  # 52.4 M


@pytest.mark.parametrize(("on", "millions"), [("fusion", 46.703), ("self_mask", 48.581), ("masked_attention", 47.999)])
def test_each_block_of_table_3_is_one_switch(on: str, millions: float) -> None:
    assert parameters(**only(on)) / 1e6 == pytest.approx(millions, abs=5e-4)


@pytest.mark.parametrize("switches", list(itertools.product([False, True], repeat=3)))
def test_every_combination_runs(switches: tuple[bool, ...]) -> None:
    model = DaHar(DaHarConfig(5, depth=18, **dict(zip(BLOCKS, switches, strict=True)))).eval()
    output = model(torch.randn(2, 3, 64, 32))
    assert output.logits.shape == output.main.shape == output.side.shape == (2, 5)
    torch.testing.assert_close(output.logits, (output.main + output.side) / 2)
    if switches[2]:
        assert output.mask.shape == (2, 1, 4, 2)
    else:
        assert output.mask is None


@pytest.mark.parametrize("depth", [18, 34, 50, 152])
def test_every_depth_runs(depth: int) -> None:
    assert DaHar(DaHarConfig(3, depth)).eval()(torch.randn(1, 3, 64, 64)).logits.shape == (1, 3)


def test_plain_backbone_has_no_side_branch() -> None:
    output = DaHar(DaHarConfig(3, 18, attention=False, self_mask=False)).eval()(torch.randn(1, 3, 64, 64))
    assert output.side is None
    assert output.logits is output.main


def test_new_blocks_start_as_gaussian_noise() -> None:
    model = DaHar(DaHarConfig(14, 50))
    for part in (model.self_masks, model.fusion, model.mask_branch, model.head):
        for module in part.modules():
            if isinstance(module, torch.nn.Conv2d) and module.weight.numel() > 10_000:
                assert module.weight.std().item() == pytest.approx(0.01, rel=0.05)
                assert abs(module.weight.mean().item()) < 0.001


@pytest.mark.parametrize("training", [False, True])
def test_at_the_start_pretrained_features_pass_unchanged(training: bool) -> None:
    """The four stages of Da-HAR and of its bare backbone agree before any training."""
    torch.manual_seed(0)
    model = DaHar(DaHarConfig(14, 50)).train(training)
    images = torch.randn(8, 3, 96, 64)
    with torch.no_grad():
        masked = model.features(images)
        bare, x = [], model.backbone.stem(images)
        for stage in model.backbone.stages():
            x = stage(x)
            bare.append(x)
    for a, b in zip(masked, bare, strict=True):
        assert torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), dim=0) > 0.95
        assert a.norm() / b.norm() == pytest.approx(1, abs=0.05)


def test_attention_weights_are_positive_and_sum_to_one() -> None:
    head = DaHar(DaHarConfig(6, 18)).head
    _, maps = head(torch.randn(2, 1024, 4, 2))
    assert (maps > 0).all()
    torch.testing.assert_close(maps.sum(dim=(2, 3)), torch.ones(2, 6))


def test_mask_changes_what_attention_sees() -> None:
    """With the mask closed everywhere the head sees zeros: its logits no longer depend on the image."""
    model = DaHar(DaHarConfig(6, 18)).eval()
    images = torch.randn(2, 3, 64, 32)
    model.mask_branch.body[-1].bias.data.fill_(-100.0)
    side = model(images).side
    torch.testing.assert_close(side[0], side[1])
