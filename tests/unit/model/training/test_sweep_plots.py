import io
import itertools
from dataclasses import replace

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import run_sweep
from dtc_model.rule import Encoder, SegmentModel
from dtc_model.training.sweep_plots import SCATTER_UNITS, plot_centroids, plot_sweep, plot_units
from matplotlib.figure import Figure
from matplotlib.text import Text


def texts(figure: Figure) -> list[str]:
    figure.savefig(io.BytesIO(), format="png")  # lays the figure out and proves that it can be drawn
    found = (text.get_text().replace("\n", " ") for text in figure.findobj(Text) if isinstance(text, Text))
    return [text for text in found if text]


def drawn_points(figure: Figure) -> list[int]:
    return [len(np.asarray(collection.get_offsets())) for collection in figure.axes[0].collections]


def model_of(n_features: int, n_segments: int) -> SegmentModel:
    return SegmentModel.of_numbers(
        feature_names=tuple(f"going_out_in_the_evening_{n}" for n in range(n_features)),
        scales=np.ones(n_features),
        centroids=np.random.default_rng(1).uniform(0, 1, (n_segments, n_features)),
        segment_ids=tuple(range(n_segments)),
        segment_names=tuple(f"Persona Number {n}" for n in range(n_segments)),
    )


def test_the_sweep_shows_both_figures_by_k_and_names_the_best(catalogue: Catalogue) -> None:
    answers = np.random.default_rng(1).normal(size=(90, 10)) + np.repeat(catalogue.centroids, 30, axis=0)
    sweep = run_sweep(answers, catalogue, ks=[2, 3, 4])
    figure = plot_sweep(sweep, title="Sweep on wave 2025-01")
    assert any("k = 3 is best" in text for text in texts(figure))
    assert {axes.get_ylabel() for axes in figure.axes} == {"silhouette x 1000 / inertia", "silhouette (-1 to 1)"}
    drawn = [axes.lines[0].get_xydata() for axes in figure.axes]
    assert drawn[0] == pytest.approx(np.array([[entry.k, entry.silhouette_inertia_ratio] for entry in sweep.entries]))
    assert drawn[1] == pytest.approx(np.array([[entry.k, entry.silhouette] for entry in sweep.entries]))


def test_units_are_shown_with_every_segment_by_name_and_a_centroid_each(catalogue: Catalogue) -> None:
    model = SegmentModel.from_catalogue(catalogue)
    answers = np.random.default_rng(1).normal(size=(300, 10)) + np.repeat(catalogue.centroids, 100, axis=0)
    figure = plot_units(answers, model, title="Wave 2025-01, k = 3")
    legend = figure.axes[0].get_legend()
    assert legend is not None
    names = [text.get_text() for text in legend.get_texts()]
    assert names == [f"{name} (33%)" for name in catalogue.segment_names]
    assert drawn_points(figure) == [100, 1] * 3
    assert "of the variance" in figure.axes[0].get_xlabel()


def test_dollars_in_names_are_no_formula_and_long_words_are_cut_not_dropped() -> None:
    names = (r"Spends $5_ to $\frac", "Umweltbewusstseinsbefragungsteilnehmerin")
    encoder = Encoder.of_numbers(("q" * 63, "price"), np.ones(2))
    model = replace(model_of(2, 2), segment_names=names, encoder=encoder)
    answers = np.random.default_rng(1).normal(size=(50, 2))
    for figure in (plot_units(answers, model, title="Wave"), plot_centroids(model, title="Centroids")):
        drawn = " ".join(texts(figure)).replace(r"\$", "$").replace(" ", "")
        assert "Spends$5_to$" in drawn
        assert "Umweltbewusstsein" in drawn
    assert f"{'q' * 39}…" in texts(plot_centroids(model, title="Centroids"))


def test_of_a_large_wave_a_sample_is_drawn_and_the_title_says_so(catalogue: Catalogue) -> None:
    answers = np.random.default_rng(1).normal(0, 8, (SCATTER_UNITS * 3, 10))
    figure = plot_units(answers, SegmentModel.from_catalogue(catalogue), title="Wave 2025-01", units="customers")
    assert sum(drawn_points(figure)) == SCATTER_UNITS + len(catalogue.segments)
    assert any("2,000 of 6,000 customers" in text for text in texts(figure))


def test_units_can_be_shown_in_a_single_feature() -> None:
    figure = plot_units(np.random.default_rng(1).normal(size=(50, 1)), model_of(1, 2), title="One feature")
    assert "0%" in figure.axes[0].get_ylabel()
    assert any("One feature" in text for text in texts(figure))


@pytest.mark.parametrize(("n_features", "n_segments"), [(1, 2), (10, 3), (27, 3), (27, 10), (5, 20)])
def test_the_centroids_are_shown_with_every_feature_and_segment_by_name(n_features: int, n_segments: int) -> None:
    model = model_of(n_features, n_segments)
    shown = texts(plot_centroids(model, title="Centroids"))
    assert set(model.feature_names) <= set(shown)
    assert set(model.segment_names) <= set(shown)
    assert "Centroids" in shown


def test_the_centroids_are_written_in_the_unit_of_the_answers(small_catalogue: Catalogue) -> None:
    shown = texts(plot_centroids(SegmentModel.from_catalogue(small_catalogue), title="Centroids"))
    assert {"1.00", "4.00", "30.0", "10.0"} <= set(shown)


def test_feature_labels_do_not_overlap_with_many_features() -> None:
    figure = plot_centroids(model_of(27, 3), title="Centroids")
    figure.savefig(io.BytesIO(), format="png")
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert not any(upper.overlaps(lower) for upper, lower in itertools.pairwise(boxes))
