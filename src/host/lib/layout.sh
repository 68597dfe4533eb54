# shellcheck shell=sh
# The form in which trees are published; docs/state-layout.md. src/core/layout.ts has the same numbers.
layout_version=2
# shellcheck disable=SC2034  # for touch; whoever publishes reads it
published_time=315619200

# layout_of DIR: the version of the layout of a published snapshot in $layout: 1 when its metadata names none, empty when
# it has no readable metadata.
layout_of() {
  layout=''
  json_string "$1/pikaci-snapshot.json" content_hash && is_digest "$json" || return 0
  json_number "$1/pikaci-snapshot.json" layout_version
  layout=${json:-1}
}

# has_this_layout DIR
has_this_layout() {
  layout_of "$1"
  [ "$layout" = "$layout_version" ]
}

# has_other_layout DIR: it is a snapshot and counts as absent. What has no readable metadata is wrong instead.
has_other_layout() {
  layout_of "$1"
  [ -n "$layout" ] && [ "$layout" != "$layout_version" ]
}

# has_older_layout DIR: no pikaci of today has a use for it; a newer one's is another matter.
has_older_layout() {
  layout_of "$1"
  [ -n "$layout" ] && [ "$layout" -lt "$layout_version" ]
}
