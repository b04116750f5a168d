import json

import numpy as np
import pytest
from click.testing import CliRunner
from dtc_model.commands import main
from dtc_model.discovery import PlantedMixture, recover


def test_the_command_tells_what_would_be_recovered() -> None:
    arguments = ["planted-truth", "--units", "100", "--noise", "low", "--draws", "1"]
    done = CliRunner(mix_stderr=False).invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "mixture: 6.0 segments, the planted number in 100% of the draws; adjusted Rand index" in done.stdout
    assert "With 100 units like these nearly every one would be in its right segment." in done.stdout
    found = json.loads(CliRunner(mix_stderr=False).invoke(main, [*arguments, "--json"]).stdout)
    assert found[0]["rand_index"] > 0.95


def test_too_little_to_find_is_told_before_anybody_trusts_it() -> None:
    arguments = [
        "planted-truth",
        "--units",
        "40",
        "--numbers",
        "2",
        "--categories",
        "1",
        "--noise",
        "high",
        "--draws",
        "1",
    ]
    done = CliRunner(mix_stderr=False).invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "the segments would not be found: collect more units, or features that tell them apart better" in done.stdout


def test_a_method_that_does_not_exist_is_named() -> None:
    done = CliRunner(mix_stderr=False).invoke(
        main, ["planted-truth", "--units", "50", "--draws", "1", "--method", "magic"]
    )
    assert done.exit_code == 8
    assert "no method 'magic'" in done.stderr


def test_dense_regions_reach_less_than_the_mixture_as_noise_grows() -> None:
    mixture, dense = recover(["mixture", "famd_hdbscan"], n_units=600, noise="middle", seeds=[1], n_bootstraps=2)
    assert mixture.rand_index > 0.9
    assert dense.rand_index < mixture.rand_index
    assert mixture.share_without == 0
    assert 0.2 < dense.share_without < 0.7


def test_another_draw_is_of_the_same_segments() -> None:
    planted = PlantedMixture.plant(noise="low", seed=1)
    (first, of_first), (other, of_other) = planted.draw(2_000), planted.draw(2_000, draw=1)
    assert not np.array_equal(of_first, of_other)
    means = [table.groupby(truth)["number_1"].mean() for table, truth in ((first, of_first), (other, of_other))]
    assert means[0].to_numpy() == pytest.approx(means[1].to_numpy(), abs=0.2 * first["number_1"].std())
    assert len(np.unique(planted.draw(12)[1])) == 6
