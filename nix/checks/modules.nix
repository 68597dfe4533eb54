# Both modules, evaluated as NixOS and flake-parts evaluate them, with the options around them left open.
{
  lib,
  pkgs,
  self,
}:
let
  around =
    defaults:
    { lib, ... }:
    {
      options = builtins.mapAttrs (
        _: default:
        lib.mkOption {
          type = lib.types.anything;
          inherit default;
          description = "Around the module.";
        }
      ) defaults;
    };

  option =
    type: default:
    lib.mkOption {
      inherit type default;
      description = "As NixOS has it.";
    };

  hostWith =
    config:
    lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        ../modules/host
        {
          options.assertions = lib.mkOption {
            type = lib.types.listOf lib.types.raw;
            default = [ ];
            description = "As NixOS has it.";
          };
          options.services.openssh = lib.mkOption {
            type = lib.types.anything;
            default = { };
            description = "As NixOS has it.";
          };
        }
        {
          options.nix = {
            enable = option lib.types.bool true;
            gc = option lib.types.anything { };
            settings.allowed-users = option (lib.types.listOf lib.types.str) [ "*" ];
            settings.trusted-users = option (lib.types.listOf lib.types.str) [ "root" ];
          };
        }
        (around {
          environment = { };
          security = { };
          systemd = { };
          users = { };
        })
        {
          security.allowUserNamespaces = lib.mkDefault true;
        }
        config
      ];
    };

  key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA ci@laptop";
  host = hostWith {
    services.pikaci-host = {
      enable = true;
      authorizedKeys = [ key ];
    };
  };

  # The messages of what a configuration does not fulfil.
  complaints =
    more:
    let
      evaluated = hostWith (
        {
          services.pikaci-host = {
            enable = true;
            authorizedKeys = [ key ];
          };
        }
        // more
      );
    in
    map (one: one.message) (builtins.filter (one: !one.assertion) evaluated.config.assertions);

  flakeWith =
    modules:
    lib.evalModules {
      modules = modules ++ [
        (around {
          flake = { };
          perSystem = null;
        })
        {
          pikaci = {
            hosts.builder.url = "ssh://ci@builder.example.org";
            jobs.unit = {
              command = [
                "npm"
                "test"
              ];
              prepare.node = ".#nodejs";
              prepare.modules.path = "node_modules";
              timeout = "10m";
            };
          };
        }
      ];
    };
  flake = flakeWith [ self.flakeModules.default ];
  twice = flakeWith [
    self.flakeModules.default
    { imports = [ self.flakeModules.default ]; }
  ];

  account = host.config.users.users.pikaci;
  expectations = {
    "one key, restricted" = account.openssh.authorizedKeys.keys == [ "restrict ${key}" ];
    "an ordinary account" = account.isSystemUser && account.extraGroups == [ "kvm" ];
    "a login shell that runs commands" = account.shell == pkgs.bashInteractive;
    "allowed as everybody, not trusted" =
      lib.sort lib.lessThan host.config.nix.settings.allowed-users == [
        "*"
        "pikaci"
      ]
      && host.config.nix.settings.trusted-users == [ "root" ]
      && host.config.nix.gc.dates == "weekly";
    "shut out" =
      complaints { nix.settings.allowed-users = [ "@wheel" ]; } == [
        "Nix would not answer pikaci: add it to nix.settings.allowed-users"
      ];
    "programs of a machine" =
      builtins.length account.packages == 5 && builtins.elem pkgs.qemu_kvm account.packages;
    "imported twice, declared once" = twice.config.flake.pikaci == flake.config.flake.pikaci;
    "a private work dir, marked" =
      let
        made = host.config.systemd.tmpfiles.settings."10-pikaci-host";
        workDir = "/var/lib/pikaci/.local/state/pikaci";
      in
      made.${workDir}.d.mode == "0700" && made."${workDir}/pikaci-work-dir".f.user == "pikaci";
    "delegation" = host.config.systemd.services."user@".serviceConfig.Delegate == "cpu io memory pids";
    "limits of sshd" = host.config.services.openssh.settings.MaxStartups == "64:30:256";
    "nothing to complain of" = complaints { } == [ ];
    "no keys" = lib.length (complaints { services.pikaci-host.enable = true; }) == 1;
    "trusted" =
      complaints { nix.settings.trusted-users = [ "pikaci" ]; } == [
        "pikaci would be root: take it (and `*`) out of nix.settings.trusted-users; jobs need no trust"
      ];
    "no user namespaces" = lib.length (complaints { security.allowUserNamespaces = false; }) == 1;
    "axes of a matrix are what its author says" =
      let
        job = {
          command = [
            "make"
            "\${matrix.target}"
          ];
          matrix = {
            target = [
              "test"
              20
            ];
            include = [
              {
                target = "test";
                memory = 2;
              }
            ];
          };
          runner = {
            backend = "minivm";
            vcpu = "\${matrix.memory}";
          };
        };
      in
      (flakeWith [
        self.flakeModules.default
        { pikaci.jobs.all = job; }
      ]).config.flake.pikaci.jobs.all == job;
    "the flake output has no unset keys" =
      flake.config.flake.pikaci == {
        hosts.builder.url = "ssh://ci@builder.example.org";
        jobs.unit = {
          command = [
            "npm"
            "test"
          ];
          prepare = {
            modules.path = "node_modules";
            node = ".#nodejs";
          };
          timeout = "10m";
        };
      };
  };
  failed = builtins.filter (name: !expectations.${name}) (builtins.attrNames expectations);
in
{
  inherit host flake;
  results =
    if failed == [ ] then
      builtins.concatStringsSep "\n" (builtins.attrNames expectations)
    else
      throw "modules: not so: ${builtins.concatStringsSep "; " failed}";
}
