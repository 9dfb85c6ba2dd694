#!/bin/bash
# install.sh [-silent]: installs Web Call Server, or updates an older one. To be run in the folder it was unpacked to.
#
# A stand-in for the vendor's installer, with its behaviour as far as it is publicly known: the same version again is
# an error; an update keeps every file of conf/ that is there; the service is neither enabled nor started.
# WCS_ROOT is the stand-in's own: a folder to install below, without touching users or services.

PRODUCT=FlashphonerWebCallServer
USER_NAME=flashphoner
ROOT=${WCS_ROOT:-}
WCS_HOME=$ROOT/usr/local/$PRODUCT
UNIT=$ROOT/etc/systemd/system/webcallserver.service
INSTALLER_DIR=$(pwd)
LOG=$INSTALLER_DIR/install.log
NEEDED_KB=1048576

say() { echo "$*" | tee -a "$LOG"; }
fail() { say "$*"; exit 1; }

silent=no
for option in "$@"; do
  case $option in
    -silent | --silent) silent=yes ;;
    --debug) set -x ;;
    *) echo "usage: ./install.sh [-silent]"; exit 1 ;;
  esac
done
[ -f ./WCS.version ] || { echo "WCS.version is not here: run the installer in the folder it was unpacked to"; exit 1; }
: >"$LOG" || exit 1
VERSION=$(sed 's/-.*//' ./WCS.version)
HOME_FULL=$WCS_HOME-$VERSION

for tool in curl wget diff sed grep awk df useradd cp; do
  command -v $tool >/dev/null || fail "$tool is required, and not installed"
done
[ -w "$ROOT/usr/local" ] || fail "no write access to $ROOT/usr/local"
java=$(java -version 2>&1) || fail "java is required, and not installed"
major=$(echo "$java" | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p')
[ "${major:-0}" -ge 8 ] || fail "java 8 or later is required, this is ${major:-unknown}"
free=$(df -kP "$ROOT/usr/local" | awk 'NR == 2 { print $4 }')
[ "$free" -gt $NEEDED_KB ] || fail "more than $NEEDED_KB kB must be free in $ROOT/usr/local, there are $free"

old_home=
[ -L "$WCS_HOME" ] && old_home=$(readlink -f "$WCS_HOME")
old=
[ -n "$old_home" ] && old=$(sed 's/-.*//' "$old_home/conf/WCS.version")
[ "$old" != "$VERSION" ] || fail "$PRODUCT $VERSION is already installed"

if [ $silent = no ]; then
  cat EULA_PAGE*
  printf 'Do you accept the license agreement? yes/no: '
  read -r answer </dev/tty && [ "$answer" = yes ] || fail "the license agreement was not accepted"
fi

in_place() { [ -z "$ROOT" ]; }
booted() { in_place && [ -d /run/systemd/system ]; }

if [ -n "$old" ]; then
  say "Updating $PRODUCT $old to $VERSION"
  if booted; then systemctl stop webcallserver; else "$old_home/bin/webcallserver" stop; fi >>"$LOG" 2>&1
  mv "$old_home" "$HOME_FULL"
  cp -a "$HOME_FULL/bin" "$INSTALLER_DIR/bin.old"
  [ -d "$HOME_FULL/lib/custom" ] && mv "$HOME_FULL/lib/custom" "$INSTALLER_DIR/custom.old"
  for folder in bin lib client client2 web tools; do rm -rf "${HOME_FULL:?}/$folder"; done
else
  say "Installing $PRODUCT $VERSION"
  mkdir -p "$HOME_FULL"
fi
cp -a server/bin server/lib server/web server/tools client client2 "$HOME_FULL/" || fail "cannot copy to $HOME_FULL"
mkdir -p "$HOME_FULL"/{conf,logs/server_logs,logs/client_logs,hls,media,records}
for file in server/conf/*; do
  [ -e "$HOME_FULL/conf/$(basename "$file")" ] || cp -a "$file" "$HOME_FULL/conf/"
done
cp ./WCS.version "$HOME_FULL/conf/WCS.version"
cp ./uninstall.sh "$HOME_FULL/bin/uninstall.sh"
if [ -n "$old" ]; then
  [ -d custom.old ] && rm -rf "$HOME_FULL/lib/custom" && mv custom.old "$HOME_FULL/lib/custom"
  if [ "${old%.*}" = "${VERSION%.*}" ]; then # the same branch
    for file in setenv.sh on_record_hook.sh on_multiple_record_hook.sh; do
      [ -e "bin.old/$file" ] && cp -a "bin.old/$file" "$HOME_FULL/bin/"
    done
  fi
  rm -rf bin.old
  echo "$(date '+%Y-%m-%d %H:%M:%S') $old -> $VERSION" >>"$HOME_FULL/logs/update.log"
fi
ln -sfn "$(basename "$HOME_FULL")" "$WCS_HOME"

if in_place; then
  id $USER_NAME >/dev/null 2>&1 || useradd --system --no-create-home --user-group $USER_NAME
  chown -R root:$USER_NAME "$HOME_FULL"
  chmod -R g+rw "$HOME_FULL"
fi
mkdir -p "$(dirname "$UNIT")"
cp scripts/systemd/webcallserver.service "$UNIT"
if booted; then systemctl daemon-reload; fi
say "$PRODUCT $VERSION is installed in $WCS_HOME"
