{
  description = "CI jobs that `pikaci run` finds in the flake output `pikaci`";

  inputs.nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }:
    let
      eachSystem = nixpkgs.lib.genAttrs [
        "aarch64-linux"
        "x86_64-linux"
      ];
    in
    {
      # What jobs mount: built on the host, once for as long as this flake does not change.
      packages = eachSystem (system: {
        tools = nixpkgs.legacyPackages.${system}.hello;
      });

      pikaci = {
        flake.files = [
          "flake.nix"
          "flake.lock"
        ];
        jobs.greet = {
          command = "/prepared/tools/bin/hello";
          prepare.tools = ".#tools";
        };
      };
    };
}
