"""How Gunicorn runs the service: ``gunicorn -c 03_deployment/gunicorn.conf.py 'dtc_service.app:create_app()'``."""

# ruff: noqa: INP001 - Gunicorn reads this file, nobody imports it

from dtc_data.settings import read_settings
from dtc_service.settings import ServiceSettings

_settings = read_settings(ServiceSettings)

bind = _settings.bind
workers = _settings.workers

# Threads keep connections alive between requests, and a slow client holds up one thread instead of the worker.
worker_class = "gthread"
threads = _settings.threads
keepalive = 5

# The thread that follows the registry must start in the worker, and threads do not survive a fork.
preload_app = False

# A worker that hangs is replaced; one that is asked to end may finish the requests that it has.
timeout = 60
graceful_timeout = 30

# No query, no headers, no body: nothing that a respondent answered.
accesslog = "-" if _settings.access_log else None
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'

# Gunicorn would open a control socket in the home directory, one for all services of a user.
control_socket_disable = True
