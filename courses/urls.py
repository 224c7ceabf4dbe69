"""Addresses of this floor."""

app_name = "courses"

urlpatterns: list = []
