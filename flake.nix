{
  description = "Run the CI jobs of the working tree you have right now on a Nix build host";

  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    flake-parts = {
      url = "github:hercules-ci/flake-parts";
      inputs.nixpkgs-lib.follows = "nixpkgs";
    };
    # Pins what runners of the microvm backend are made from; nothing here evaluates it.
    microvm = {
      url = "github:microvm-nix/microvm.nix";
      inputs.nixpkgs.follows = "nixpkgs";
      inputs.spectrum.follows = "";
    };
  };

  outputs =
    inputs@{ self, nixpkgs, ... }:
    let
      # Of x86_64-darwin nixpkgs 26.11 only says that it was dropped.
      eachSystem = nixpkgs.lib.genAttrs [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-linux"
      ];
      pkgsOf = system: nixpkgs.legacyPackages.${system};
    in
    {
      packages = eachSystem (system: {
        default = self.packages.${system}.pikaci;
        pikaci = (pkgsOf system).callPackage ./nix/package.nix { };
      });

      apps = eachSystem (system: {
        default = {
          type = "app";
          program = "${self.packages.${system}.pikaci}/bin/pikaci";
          meta.description = "The pikaci command line";
        };
      });

      devShells = eachSystem (system: {
        default = (pkgsOf system).callPackage ./nix/shell.nix { };
      });

      checks = eachSystem (system: import ./nix/checks { inherit inputs system; });

      formatter = eachSystem (system: (pkgsOf system).nixfmt-tree);

      overlays.default = final: _prev: { pikaci = final.callPackage ./nix/package.nix { }; };

      lib = import ./nix/lib.nix { inherit self; };

      nixosModules = {
        host.imports = [ ./nix/modules/host ];
        guest.imports = [ ./nix/guest.nix ];
      };

      flakeModules.default = import ./nix/modules/flake { inherit self; };

      templates = {
        default = {
          path = ./nix/templates/default;
          description = "A flake whose `pikaci` output describes CI jobs";
        };
        ci = {
          path = ./nix/templates/ci;
          description = "The same with flake-parts, checked by `nix flake check`";
        };
      };
    };
}
