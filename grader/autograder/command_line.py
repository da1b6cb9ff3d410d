"""What the commands share: wrong usage is one line, and where the code is to be found."""
import os
import sys

import click

from .labs import UsageError
from .machine import KIT

tree_option = click.option(
    "--from",
    "tree",
    default="labs",
    metavar="TREE",
    help="labs, solutions, or a directory with the code",
)
MAINTAINERS = ("demo", "verify", "mutants", "soak", "class", "worker", "export", "dist")


class Kit(click.Group):
    """Turns wrong usage anywhere into one line and exit status 2. Offers maintainers' commands only
    where there is what they run: not in the students' archive."""

    def get_command(self, context, name):
        here = name not in MAINTAINERS or (KIT / "grader/maintain.mk").is_file()
        return super().get_command(context, name) if here else None

    def main(self, *args, **options):
        try:
            return super().main(*args, standalone_mode=False, **options)
        except UsageError as error:
            self.stop(str(error))
        except click.MissingParameter as error:
            name = error.param.human_readable_name
            value = {"LAB": "01", "CHECK": "01.1/its_name"}.get(name)
            self.stop(f"name the {name.lower()}" + (f", as make's {name}={value}" if value else ""))
        except click.ClickException as error:
            self.stop(error.format_message())
        except (KeyboardInterrupt, click.Abort):
            sys.stdout.flush()
            os._exit(130)  # wardens see their sockets close and end what they host
        except BrokenPipeError:
            os._exit(141)

    @staticmethod
    def stop(message):
        click.echo(f"error: {message}", err=True)
        sys.exit(2)
