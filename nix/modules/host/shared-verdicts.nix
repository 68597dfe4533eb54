# A directory of a group, in which several accounts of a build host share verdicts.
{ config, lib, ... }:
let
  cfg = config.services.pikaci-host;
  shared = cfg.sharedVerdicts;
in
{
  config = lib.mkIf (cfg.enable && shared.enable) {
    users.groups.${shared.group}.members = [ cfg.user ] ++ shared.members;

    systemd.tmpfiles.settings."10-pikaci-shared".${shared.directory}.d = {
      mode = "2770";
      user = "root";
      inherit (shared) group;
      age = shared.maxAge;
    };

    # Clients' sessions look for it there.
    environment.etc."pikaci/shared".source = shared.directory;
  };
}
