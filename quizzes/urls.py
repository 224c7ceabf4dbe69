"""Addresses of this floor."""

app_name = "quizzes"

urlpatterns: list = []
