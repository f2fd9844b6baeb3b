"""What a browser does with a form of settings: it sends back what the page showed, but for what the person changed."""


def filled(answer):
    """What a browser would send of the form on this page."""
    shown = answer.context["shown"]
    data = {"seen": shown.seen}
    for part in shown.parts:
        for bound in part.fields:
            value = "" if bound.html_name in bound.form.secrets else bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value not in {None, False}:
                data[bound.html_name] = str(value)
    return data
