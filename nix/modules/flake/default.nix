# The flake-parts module: `pikaci` is authored with types, becomes the flake output `pikaci`, and is checked.
{ self }:
let
  module =
    { lib, config, ... }:
    let
      typeOf = import ./from-schema.nix { inherit lib; };

      # Options that were not set are no keys.
      written =
        value:
        if lib.isAttrs value then
          lib.mapAttrs (_: written) (lib.filterAttrs (_: inner: inner != null) value)
        else if lib.isList value then
          map written value
        else
          value;

      output = written config.pikaci;
    in
    {
      options.pikaci = lib.mkOption {
        type = lib.types.nullOr (typeOf (lib.importJSON ../../../schema/pikaci.schema.json));
        default = null;
        description = "Jobs for `pikaci run`, as a configuration file has them.";
      };

      config = lib.mkIf (config.pikaci != null) {
        flake.pikaci = output;
        perSystem =
          { pkgs, ... }:
          {
            checks.pikaci = self.lib.checkConfig {
              inherit pkgs;
              config = output;
            };
          };
      };
    };
in
{
  _file = toString ./default.nix;
  key = toString ./default.nix;
  imports = [ module ];
}
