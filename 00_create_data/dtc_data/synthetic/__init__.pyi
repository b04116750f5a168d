from .planted_customers import planted_lines as planted_lines
from .scattered_wave import make_wave as make_wave
from .shipped_waves import create_shipped_waves as create_shipped_waves
from .transaction_output import SPOILS as SPOILS
from .transaction_output import write_planted_transactions as write_planted_transactions
