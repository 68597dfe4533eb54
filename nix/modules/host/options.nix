{ lib, ... }:
let
  inherit (lib) mkEnableOption mkOption types;
in
{
  options.services.pikaci-host = {
    enable = mkEnableOption "a build host for pikaci";

    user = mkOption {
      type = types.str;
      default = "pikaci";
      description = "Account that clients log in as. It is an ordinary one, which Nix does not trust.";
    };

    home = mkOption {
      type = types.path;
      default = "/var/lib/pikaci";
      description = "Its home directory; the work dir is `.local/state/pikaci` below it.";
    };

    authorizedKeys = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "ssh-ed25519 AAAA… ci@laptop" ];
      description = "Public ssh keys of clients, without options: each may run commands and nothing else.";
    };

    kvm = mkOption {
      type = types.bool;
      default = true;
      description = "Whether guests may be virtual machines: QEMU, virtiofsd and a static busybox for the account, and the group `kvm`.";
    };

    maxClients = mkOption {
      type = types.ints.positive;
      default = 64;
      description = "How many connections may be logging in at once before sshd turns some away.";
    };

    sharedVerdicts = {
      enable = mkEnableOption "a directory in which accounts of this host share signed verdicts and their artifacts";

      group = mkOption {
        type = types.str;
        default = "pikaci-shared";
        description = "Group that may read and write there; the host's own account is in it.";
      };

      members = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "alice" ];
        description = "Other accounts that clients log in as.";
      };

      directory = mkOption {
        type = types.path;
        default = "/var/lib/pikaci-shared";
        description = "The directory; `/etc/pikaci/shared` leads to it.";
      };

      maxAge = mkOption {
        type = types.str;
        default = "30d";
        description = "After this time what nobody has used is removed, as tmpfiles.d(5) writes it.";
      };
    };

    collectGarbage = mkOption {
      type = types.nullOr types.str;
      default = "weekly";
      example = "daily";
      description = "When Nix collects what no root holds, as systemd.time(7) writes it; null: never.";
    };
  };
}
