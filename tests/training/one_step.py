"""One forward and backward pass in float64, as one process or as several (torchrun); writes gradients and statistics.

Run by test_resume.py: `python one_step.py OUT`. In float64 the rounding of sums in another order stays invisible.
"""

import sys

import torch
from torch.nn.parallel import DistributedDataParallel

from harcli.network import DaHar, DaHarConfig
from harcli.training.config import from_recipe
from harcli.training.distributed import share_batch_norms, world
from harcli.training.losses import Criterion, joint_loss

torch.manual_seed(0)
with world() as ours:
    model = DaHar(DaHarConfig(3, 18)).double().train()
    images, masks = torch.randn(8, 3, 64, 32).double(), torch.rand(8, 4, 2).double()
    labels = torch.randint(-1, 2, (8, 3)).double()  # unknown ones too: the halves know different numbers of labels
    masks[:3] = -1
    network = model
    if ours.size > 1:
        share_batch_norms(model, ours.device)
        network = DistributedDataParallel(model, broadcast_buffers=False)
    mine = slice(ours.rank, None, ours.size)
    criterion = Criterion(from_recipe("modern", loss="weighted"), torch.tensor([0.3, 0.5, 0.2]).double())
    joint_loss(network(images[mine]), labels[mine], masks[mine], criterion, ours.total).backward()
    tensors = {f"gradient of {name}": p.grad for name, p in model.named_parameters()}
    tensors |= {name: tensor for name, tensor in model.named_buffers() if tensor.is_floating_point()}
    if ours.first:
        torch.save(tensors, sys.argv[1])
