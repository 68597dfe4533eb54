{
  description = "A pikaci runner: what boots NixOS guests of one machine shape";

  inputs = { };

  outputs =
    inputs@{
      self,
      nixpkgs,
      microvm,
      ...
    }:
    let
      params = builtins.fromJSON (builtins.readFile ./params.json);
      toLinux = builtins.replaceStrings [ "-darwin" ] [ "-linux" ];

      guest =
        system:
        nixpkgs.lib.nixosSystem {
          modules = [
            microvm.nixosModules.microvm
            ./guest.nix
            {
              nixpkgs.hostPlatform = toLinux system;
              pikaci.guest = {
                inherit (params) hypervisor vcpu;
                memoryMiB = params.memory_mib;
                programs = "${self}/tree";
                launchArguments = if params.hypervisor == "qemu" then "${self}/tree/lib/arguments" else null;
                hostPackages = if system == toLinux system then null else nixpkgs.legacyPackages.${system};
              };
            }
          ]
          ++ import ./project.nix { inherit inputs params self; };
        };

      # Nix itself links it together; where two have a file of one name, the lower number is the one that counts.
      runner =
        system:
        let
          inherit (guest system) config;
          servers =
            if params.hypervisor == "vfkit" then
              [ ]
            else
              [
                config.microvm.virtiofsd.package
                config.microvm.vmHostPackages.passt
              ];
          link = priority: path: [
            "true"
            priority
            1
            path
          ];
        in
        derivation {
          name = "pikaci-runner-microvm";
          system = "builtin";
          builder = "builtin:buildenv";
          derivations =
            link 1 "${self}/tree" ++ link 2 config.microvm.declaredRunner ++ builtins.concatMap (link 3) servers;
          manifest = builtins.toFile "manifest" "";
          allowSubstitutes = false;
          preferLocalBuild = true;
        };
    in
    {
      packages = builtins.listToAttrs (
        map (system: {
          name = system;
          value.runner = runner system;
        }) params.systems
      );
    };
}
