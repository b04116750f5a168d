from .api_keys import new_key as new_key
from .example_request import ExampleResponse as ExampleResponse
from .example_request import send_examples as send_examples
