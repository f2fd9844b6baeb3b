"""A received fax."""

from django.urls import path

from caselli.doors.web.views import received

urlpatterns = [
    path("received/<int:number>", received.one, name="received-fax"),
    path("received/<int:number>/pages/<int:page>", received.one, name="received-page"),
    path("received/<int:number>/pages/<int:page>.png", received.page_picture, name="received-page-picture"),
    path("received/<int:number>/pages.pdf", received.pages_as_received, name="received-pages"),
    path("received/<int:number>/read", received.read, name="received-read"),
    path("received/<int:number>/unread", received.unread, name="received-unread"),
    path("received/<int:number>/delete", received.delete, name="received-delete"),
]
