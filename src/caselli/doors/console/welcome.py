"""What a start without the demo says: where it is set up, or where it goes on."""

from caselli.project.configuration import Configuration


def banner(configuration: Configuration) -> str:
    key = _key(configuration)
    if key is None:
        first = f"  Web       {configuration.public_url}"
    elif key:
        first = f"""\
  It is empty yet. Open this address to set it up; whoever has it becomes the administrator:

    {configuration.public_url}/set-up?key={key}
"""
    else:
        first = f"""\
  It is not set up to the end. Go on, signed in as its administrator:

    {configuration.public_url}/set-up
"""
    return f"""
  Caselli is ready.

{first}
  Mail in   {configuration.smtp}
  Data      {configuration.home}

  Ctrl-C stops everything.
"""


def _key(configuration: Configuration) -> str | None:
    """As ``directory.set_up`` keeps it; read without asking the database."""
    try:
        return configuration.set_up_key.read_text().strip()
    except FileNotFoundError:
        return None
