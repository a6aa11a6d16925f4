"""The app's URLs: `path("orderguard/", include("orderguard_oscar.urls"))` in the project."""

from django.urls import path

from orderguard_oscar.views import choose

app_name = "orderguard"
urlpatterns = [path("choose/", choose, name="choose")]
