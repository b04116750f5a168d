"""A month whose transactions have not come in yet looks like a month in which everybody stayed away."""

import pytest
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import ForecastError
from dtc_model.forecasts import forecast_customers
from dtc_model.prediction import TrainingOptions, train_forecast
from fakes.shop import shop_day, shop_lines


def test_customers_are_not_forecast_from_a_month_of_silence() -> None:
    lines, config = BehaviourLines(shop_lines(80)), FeatureConfig(sets="basic", windows=(30, 90))
    model = train_forecast(lines, shop_day(330), 30, config=config, options=TrainingOptions(["recency"])).model

    assert len(forecast_customers(lines, shop_day(367), model)) > 50
    with pytest.raises(ForecastError, match="the transactions end on 2020-12-25, 31 days before the cutoff 2021-01-26"):
        forecast_customers(lines, shop_day(391), model)
