# As little NixOS as a job needs; everything is a default, for the modules of a project to change.
{ config, lib, ... }:
{
  boot.kernelModules = [ "overlay" ];
  # Emulated on a busy host the timer ticks too late for the kernel's check of it, which would end in a panic.
  boot.kernelParams = [
    "quiet"
    "no_timer_check"
  ];
  boot.consoleLogLevel = lib.mkDefault 3;

  networking = {
    hostName = lib.mkDefault "pikaci";
    # The job's unit sets its network up where it has one.
    useDHCP = lib.mkDefault false;
    usePredictableInterfaceNames = lib.mkDefault false;
    firewall.enable = lib.mkDefault false;
    resolvconf.enable = lib.mkDefault false;
  };
  environment.etc."resolv.conf".text = lib.mkDefault "nameserver 10.0.2.3\n";

  # Nobody logs in.
  users.mutableUsers = lib.mkDefault false;
  users.allowNoPasswordLogin = lib.mkDefault true;
  systemd.enableEmergencyMode = lib.mkDefault false;
  systemd.services."serial-getty@ttyS0".enable = lib.mkDefault false;
  systemd.services."getty@tty1".enable = lib.mkDefault false;
  services.timesyncd.enable = lib.mkDefault false;
  nix.enable = lib.mkDefault false;

  system.stateVersion = lib.mkDefault config.system.nixos.release;
}
