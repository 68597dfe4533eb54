{ lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options.pikaci.guest = {
    programs = mkOption {
      type = types.path;
      description = "Directory of the guest's programs: `guest/job-unit`, `guest/job.sh`, `lib/jail`, `lib/launch.sh`, `lib/limits.sh`, `lib/cover.sh`, `lib/mounts.sh`, `lib/services.sh`, `lib/etc`.";
    };

    hypervisor = mkOption {
      type = types.enum [
        "qemu"
        "cloud-hypervisor"
        "crosvm"
        "vfkit"
      ];
      default = "qemu";
      description = "What runs the machine. Firecracker is not among them: it has no shared directories.";
    };

    vcpu = mkOption {
      type = types.ints.positive;
      default = 2;
      description = "Processors of the machine.";
    };

    memoryMiB = mkOption {
      type = types.ints.positive;
      default = 2048;
      description = "Memory of the machine in MiB.";
    };

    hostPackages = mkOption {
      type = types.nullOr types.raw;
      default = null;
      description = "Packages for the machine's own host, where that is another system than the guest's; null: the guest's.";
    };

    launchArguments = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "Program that prints what the hypervisor is given besides, at each launch: a network only where the job has one.";
    };

    mountPoint = mkOption {
      type = types.path;
      default = "/run/pikaci-machine";
      description = "Directory of the machine's shares `host`, `artifacts` and `channel`; no job sees it.";
    };

    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = lib.literalExpression "[ pkgs.gnumake ]";
      description = "What every job of this machine finds in its PATH, besides NixOS's own programs.";
    };

    overtimeSec = mkOption {
      type = types.ints.positive;
      default = 60;
      description = "Seconds past the job's timeout after which the machine ends the job by itself, were nobody there to tell it.";
    };
  };
}
