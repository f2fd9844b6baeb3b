"""A fax."""

from django.urls import path

from caselli.doors.web.views import faxes, pages, report

urlpatterns = [
    path("faxes/<uuid:uid>", faxes.info, name="fax"),
    path("faxes/<uuid:uid>/report", report.report, name="fax-report"),
    path("faxes/<uuid:uid>/report.pdf", report.as_pdf, name="fax-report-pdf"),
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
]
