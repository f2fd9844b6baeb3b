from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "caselli.doors.web"
    label = "web"
