# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the server that lies beside this file."""

import sys

from wcs_core.main import main  # type: ignore[import-not-found]

sys.exit(main(sys.argv[1:]))
