# Gives the Debian that this runs in the names and facts of another system; likeness.py says of which.
set -eu
away=/usr/lib/stand-in
repo=$away/repository
mkdir -p $away/bin $repo

# What the system says of itself.
rm -f /etc/os-release /etc/debian_version
printf %s "$os_release" >/etc/os-release
cp /etc/os-release /usr/lib/os-release
printf %s "$release_files" | while read -r path text; do echo "$text" >"$path"; done

# Commands that come with packages are put away, Java's all of them.
for link in /usr/bin/*; do
  case $(readlink -f "$link") in
    /usr/lib/jvm/*)
      ln -s "$(readlink -f "$link")" "$away/bin/${link##*/}"
      rm "$link"
      ;;
  esac
done
printf '#!/bin/sh\necho "a stand-in: there is no compiler here" >&2\nexit 1\n' >$away/bin/javac
chmod 755 $away/bin/javac
cp $away/bin/javac $away/bin/jcmd
for command in wget diff cmp; do mv "/usr/bin/$command" $away/bin/; done
if [ -n "$platform_python" ]; then
  mkdir -p "${platform_python%/*}"
  python=$(readlink -f /usr/bin/python3)
  mv "$python" "$platform_python"
  rm -f /usr/bin/python3 /usr/bin/python
  ln -s "$platform_python" "$away/bin/${python##*/}"
  sed -i "1s|^#!.*python3.*|#!$platform_python|" "$(readlink -f /usr/bin/dnf)"
fi

# The repository: small packages under the names that the system has.
mkdir -p /etc/rpm /etc/yum.repos.d /etc/dnf
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
build() { # NAME PROVIDES REQUIRES COMMAND...
  package=$1 provided=$2 required=$3
  shift 3
  {
    printf 'Name: %s\nVersion: 1\nRelease: 1\nSummary: A stand-in\nLicense: GPL-3.0-or-later\nBuildArch: noarch\n' "$package"
    printf 'AutoReqProv: no\n%s%s%%description\nA stand-in for the name of a package.\n%%files\n' "$provided" "$required"
    for command; do echo "/usr/bin/$command"; done
  } >/tmp/one.spec
  root=/tmp/rpmbuild-root
  rm -rf $root
  mkdir -p $root/usr/bin
  for command; do ln -s "$away/bin/$command" "$root/usr/bin/$command"; done
  rpmbuild -bb --quiet --buildroot $root --define "_topdir /tmp/rpmbuild" --define "_rpmdir $repo" \
    --define "__os_install_post %{nil}" --define "debug_package %{nil}" --define "_build_id_links none" \
    --noclean /tmp/one.spec
}
build system-release "Provides: system-release(releasever) = $releasever
" ""
printf %s "$packages" | while read -r name commands; do
  needs=$(printf %s "$requires" | sed -n "s/^$name /Requires: /p")
  # shellcheck disable=SC2086 # commands are words
  build "$name" "" "${needs:+$needs
}" $commands
done
createrepo_c --quiet $repo
printf '[main]\ngpgcheck=0\ninstall_weak_deps=False\n' >/etc/dnf/dnf.conf
printf '[%s]\nname=%s\nbaseurl=file://%s\nenabled=1\ngpgcheck=0\n' "$repository" "$repository" "$repo" >/etc/yum.repos.d/system.repo
dnf install -q -y system-release
rm -rf /tmp/rpmbuild* /tmp/one.spec

# No package manager but its own.
mkdir -p $away/debian
mv /usr/bin/apt* /usr/bin/dpkg* $away/debian/
echo 'Defaults secure_path = /sbin:/bin:/usr/sbin:/usr/bin' >/etc/sudoers.d/secure_path
