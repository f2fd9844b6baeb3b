from dataclasses import replace
from ipaddress import ip_network

import pytest

from caselli.intake import check


@pytest.mark.parametrize("url", ["https://a.example/hook", "https://192.0.32.8/", ""])
def test_an_address_that_may_be_called_back_is_taken(url):
    assert check.callback(url) == []


@pytest.mark.parametrize("url", ["https://10.0.0.1/hook", "https://127.0.0.1/", "https://[::1]/", "https://[fe80::1]/"])
def test_a_number_that_is_not_of_the_public_internet_is_refused_at_the_door(settings, url):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=())
    (refusal,) = check.callback(url)
    assert (refusal.kind.value, refusal.field) == ("callback_invalid", "callback_url")
    assert "which is no address of the public Internet" in refusal.sentence


def test_a_network_of_our_own_may_be_called_back_where_the_operator_allows_it(settings):
    settings.CONFIGURATION = replace(settings.CONFIGURATION, webhooks_private=(ip_network("10.0.0.0/8"),))
    assert check.callback("http://10.0.0.1/hook") == []
    assert len(check.callback("http://10.0.0.1/hook") + check.callback("https://172.16.0.1/")) == 1
