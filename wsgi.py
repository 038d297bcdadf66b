"""For gunicorn and `flask --app wsgi`: settings from the environment, create_app, nothing else."""

import os
import sys

from custodyfinder import create_app
from custodyfinder.config import Settings
from custodyfinder.errors import BadSetting

try:
    app = create_app(Settings.from_env(os.environ))
except BadSetting as error:
    sys.exit(f"custodyfinder: {error.public}")
