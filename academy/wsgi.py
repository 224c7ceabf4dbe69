"""The WSGI entry point of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
application = get_wsgi_application()
# What is loaded stays as long as the process: looking through it for what nobody holds makes somebody wait 0.2 s.
gc.collect()
gc.freeze()
