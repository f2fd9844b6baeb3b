"""All addresses of the web door."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path, register_converter

from caselli.doors.web.addresses import CallName, ExtendedNumber
from caselli.doors.web.views import extensions, faxes, machine, pages, received, sent, site

register_converter(ExtendedNumber, "extended")
register_converter(CallName, "call")

urlpatterns = [
    path("", extensions.home, name="home"),
    path("login", site.SignIn.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("appearance", site.appearance, name="appearance"),
    # An extension and its pages
    path("extensions", extensions.every, name="extensions"),
    path("extensions/<extended:extended>", extensions.overview, name="extension"),
    path("extensions/<extended:extended>/sent", sent.sent, name="sent"),
    path("extensions/<extended:extended>/received", received.every, name="received"),
    # A fax
    path("faxes/<uuid:uid>", faxes.info, name="fax"),
    path("faxes/<uuid:uid>/told", faxes.told, name="fax-told"),
    path("faxes/<uuid:uid>/row", faxes.row, name="fax-row"),
    path("faxes/<uuid:uid>/send", faxes.send, name="fax-send"),
    path("faxes/<uuid:uid>/resend", faxes.resend, name="fax-resend"),
    path("faxes/<uuid:uid>/cancel", faxes.cancel, name="fax-cancel"),
    path("faxes/<uuid:uid>/recipients/<int:position>/arrived", faxes.arrived, name="recipient-arrived"),
    path("faxes/<uuid:uid>/recipients/<int:position>/again", faxes.again, name="recipient-again"),
    path("faxes/<uuid:uid>/recipients/<int:position>/calls/<int:number>", faxes.attempt, name="fax-attempt"),
    path("faxes/<uuid:uid>/pages/<int:page>", pages.viewer, name="fax-page"),
    path("faxes/<uuid:uid>/pages/<int:page>.png", pages.page_picture, name="fax-page-picture"),
    path("faxes/<uuid:uid>/pages.pdf", pages.pages_as_sent, name="fax-pages"),
    path("faxes/<uuid:uid>/documents/<int:position>", pages.document, name="fax-document"),
    # A received fax
    path("received/<int:number>", received.one, name="received-fax"),
    path("received/<int:number>/pages/<int:page>", received.one, name="received-page"),
    path("received/<int:number>/pages/<int:page>.png", received.page_picture, name="received-page-picture"),
    path("received/<int:number>/pages.pdf", received.pages_as_received, name="received-pages"),
    path("received/<int:number>/read", received.read, name="received-read"),
    path("received/<int:number>/unread", received.unread, name="received-unread"),
    path("received/<int:number>/delete", received.delete, name="received-delete"),
    # The answering machine
    path("machine/", machine.every, name="machine"),
    path("machine/<call:name>", machine.one, name="machine-call"),
    path("machine/<call:name>/pages/<int:page>", machine.one, name="machine-page"),
    path("machine/<call:name>/pages/<int:page>.png", machine.page_picture, name="machine-page-picture"),
    path("machine/<call:name>/pages.pdf", machine.pages_as_received, name="machine-pages"),
    re_path(r"^(?P<rest>.+)/$", site.without_slash, name="without-slash"),
]
