# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages that every server has."""

from __future__ import annotations

DEMO = "/client2/examples/demo/streaming/two_way_streaming/two_way_streaming.html"
"""The vendor's page that sends and receives a stream in a browser; on the port of the statistics page."""
