"""What is wrong with a page for who reads it: what axe finds, and what does not fit."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 800}


def trouble_in(page: Page) -> list[str]:
    """As the page is. Without motion: colours on their way from light to dark are no fault of either."""
    page.emulate_media(reduced_motion="reduce")
    told = Axe().run(page).response["violations"]
    trouble = [f"{one['id']}: {node['html'][:200]}" for one in told for node in one["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        trouble.append("wider than the window")
    return trouble


def trouble_on_desk_and_phone(page: Page) -> list[str]:
    """On a desk in light, on a phone in dark; then it is a desk again."""
    trouble = []
    for size, colours in ((DESK, "light"), (PHONE, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        trouble += [f"{colours}: {one}" for one in trouble_in(page)]
    page.set_viewport_size(DESK)
    return trouble
