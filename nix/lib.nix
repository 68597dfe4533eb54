{ self }:
let
  pikaci = pkgs: self.packages.${pkgs.stdenv.hostPlatform.system}.pikaci;
in
{
  # The flake of a machine shape's runner, with the bytes that `pikaci run` publishes. `runner` is what a job has there:
  # a backend's name, or a set as { backend = "minivm"; memory = "2GiB"; }.
  renderRunner =
    {
      pkgs,
      runner ? "sandbox",
    }:
    pkgs.runCommand "pikaci-runner-flake"
      {
        nativeBuildInputs = [ (pikaci pkgs) ];
        runner = if builtins.isString runner then runner else builtins.toJSON runner;
      }
      ''
        pikaci render --runner "$runner" --out $out
      '';

  # Builds when `config`, the value of a flake's `pikaci` output, is what the command line takes.
  checkConfig =
    { pkgs, config }:
    pkgs.runCommand "pikaci-config"
      {
        nativeBuildInputs = [ (pikaci pkgs) ];
        config = pkgs.writeText "pikaci.config.json" (builtins.toJSON config);
      }
      ''
        cp $config pikaci.config.json
        pikaci plan --force --config pikaci.config.json >$out
      '';
}
