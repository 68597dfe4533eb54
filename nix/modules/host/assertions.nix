{ config, lib, ... }:
let
  cfg = config.services.pikaci-host;
  trusted = config.nix.settings.trusted-users or [ ];
  allowed = config.nix.settings.allowed-users or [ "*" ];
  withOptions = builtins.filter (key: builtins.match "(ssh-|ecdsa-|sk-)[^ ]+ [^\n]+" key == null);
in
{
  config.assertions = lib.mkIf cfg.enable [
    {
      assertion = cfg.authorizedKeys != [ ];
      message = "nobody can reach this build host: put clients' public keys into services.pikaci-host.authorizedKeys";
    }
    {
      assertion = withOptions cfg.authorizedKeys == [ ];
      message = "services.pikaci-host.authorizedKeys takes one plain public key an entry, as `ssh-ed25519 AAAA… name`; it adds the options itself";
    }
    {
      assertion = !builtins.elem cfg.user trusted && !builtins.elem "*" trusted;
      message = "${cfg.user} would be root: take it (and `*`) out of nix.settings.trusted-users; jobs need no trust";
    }
    {
      assertion = builtins.elem cfg.user allowed || builtins.elem "*" allowed;
      message = "Nix would not answer ${cfg.user}: add it to nix.settings.allowed-users";
    }
    {
      assertion = cfg.user != "root";
      message = "services.pikaci-host.user must be an ordinary account; leave it out to have one made";
    }
    {
      assertion = config.nix.enable;
      message = "a build host needs Nix: set nix.enable = true";
    }
    {
      assertion = config.security.allowUserNamespaces;
      message = "guests live in user namespaces: set security.allowUserNamespaces = true";
    }
  ];
}
