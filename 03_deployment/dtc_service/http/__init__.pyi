from .api_keys import new_key as new_key
from .example_request import ExampleAnswer as ExampleAnswer
from .example_request import send_examples as send_examples
