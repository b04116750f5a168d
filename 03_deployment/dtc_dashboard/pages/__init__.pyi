from .app import create_app as create_app
from .warm_up_pages import keep_warm as keep_warm
from .warm_up_pages import warm_up as warm_up
