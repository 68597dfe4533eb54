# A guest of pikaci: NixOS that runs one job, tells its verdict and powers off. For microvm.nix; docs/microvm.md.
{
  imports = [
    ./guest/options.nix
    ./guest/job.nix
    ./guest/machine.nix
    ./guest/system.nix
  ];
}
