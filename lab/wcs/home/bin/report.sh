#!/bin/sh
# report.sh [--conf] [--sysinfo] [--stats] [--tar]: what support asks for, in a folder of its own under logs/report.
. "$(dirname "$0")/setenv.sh"
report="$WCS_HOME/logs/report/report-$(date +%Y-%m-%d-%H-%M-%S)"
mkdir -p "$report" && cp -R "$WCS_HOME/logs/server_logs" "$report/" || exit 1
for option in "$@"; do
  case $option in
    --conf) cp -R "$WCS_HOME/conf" "$report/" ;;
    --sysinfo) { uname -a && df -k "$WCS_HOME"; } >"$report/sysinfo.txt" ;;
    --stats)
      port=$(sed -n 's/^http.port[ 	]*=[ 	]*//p' "$WCS_HOME/conf/flashphoner.properties")
      curl -s "http://localhost:${port:-8081}/?action=stat&format=json" >"$report/stats.json" ;;
    --tar) tar -C "$report/.." -czf "$report.tar.gz" "$(basename "$report")" ;;
    *) echo "usage: report.sh [--conf] [--sysinfo] [--stats] [--tar]" >&2; exit 1 ;;
  esac
done
echo "$report"
