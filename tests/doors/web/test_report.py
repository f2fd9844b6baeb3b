"""The transmission report, on the page and as a PDF."""

from django.urls import reverse

from caselli.store.models import Fax


def test_the_report_is_a_page_and_a_file_that_tell_the_same(alice, make_fax, run_calls):
    (fax,) = run_calls(make_fax("+12025550107"))
    page = alice.get(reverse("fax-report", args=[fax.uid])).content.decode()
    file = reverse("fax-report-pdf", args=[fax.uid])
    assert f'href="{file}"' in page
    assert "Web, by Alice" in page
    answer = alice.get(file)
    assert answer["Content-Type"] == "application/pdf"
    assert f"report {fax.added_at:%Y-%m-%d}" in answer["Content-Disposition"]
    assert answer.content.startswith(b"%PDF-")


def test_a_fax_that_has_no_pages_any_more_has_a_report_all_the_same(alice, make_fax):
    fax = make_fax("+12025550100")
    Fax.objects.filter(pk=fax.pk).update(pages_blob="")
    assert alice.get(reverse("fax-report-pdf", args=[fax.uid])).content.startswith(b"%PDF-")
