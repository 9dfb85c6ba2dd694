#!/bin/sh
. "$(dirname "$0")/setenv.sh"
echo "Flashphoner License Deactivation"
rm -f "$WCS_HOME/conf/flashphoner.license"
