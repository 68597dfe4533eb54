# A NixOS build host: an account that may build and run guests, and nothing more.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.pikaci-host;
  directory = {
    d = {
      mode = "0700";
      inherit (cfg) user;
      group = cfg.user;
    };
  };

  # A session takes a directory that is not empty only with this file in it.
  marker = {
    f = {
      mode = "0600";
      inherit (cfg) user;
      group = cfg.user;
    };
  };

  # By itself: as a package its other programs would come before the system's.
  staticBusybox = pkgs.runCommand "busybox-static" { } ''
    mkdir -p $out/bin
    ln -s ${pkgs.pkgsStatic.busybox}/bin/busybox $out/bin
  '';
in
{
  imports = [
    ./assertions.nix
    ./options.nix
    ./shared-verdicts.nix
  ];

  config = lib.mkIf cfg.enable {
    users.groups.${cfg.user} = { };
    users.users.${cfg.user} = {
      isSystemUser = true;
      group = cfg.user;
      inherit (cfg) home;
      createHome = true;
      # Host programs are run by the login shell, so `nologin` would turn every client away.
      shell = pkgs.bashInteractive;
      # Its own systemd instance is what resources of guests are delegated to.
      linger = true;
      extraGroups = lib.optional cfg.kvm "kvm";
      openssh.authorizedKeys.keys = map (key: "restrict ${key}") cfg.authorizedKeys;
      packages = [
        pkgs.bubblewrap
        pkgs.perl
      ]
      ++ lib.optionals cfg.kvm [
        pkgs.qemu_kvm
        pkgs.virtiofsd
        staticBusybox
      ];
    };

    systemd.tmpfiles.settings."10-pikaci-host" = {
      ${cfg.home} = directory;
      "${cfg.home}/.local" = directory;
      "${cfg.home}/.local/state" = directory;
      "${cfg.home}/.local/state/pikaci" = directory;
      "${cfg.home}/.local/state/pikaci/pikaci-work-dir" = marker;
    };

    systemd.services."user@" = {
      overrideStrategy = "asDropin";
      serviceConfig.Delegate = "cpu io memory pids";
    };

    # Beside NixOS's own default, so that nobody else is shut out; whoever sets the list names the account in it.
    nix.settings.allowed-users = lib.mkOptionDefault [ cfg.user ];
    nix.gc = lib.mkIf (cfg.collectGarbage != null) {
      automatic = lib.mkDefault true;
      dates = lib.mkDefault cfg.collectGarbage;
    };

    services.openssh = {
      enable = lib.mkDefault true;
      settings = {
        MaxSessions = lib.mkDefault 10;
        MaxStartups = lib.mkDefault "${toString cfg.maxClients}:30:${toString (cfg.maxClients * 4)}";
      };
    };
  };
}
