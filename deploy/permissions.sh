#!/bin/sh
# Who may read and write what in the data folder. Run as root, at first and after a restore; running it again is safe.
#   deploy/permissions.sh [FOLDER [APP_USER [BUILD_USER]]]      each user has a group of the same name or number
set -eu
data=${1:-/var/lib/genomics}
app=${2:-genomics-app}
build=${3:-genomics-build}

# lay OWNER GROUP FOLDERS_MODE FILES_MODE NAME...: makes the folder and sets all that lies in it; links are not followed.
lay() {
    owner=$1 group=$2 folders=$3 files=$4
    shift 4
    for name in "$@"; do
        mkdir -p "$data/$name"
        chown -Rh "$owner:$group" "$data/$name"
        find "$data/$name" -type d -exec chmod "$folders" {} +
        find "$data/$name" -type f -exec chmod "$files" {} +
    done
}

# The build's alone: person-level rows, and the log of its runs.
mkdir -p "$data"
chown "$build:$app" "$data"
chmod u=rwx,g=rxs,o= "$data"
lay "$build" "$build" u=rwx,go=,g-s 0600 inbox lake build log
# The build writes, the app reads: new files take the folder's group (the s in rxs).
lay "$build" "$app" u=rwx,g=rxs,o= 0640 releases returns
for name in register.sqlite .lock; do
    if [ -f "$data/$name" ] && [ ! -L "$data/$name" ]; then
        chown -h "$build:$app" "$data/$name"
        chmod 0640 "$data/$name"
    fi
done
# The app's alone.
lay "$app" "$app" u=rwx,go=,g-s 0600 audit scenarios
