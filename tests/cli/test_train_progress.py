"""How a run that is stopped says that it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harcli.cli.train_progress import carry_out


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(143)])
def test_stopped(end: BaseException, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> str:
        raise end

    with pytest.raises(type(end)):
        carry_out(tmp_path, work)
    assert capsys.readouterr().err == ""  # stopped before the run was there: nothing to go on with
    (tmp_path / "config.json").touch()
    with pytest.raises(type(end)):
        carry_out(tmp_path, work)
    assert f"`harcli train --resume {tmp_path}` begins it again" in capsys.readouterr().err
    (tmp_path / "resume.safetensors").touch()
    with pytest.raises(type(end)):
        carry_out(tmp_path, work)
    assert f"`harcli train --resume {tmp_path}` goes on from the last checkpoint" in capsys.readouterr().err


def test_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    carry_out(tmp_path, lambda: "trained for 3 iterations")
    assert capsys.readouterr().err == f"{tmp_path}: trained for 3 iterations\n"
