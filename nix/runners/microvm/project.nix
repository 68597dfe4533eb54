# The NixOS modules that the shape names, from the project's flake: its files are in ./project, its inputs are the runner's.
{
  inputs,
  params,
  self,
}:
let
  flake = import "${self}/project/flake.nix";
  own = builtins.intersectAttrs (builtins.listToAttrs (
    map (name: {
      inherit name;
      value = null;
    }) params.project_inputs
  )) inputs;
  outputs = flake.outputs (own // { self = project; });
  project = outputs // {
    inherit outputs;
    inputs = own;
    outPath = "${self}/project";
    _type = "flake";
  };
  at = builtins.foldl' (set: name: set.${name}) project;
in
map at params.modules
