"""Addresses of this floor."""

app_name = "certificates"

urlpatterns: list = []
