#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate of a Web Call Server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wcs_keystore
short_description: Puts a certificate in PEM into the keystore of a Web Call Server
version_added: 0.1.0
description:
  - Puts a certificate and its private key into C(conf/wss.jks) of an installed Web Call Server (WCS), from which its
    TLS ports are served.
  - On the host the key is stored in the keystore only.
  - What cannot work is refused before anything is changed - an expired certificate, a private key that does not belong to the
    certificate or has a password, text that is not PEM. If a certificate expires soon, there is a warning.
  - Runs on the WCS host. WCS reads the keystore when it starts, so restart it after a change.
author:
  - The webcallserver.aws maintainers (@webcallserver)
requirements:
  - Python 3.9 or later on the WCS host
  - C(openssl) on the WCS host
  - C(keytool) of Java on the WCS host. Without it the keystore has the format PKCS12, which Java 8u60 and later read
    under any name.
options:
  home:
    description: The folder where WCS is installed.
    type: path
    default: /usr/local/FlashphonerWebCallServer
  certificate:
    description: The certificate in PEM, followed by the certificates of its chain.
    type: str
    required: true
  private_key:
    description: Its private key in PEM, without a password.
    type: str
    required: true
  password:
    description: The password of the keystore that WCS expects. A keystore with another password is replaced.
    type: str
    default: password
  warn_days:
    description: Warns when the certificate expires within this number of days.
    type: int
    default: 14
attributes:
  check_mode:
    support: full
    description: Can run in check mode and say what it would do, and refuse what it would refuse.
  diff_mode:
    support: full
    description: Shows digest and expiry of the certificate before and after, never the key.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
seealso:
  - module: webcallserver.aws.wcs_settings
extends_documentation_fragment:
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Set the certificate of ports 8443 and 8444
  webcallserver.aws.wcs_keystore:
    certificate: "{{ lookup('ansible.builtin.file', 'tls/media.example.com.pem') }}"
    private_key: "{{ vault_media_example_com_key }}"
  notify: Restart WCS
"""

RETURN = r"""
path:
  description: The keystore.
  type: str
  returned: always
  sample: /usr/local/FlashphonerWebCallServer/conf/wss.jks
fingerprint:
  description: The SHA-256 digest of the certificate.
  type: str
  returned: always
  sample: 5F:0A:...:9C
chain:
  description: The SHA-256 digests of the certificate and its issuers, in order.
  type: list
  elements: str
  returned: always
  sample: ["5F:0A:...:9C", "22:B4:...:01"]
not_after:
  description: When the first certificate of the chain expires, in ISO 8601.
  type: str
  returned: always
  sample: "2027-01-31T12:00:00+00:00"
"""

from ..module_utils._host.keystore import ARGUMENTS, plan
from ..module_utils._host.module import on_host


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
