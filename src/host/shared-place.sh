# shellcheck shell=sh
# Where verdicts are shared: $share_dir; $in_group: `yes` when other accounts do, too; docs/shared-verdicts.md.
: "${work_dir:?}"

# Accounts share in a directory that the host's administrator names, each alone in its work dir.
share_dir=$work_dir in_group=no
# shellcheck disable=SC2034  # not every program asks
if [ -w "${PIKACI_SHARED_DIR:=/etc/pikaci/shared}/." ] && [ -x "$PIKACI_SHARED_DIR/." ]; then
  share_dir=$(cd -P -- "$PIKACI_SHARED_DIR" && pwd) && in_group=yes
fi 2>/dev/null
