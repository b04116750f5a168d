from .forecast_account import Account as Account
from .forecast_account import account_for as account_for
from .forecast_account import input_drift as input_drift
from .forecast_drift import measure_drift as measure_drift
