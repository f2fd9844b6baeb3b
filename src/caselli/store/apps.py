from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "caselli.store"
    label = "store"
