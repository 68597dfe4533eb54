# The machine itself, in microvm.nix's words. Sources and sockets are relative to the directory that it is started in.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.pikaci.guest;
  isQemu = cfg.hypervisor == "qemu";
  isX86 = pkgs.stdenv.hostPlatform.isx86_64;

  share =
    {
      name,
      source,
      mountPoint,
      readOnly,
    }:
    {
      tag = name;
      proto = "virtiofs";
      socket = "${name}.sock";
      inherit source mountPoint readOnly;
    };
in
{
  microvm = {
    inherit (cfg) hypervisor vcpu;
    # microvm.nix warns of QEMU with exactly 2 GiB, which hung on some machines.
    mem = if isQemu && cfg.memoryMiB == 2048 then 2047 else cfg.memoryMiB;

    shares = map share [
      {
        name = "store";
        source = "/nix/store";
        mountPoint = "/nix/store";
        readOnly = true;
      }
      {
        name = "host";
        source = "host";
        mountPoint = "${cfg.mountPoint}/host";
        readOnly = true;
      }
      {
        name = "artifacts";
        source = "../artifacts";
        mountPoint = "${cfg.mountPoint}/artifacts";
        readOnly = false;
      }
      {
        name = "channel";
        source = "../channel";
        mountPoint = "${cfg.mountPoint}/channel";
        readOnly = false;
      }
    ];

    # The launcher starts the servers, as an account that may not give a socket to a group.
    virtiofsd.group = null;

    socket = if cfg.hypervisor == "crosvm" then "machine.sock" else null;

    extraArgsScript = lib.mkIf (cfg.launchArguments != null) cfg.launchArguments;

    # The same machine with and without KVM: QEMU's type `microvm` and processor `host` need it.
    cpu = lib.mkIf (isQemu && isX86) "max,sgx=off,la57=off";
    qemu = lib.mkIf isQemu {
      package = lib.mkDefault config.microvm.vmHostPackages.qemu_kvm;
      machine = lib.mkIf isX86 "q35";
    };

    vmHostPackages = lib.mkIf (cfg.hostPackages != null) cfg.hostPackages;
  };
}
