import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_model.rule import SegmentModel
from dtc_service.errors import ServiceUnreachableError
from dtc_service.http import send_examples
from dtc_service.http.example_units import example_units
from dtc_service.serving import ModelHolder
from fakes.mixed_features import mixed_catalogue
from fakes.served import segmentation
from flask import Flask, Response


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep the test output clean."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, handler_class=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_examples_are_near_each_segment_but_not_on_it(catalogue: Catalogue) -> None:
    examples = pd.DataFrame(example_units(catalogue)).to_numpy()
    assert tuple(SegmentModel.from_catalogue(catalogue).label(examples)) == catalogue.segment_ids
    assert not np.isclose(examples, catalogue.centroids).all(axis=1).any()


def test_an_example_gives_values_in_words_where_answers_are_words() -> None:
    first, second = example_units(mixed_catalogue())
    assert (first["how_often"], first["owns_car"], first["region"]) == ("sometimes", 0.0, "north")
    assert (second["how_often"], second["owns_car"], second["region"]) == ("sometimes", 1.0, "south")


def test_the_examples_lie_within_the_ranges_of_the_catalogue() -> None:
    yes_no = Catalogue.model_validate(
        {
            "name": "yes and no",
            "registered_model": "yes_no",
            "features": [{"name": "skiing", "minimum": 0, "maximum": 1}, {"name": "spa", "minimum": 0, "maximum": 1}],
            "personas": [
                {"id": 1, "name": "Sporty", "centroid": [1.0, 0.0]},
                {"id": 2, "name": "Calm", "centroid": [0.0, 1.0]},
            ],
        }
    )
    examples = pd.DataFrame(example_units(yes_no)).to_numpy()
    assert ((examples >= 0) & (examples <= 1)).all()


def test_the_examples_are_near_each_segment_as_ranks_measure_it() -> None:
    # A tenth of the way from 100 to 1,000,000 in money is beyond the whole of the first three quarters of customers.
    spending = Catalogue.model_validate(
        {
            "name": "spending",
            "registered_model": "spending",
            "features": [
                {"name": "monetary", "minimum": 0, "transform": "quantile", "quantiles": [0, 100, 200, 300, 1_000_000]}
            ],
            "segments": [
                {"id": 1, "name": "Small", "centroid": [50.0]},
                {"id": 2, "name": "Middle", "centroid": [200.0]},
                {"id": 3, "name": "Large", "centroid": [900_000.0]},
            ],
        }
    )
    examples = pd.DataFrame(example_units(spending)).to_numpy()
    assert tuple(SegmentModel.from_catalogue(spending).label(examples)) == (1, 2, 3)


def test_the_service_labels_the_examples(app: Flask, holder: ModelHolder, catalogue: Catalogue) -> None:
    holder.refresh()
    with serving(app) as url:
        answer = send_examples(url, segmentation(catalogue))
    assert answer.near == answer.segments == catalogue.segment_names
    assert (answer.labels, answer.model_version) == (catalogue.segment_ids, "1")


def test_what_the_service_refuses_is_passed_on(app: Flask, catalogue: Catalogue) -> None:
    with serving(app) as url, pytest.raises(ServiceUnreachableError, match="503: no model is loaded"):
        send_examples(url, segmentation(catalogue))


def test_a_service_that_is_down_is_named_with_the_way_out(catalogue: Catalogue) -> None:
    with serving(Flask("gone")) as url:
        pass
    with pytest.raises(ServiceUnreachableError, match=f"{url}.*make gunicorn"):
        send_examples(url, segmentation(catalogue))


def test_another_program_on_the_port_is_recognised(catalogue: Catalogue) -> None:
    other = Flask("other")
    other.add_url_rule("/predict/<name>", view_func=lambda name: Response(f"hello {name}"), methods=["POST"])
    with serving(other) as url, pytest.raises(ServiceUnreachableError, match="not the service of 'DTC personas'"):
        send_examples(url, segmentation(catalogue))
    with serving(Flask("empty")) as url, pytest.raises(ServiceUnreachableError, match="404"):
        send_examples(url, segmentation(catalogue))
