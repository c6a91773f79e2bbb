"""The recipes of docs/cluster: what they name is there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import typer.main

from harcli.cli.main import app

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "docs" / "cluster"


def check_harcli(command: str) -> None:
    """That harcli has the command and its options, and takes their values."""
    program, name, *arguments = shlex.split(command)
    assert program == "harcli"
    group: Any = typer.main.get_command(app)
    context = group.commands[name].make_context(name, arguments)
    assert context.params["on"] == "ray"
    assert [out for out in context.params["out"] if out.endswith("/")]


def ray_options(*command: str) -> set[str]:
    pytest.importorskip("ray", reason="Ray's own options are asked for: pip install '.[dev]'")
    with warnings.catch_warnings():  # of other packages, which Ray's commands load
        warnings.simplefilter("ignore")
        from ray.scripts.scripts import cli

    group: Any = cli
    return {option for parameter in group.commands[command[0]].params for option in parameter.opts}


def test_kuberay() -> None:
    yaml = pytest.importorskip("yaml", reason="the recipe is YAML, which PyYAML reads: pip install '.[dev]'")
    job = yaml.safe_load((RECIPES / "kuberay.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    check_harcli(job["spec"]["entrypoint"])
    groups = [job["spec"]["rayClusterSpec"]["headGroupSpec"], *job["spec"]["rayClusterSpec"]["workerGroupSpecs"]]
    assert len(groups) == 2
    known = ray_options("start")
    for group in groups:
        assert {f"--{name}" for name in group["rayStartParams"]} <= known
        [container] = group["template"]["spec"]["containers"]
        assert container["image"] == groups[0]["template"]["spec"]["containers"][0]["image"]
        assert container["resources"]["limits"] == container["resources"]["requests"]
    assert groups[0]["rayStartParams"]["num-cpus"] == "0"


def test_the_image() -> None:
    """Extras that there are, and a Ray that the extra takes."""
    from packaging.requirements import Requirement

    text = (RECIPES / "Dockerfile").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [extras] = re.findall(r'"harcli\[([a-z0-9,]+)\]"', text)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    [(version, python)] = re.findall(r"FROM rayproject/ray:([0-9.]+)-py(\d+)", text)
    [ray] = [Requirement(each) for each in project["optional-dependencies"]["ray"] if each.startswith("ray[")]
    assert ray.specifier.contains(version)
    assert f"Programming Language :: Python :: 3.{python[1:]}" in project["classifiers"]


def test_slurm() -> None:
    script = RECIPES / "slurm.sh"
    if shutil.which("bash") is None:
        pytest.skip("needs bash: apt install bash")
    assert subprocess.run(["bash", "-n", script], capture_output=True).returncode == 0
    text = script.read_text().replace("\\\n", " ")
    [(before, after)] = re.findall(r"ray symmetric-run (.*?) -- +(harcli .*)", text)
    check_harcli(after)
    assert set(re.findall(r"--[a-z-]+", before)) <= ray_options("symmetric-run") | ray_options("start")
