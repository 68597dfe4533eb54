{ self }:
let
  pikaci = pkgs: self.packages.${pkgs.stdenv.hostPlatform.system}.pikaci;
in
{
  # The flake of a machine shape's runner, with the bytes that `pikaci run` publishes.
  renderRunner =
    {
      pkgs,
      backend ? "sandbox",
    }:
    pkgs.runCommand "pikaci-runner-flake" { nativeBuildInputs = [ (pikaci pkgs) ]; } ''
      pikaci render --runner ${backend} --out $out
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
