from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "caselli.doors.web"
    label = "web"

    def ready(self) -> None:
        from caselli.doors.web.account import events

        events.connect()
