#!/bin/bash
# sbatch docs/cluster/slurm.sh
# Photos and results lie in a file system that all nodes see, or in a bucket.
#SBATCH --job-name=harcli
#SBATCH --nodes=8
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --mem=32G
#SBATCH --time=12:00:00
set -euo pipefail
source "$HOME/harcli/bin/activate"  # pip install "harcli[ray]" on a node with the same Python

head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
export RAY_USAGE_STATS_ENABLED=0
srun --nodes="$SLURM_JOB_NUM_NODES" --ntasks="$SLURM_JOB_NUM_NODES" \
  ray symmetric-run --address "$head:6379" --min-nodes "$SLURM_JOB_NUM_NODES" --num-cpus "$SLURM_CPUS_PER_TASK" -- \
  harcli tag /data/photos/ --out /data/tags/ --on ray --quiet
