{
  lib,
  stdenvNoCC,
  cacert,
  git,
  makeWrapper,
  nix,
  nodejs,
  openssh,
}:
let
  manifest = lib.importJSON ../package.json;

  source = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../LICENSE
      ../flake.lock
      ../nix/guest
      ../nix/guest.nix
      ../nix/npm
      ../nix/runners
      ../package-lock.json
      ../package.json
      ../schema
      ../scripts
      ../src
      ../tsconfig.json
    ];
  };

  inherit (stdenvNoCC.hostPlatform) system;

  # The runtime packages and the bundler, as this system needs them; `npx tsx scripts/npm-tarballs.ts` records their hash.
  tarballs = stdenvNoCC.mkDerivation {
    name = "pikaci-npm-tarballs";
    dontUnpack = true;
    nativeBuildInputs = [
      cacert
      nodejs
    ];
    buildPhase = ''
      export HOME=$TMPDIR
      node ${./npm}/fetch.mjs ${../package-lock.json} ${system} $out
    '';
    dontInstall = true;
    dontFixup = true;
    NODE_EXTRA_CA_CERTS = "${cacert}/etc/ssl/certs/ca-bundle.crt";
    impureEnvVars = lib.fetchers.proxyImpureEnvVars ++ [ "NPM_CONFIG_REGISTRY" ];
    outputHashMode = "recursive";
    outputHash = (lib.importJSON ./npm/tarballs.json).${system}.hash;
  };
in
stdenvNoCC.mkDerivation {
  pname = "pikaci";
  inherit (manifest) version;
  src = source;

  nativeBuildInputs = [
    makeWrapper
    nodejs
  ];

  configurePhase = ''
    runHook preConfigure
    export HOME=$TMPDIR
    node nix/npm/resolve.mjs ${tarballs}
    npm ci --offline --ignore-scripts --no-audit --no-fund --no-progress
    runHook postConfigure
  '';

  buildPhase = ''
    runHook preBuild
    node node_modules/esbuild/bin/esbuild scripts/bundle.ts --bundle --packages=external --platform=node --format=esm --outfile=scripts/bundle.mjs
    node --input-type=module --eval 'const { bundle } = await import("./scripts/bundle.mjs"); await bundle("dist");'
    npm prune --omit=dev --offline --ignore-scripts --no-audit --no-fund --no-progress
    rm node_modules/.package-lock.json
    find node_modules -type d -empty -delete
    runHook postBuild
  '';

  installPhase = ''
    runHook preInstall
    mkdir -p $out/bin $out/lib/pikaci/src $out/lib/pikaci/nix
    cp -r dist flake.lock node_modules package.json schema LICENSE $out/lib/pikaci
    cp -r src/host $out/lib/pikaci/src
    cp -r nix/guest nix/guest.nix nix/runners $out/lib/pikaci/nix
    makeWrapper ${nodejs}/bin/node $out/bin/pikaci \
      --add-flags $out/lib/pikaci/dist/cli.cjs \
      --suffix PATH : ${
        lib.makeBinPath [
          git
          nix
          openssh
        ]
      }
    share=$out/share
    mkdir -p $share/bash-completion/completions $share/zsh/site-functions $share/fish/vendor_completions.d $share/man/man1
    $out/bin/pikaci completion bash >$share/bash-completion/completions/pikaci
    $out/bin/pikaci completion zsh >$share/zsh/site-functions/_pikaci
    $out/bin/pikaci completion fish >$share/fish/vendor_completions.d/pikaci.fish
    $out/bin/pikaci completion man >$share/man/man1/pikaci.1
    runHook postInstall
  '';

  # node_modules/*.node come as they are; node itself has loaded the libraries that they need.
  dontStrip = true;
  dontPatchELF = true;

  doInstallCheck = true;
  installCheckPhase = ''
    runHook preInstallCheck
    test "$($out/bin/pikaci --version)" = ${manifest.version}
    bash -n $out/share/bash-completion/completions/pikaci
    grep -q '^\.SH EXIT STATUS' $out/share/man/man1/pikaci.1
    runHook postInstallCheck
  '';

  passthru = { inherit tarballs; };

  meta = {
    inherit (manifest) description;
    license = lib.licenses.mit;
    mainProgram = "pikaci";
    platforms = lib.attrNames (lib.importJSON ./npm/tarballs.json);
  };
}
