"""Property tests here prove rules, not the speed of a loaded machine."""

from hypothesis import HealthCheck, settings

settings.register_profile("rules", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rules")
