{ inputs, system }:
let
  inherit (inputs) self nixpkgs;
  inherit (nixpkgs) lib;
  pkgs = nixpkgs.legacyPackages.${system};
  modules = import ./modules.nix { inherit lib pkgs self; };

  optionsOf =
    options:
    (pkgs.nixosOptionsDoc {
      inherit options;
      warningsAreErrors = true;
    }).optionsCommonMark;
in
{
  package = self.packages.${system}.pikaci;

  formatting = pkgs.runCommand "nix-formatting" { nativeBuildInputs = [ pkgs.nixfmt ]; } ''
    find ${../../flake.nix} ${./..} -name '*.nix' -exec nixfmt --check {} +
    touch $out
  '';

  options = pkgs.runCommand "pikaci-options" { } ''
    mkdir $out
    cp ${optionsOf { services = { inherit (modules.host.options.services) pikaci-host; }; }} $out/host.md
    cp ${optionsOf { inherit (modules.flake.options) pikaci; }} $out/flake.md
  '';

  runner = self.lib.renderRunner {
    inherit pkgs;
    runner = {
      backend = "minivm";
      memory = "512MiB";
    };
  };

  modules = pkgs.runCommand "pikaci-modules" { results = modules.results; } ''
    printf '%s\n' "$results" >$out
  '';

  config = self.lib.checkConfig {
    inherit pkgs;
    config = modules.flake.config.flake.pikaci;
  };
}
