#!/bin/bash
# uninstall.sh [-silent]: deactivates the license, and removes Web Call Server with its service and user.
case ${1:-} in
  -silent | --silent) ;;
  "") printf 'Remove Web Call Server? yes/no: '; read -r answer </dev/tty; [ "$answer" = yes ] || exit 1 ;;
  *) echo "usage: uninstall.sh [-silent]"; exit 1 ;;
esac
HOME_FULL=$(cd -P "$(dirname "$0")/.." && pwd)
cd / || exit 1
if [ -d /run/systemd/system ]; then systemctl disable --now webcallserver; fi >/dev/null 2>&1
"$HOME_FULL/bin/webcallserver" stop
[ -f "$HOME_FULL/conf/flashphoner.license" ] && "$HOME_FULL/bin/deactivation.sh"
rm -f /etc/systemd/system/webcallserver.service "${HOME_FULL%-*}"
rm -rf "$HOME_FULL"
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
pkill -KILL -u flashphoner
userdel flashphoner
echo "Web Call Server is removed"
