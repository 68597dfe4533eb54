import { has, type ProjectFiles } from "../files.ts";
import { type Look, onlyJob } from "../part.ts";
import { equip } from "../tool.ts";

const BUILD = "/cache/build";
const COMPILER = "cc, make or ninja: the host must have them in /usr";

/** `CMakeLists.txt`: builds, and runs CTest where the project enables it. */
export const cmake: Look = ({ files, find, system }) => {
  const text = files.text("CMakeLists.txt");
  if (text === null) return null;
  const tests = /^\s*(?:enable_testing\s*\(|include\s*\(\s*CTest\s*\))/im.test(text);
  const build = `cmake -S . -B ${BUILD} && cmake --build ${BUILD} --parallel 2`;
  const job = {
    command: tests ? `${build} && cd ${BUILD} && ctest --output-on-failure --no-tests=error` : build,
    caches: ["build"],
  };
  const equipped = equip(job, [{ program: "cmake", as: "cmake" }], find, system);
  const what = tests
    ? "CMakeLists.txt: builds, then `ctest`"
    : "CMakeLists.txt: builds only, as it enables no tests";
  return onlyJob(tests ? "ctest" : "cmake", { ...equipped, notes: [...equipped.notes, COMPILER] }, what);
};

/** `meson.build`: builds, and runs its tests where it has some. */
export const meson: Look = ({ files, find, system }) => {
  const text = files.text("meson.build");
  if (text === null) return null;
  const tests = hasMesonTests(files);
  const network = files.names("subprojects").some((name) => name.endsWith(".wrap"));
  const setUp = `{ test -f ${BUILD}/build.ninja || meson setup ${BUILD}; }`;
  const job = {
    command: `${setUp} && ${tests ? `meson test -C ${BUILD} --print-errorlogs` : `meson compile -C ${BUILD}`}`,
    caches: ["build"],
    ...(network ? { network: "host" as const } : {}),
  };
  const equipped = equip(job, [{ program: "meson", as: "meson" }], find, system);
  const what = tests
    ? "meson.build: builds, then `meson test`"
    : "meson.build: builds only, as no `test(` was found";
  const wraps = network ? ["network: subprojects/*.wrap are fetched"] : [];
  return onlyJob("meson", { ...equipped, notes: [...equipped.notes, COMPILER, ...wraps] }, what);
};

function hasMesonTests(files: ProjectFiles): boolean {
  const places = ["", ...files.names("").map((name) => `${name}/`)].map((place) => `${place}meson.build`);
  return places.some((path) => /^\s*(?:test|benchmark)\s*\(/m.test(files.text(path) ?? ""));
}

/** Gradle, by the project's wrapper where it has one. */
export const gradle: Look = ({ files, find, system }) => {
  const file = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"].find((one) =>
    has(files, one),
  );
  if (file === undefined) return null;
  const program = has(files, "gradlew") ? "sh ./gradlew" : "gradle";
  const job = {
    command: `${program} --no-daemon --console=plain test`,
    env: { GRADLE_USER_HOME: "/cache/gradle" },
    caches: ["gradle"],
    network: "host" as const,
    workspace: "private" as const,
  };
  const programs = ["java", ...(program === "gradle" ? ["gradle"] : [])];
  const equipped = equip(
    job,
    programs.map((one) => ({ program: one, as: one })),
    find,
    system,
  );
  const note = "network: Gradle fetches plug-ins and dependencies";
  return onlyJob("gradle", { ...equipped, notes: [...equipped.notes, note] }, `${file}: \`gradle test\``);
};

/** Maven, by the project's wrapper where it has one. */
export const maven: Look = ({ files, find, system }) => {
  if (files.text("pom.xml") === null) return null;
  const program = has(files, "mvnw") ? "sh ./mvnw" : "mvn";
  const job = {
    command: `${program} --batch-mode -Dmaven.repo.local=/cache/maven test`,
    caches: ["maven"],
    network: "host" as const,
    workspace: "private" as const,
  };
  const programs = ["java", ...(program === "mvn" ? ["mvn"] : [])];
  const needs = programs.map((one) => ({ program: one, as: one === "mvn" ? "maven" : one }));
  const equipped = equip(job, needs, find, system);
  const note = "network: Maven fetches plug-ins and dependencies";
  return onlyJob("maven", { ...equipped, notes: [...equipped.notes, note] }, "pom.xml: `mvn test`");
};
