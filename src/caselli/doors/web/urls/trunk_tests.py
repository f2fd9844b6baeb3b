"""Tests of a trunk."""

from django.urls import path

from caselli.doors.web.views import trunk_tests

urlpatterns = [
    path("administration/trunks/<int:key>/tests", trunk_tests.every, name="trunk-tests"),
    path("administration/trunks/<int:key>/tests/<int:test>", trunk_tests.one, name="trunk-test"),
]
