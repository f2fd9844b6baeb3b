"""A form that comes back with errors answers 422, as ours do; allauth's views answer 200."""

from collections.abc import Callable

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RefusedForms:
    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        """Those alone that a class-based view left to be rendered; ours have been."""
        shown = (response.context_data or {}).values()
        refused = any(isinstance(one, forms.BaseForm) and one.is_bound and one.errors for one in shown)
        if request.method == "POST" and response.status_code == 200 and refused:
            response.status_code = 422
        return response
