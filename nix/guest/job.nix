# The one unit that matters: it runs the job, tells the verdict on the share `channel`, and its end is the machine's.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.pikaci.guest;
in
{
  systemd.services.pikaci-job = {
    description = "The job of this machine";
    wantedBy = [ "multi-user.target" ];
    path = [
      pkgs.bash
      pkgs.bubblewrap
      pkgs.coreutils
      pkgs.findutils
      pkgs.gnugrep
      pkgs.gnused
      pkgs.iproute2
      pkgs.util-linux
    ];
    environment = {
      PIKACI_MACHINE = cfg.mountPoint;
      PIKACI_OVERTIME = toString cfg.overtimeSec;
    };
    unitConfig = {
      RequiresMountsFor = map (share: "${cfg.mountPoint}/${share}") [
        "host"
        "artifacts"
        "channel"
      ];
      SuccessAction = "poweroff";
      FailureAction = "poweroff";
    };
    serviceConfig = {
      Type = "exec";
      ExecStart = "${pkgs.runtimeShell} ${cfg.programs}/guest/job-unit";
      # What is left when memory runs out is the job's to give.
      OOMScoreAdjust = -1000;
      OOMPolicy = "continue";
      TimeoutStopSec = 10;
    };
  };

  environment.systemPackages = cfg.packages;
}
