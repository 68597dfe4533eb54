# Options from a JSON Schema, so that what is authored in Nix has the keys, types and descriptions of every other way.
{ lib }:
let
  inherit (lib) mkOption types;

  optionOf =
    required: name: schema:
    mkOption (
      {
        type = if required then typeOf schema else types.nullOr (typeOf schema);
      }
      // lib.optionalAttrs (!required) { default = null; }
      // lib.optionalAttrs (schema ? description) { description = schema.description + keysOf schema; }
    );

  # Documentation made of options does not look into alternatives, so their keys stand in the description.
  keysOf =
    schema:
    let
      sets = lib.filter (one: one ? properties) (schema.anyOf or [ ]);
      keys = lib.foldl' (all: set: all // set.properties) { } sets;
      line = name: key: "\n- `${name}`: ${key.description or "see the schema"}";
    in
    lib.optionalString (
      sets != [ ]
    ) "\n\nAs a set it has:\n${lib.concatStrings (lib.mapAttrsToList line keys)}";

  submoduleOf =
    {
      properties,
      required ? [ ],
      additionalProperties ? false,
      ...
    }:
    types.submodule {
      # Keys that only the author knows, as the axes of a matrix.
      freeformType =
        if lib.isAttrs additionalProperties then types.attrsOf (typeOf additionalProperties) else null;
      options = lib.mapAttrs (name: optionOf (lib.elem name required) name) (
        lib.removeAttrs properties [ "$schema" ]
      );
    };

  # What a key may be that several alternatives have.
  either =
    schemas:
    let
      first = lib.head schemas;
    in
    if lib.length schemas == 1 then first else removeAttrs first [ "const" "enum" ] // { anyOf = schemas; };

  # Alternatives that are attribute sets become one, of which each has its keys.
  anyOf =
    schemas:
    let
      isSet = schema: schema ? properties;
      sets = lib.filter isSet schemas;
      merged = {
        properties = builtins.zipAttrsWith (_: either) (map (schema: schema.properties) sets);
        required = lib.filter (name: lib.all (schema: lib.elem name (schema.required or [ ])) sets) (
          lib.concatMap (schema: schema.required or [ ]) sets
        );
      };
      others = map typeOf (lib.filter (schema: !isSet schema) schemas);
    in
    types.oneOf (others ++ lib.optional (sets != [ ]) (submoduleOf merged));

  # `${matrix.key}`, in place of a value of another type; patterns of a schema are JavaScript's, and Nix has others.
  reference = "[$][{]matrix[.][A-Za-z_][A-Za-z0-9_-]*[}]";
  isReference = schema: lib.hasPrefix "^\\$\\{matrix" (schema.pattern or "");

  typeOf =
    schema:
    if schema ? anyOf then
      anyOf schema.anyOf
    else if schema ? enum then
      types.enum schema.enum
    else if schema ? const then
      types.enum [ schema.const ]
    else if schema ? properties then
      submoduleOf schema
    else
      {
        array = types.listOf (typeOf schema.items);
        boolean = types.bool;
        integer = types.int;
        number = types.number;
        object = types.attrsOf (typeOf schema.additionalProperties);
        string = if isReference schema then types.strMatching reference else types.str;
      }
      .${schema.type};
in
typeOf
