#!/bin/sh
exec "$(dirname "$0")/webcallserver" start
