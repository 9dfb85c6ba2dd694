#!/bin/sh
# activation.sh [KEY]. As with the vendor's script the exit status says nothing: look for conf/flashphoner.license.
. "$(dirname "$0")/setenv.sh"
echo "Flashphoner License Activation"
key=${1:-}
if [ -z "$key" ]; then
  printf 'Enter your license key: '
  read -r key || key=
fi
case $key in
  ????????*) (umask 007 && printf 'activated=%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$WCS_HOME/conf/flashphoner.license") &&
    echo "License has been activated." ;;
  *) echo "License activation failed: the key is not valid." ;;
esac
chmod ug+w "$WCS_HOME/logs"
