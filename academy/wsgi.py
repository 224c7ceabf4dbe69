"""The WSGI entry point of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
application = get_wsgi_application()
# The addresses with all that their views need, which would else be loaded by the first request, and looked through below.
reverse("home")
# What is loaded stays as long as the process: looking through it for what nobody holds makes somebody wait 0.2 s.
gc.collect()
gc.freeze()
