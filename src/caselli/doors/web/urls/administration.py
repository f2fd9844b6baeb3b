"""What administrators set, and what was changed."""

from django.urls import path

from caselli.doors.web.views.administration import (
    audit,
    blocked,
    extensions,
    organizations,
    preferences,
    removal,
    start,
    trunks,
    users,
)

urlpatterns = [
    path("administration", start.start, name="administration"),
    path("administration/preferences", preferences.preferences, name="preferences"),
    path("administration/organizations", organizations.every, name="organizations"),
    path("administration/organizations/add", organizations.add, name="organization-add"),
    path("administration/organizations/<int:key>", organizations.one, name="organization"),
    path("administration/organizations/<int:key>/remove", removal.organization, name="organization-remove"),
    path("administration/users", users.every, name="users"),
    path("administration/users/add", users.add, name="user-add"),
    path("administration/users/<int:key>", users.one, name="user"),
    path("administration/users/<int:key>/link", users.send_link, name="user-link"),
    path("administration/users/<int:key>/second-factor", users.take_second_factor, name="user-second-factor"),
    path("administration/users/<int:key>/remove", removal.user, name="user-remove"),
    path("administration/extensions", extensions.every, name="administered-extensions"),
    path("administration/extensions/add", extensions.add, name="extension-add"),
    path("administration/extensions/<int:key>", extensions.one, name="administered-extension"),
    path("administration/extensions/<int:key>/remove", removal.extension, name="administered-extension-remove"),
    path("extensions/<extended:extended>/settings", extensions.fax_settings, name="extension-settings"),
    path("administration/trunks", trunks.every, name="trunks"),
    path("administration/trunks/add", trunks.add, name="trunk-add"),
    path("administration/trunks/<int:key>", trunks.one, name="trunk"),
    path("administration/trunks/<int:key>/switch", trunks.switch, name="trunk-switch"),
    path("administration/trunks/<int:key>/remove", trunks.take_away, name="trunk-remove"),
    path("administration/blocked", blocked.every, name="blocked"),
    path("administration/blocked/add", blocked.add, name="blocked-add"),
    path("administration/blocked/<int:key>/remove", blocked.take_away, name="blocked-remove"),
    path("administration/audit", audit.every, name="audit"),
]
