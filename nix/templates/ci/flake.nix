{
  description = "CI jobs with types and options, checked by `nix flake check`";

  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    # Where pikaci's repository is; for a checkout beside this one: path:../pikaci
    pikaci.url = "git+https://git.example.org/pikaci";
  };

  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.pikaci.flakeModules.default ];
      systems = [
        "aarch64-linux"
        "x86_64-linux"
      ];

      perSystem =
        { pkgs, ... }:
        {
          packages.tools = pkgs.hello;
        };

      pikaci = {
        flake.files = [
          "flake.nix"
          "flake.lock"
        ];
        targets.check = {
          description = "before each push";
          jobs = [ "greet" ];
        };
        jobs.greet = {
          command = [ "/prepared/tools/bin/hello" ];
          prepare.tools = ".#tools";
          timeout = "5m";
        };
      };
    };
}
