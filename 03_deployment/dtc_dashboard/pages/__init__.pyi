from .app import create_app as create_app
from .warm_up_pages import warm_up as warm_up
