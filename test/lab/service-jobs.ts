import type { Expected } from "./job-contract.ts";

/** Answers each client with a line, in the foreground: on localhost in Perl or busybox, through a pipe in a guest that has neither. */
const SERVER = `if command -v perl >/dev/null; then
    exec perl -MIO::Socket::INET -e '$l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 7171, Listen => 5, ReuseAddr => 1) or die; while ($c = $l->accept) { print $c "answered\\n"; close $c }'
  fi
  if ! command -v httpd >/dev/null; then
    mkfifo /tmp/pipe && while :; do echo answered >/tmp/pipe; sleep 0.1; done
  fi
  mkdir /tmp/www && echo answered >/tmp/www/index.html && exec httpd -f -p 127.0.0.1:7171 -h /tmp/www`;
const ASK = `if command -v perl >/dev/null; then
    perl -MIO::Socket::INET -e '$c = IO::Socket::INET->new("127.0.0.1:7171") or exit 1; print <$c>'
  elif [ -p /tmp/pipe ]; then cat /tmp/pipe
  else wget -q -O - http://127.0.0.1:7171/; fi`;

const forever = "while :; do sleep 0.2; done";

/** How services start, stay, fail and end; rows of the job contract. */
export const serviceJobs: Readonly<Record<string, Expected>> = {
  service: {
    command: `${ASK} && [ "$(cat /tmp/web)" = "it's base /workspace/sub" ] && [ -z "\${MORE-}" ]`,
    more: {
      env: { BASE: "base" },
      services: {
        db: { command: SERVER, ready: ASK },
        web: {
          command: `until [ -e /tmp/db ]; do ${ASK} >/tmp/db 2>&1 || rm -f /tmp/db; sleep 0.1; done
            echo "$MORE $BASE $PWD" >/tmp/web; printf 'two\\nlines, the last one open'; ${forever}`,
          ready: ["test", "-s", "/tmp/web"],
          env: { MORE: "it's" },
          cwd: "sub",
        },
      },
    },
    result: { status: "passed", exit_code: 0 },
    message: /^exit 0$/,
    log: /^answered\n$/,
    services: { web: /^two\nlines, the last one open$/ },
  },
  "service-again": {
    command: `cat /tmp/web && [ "$PIKACI_ATTEMPT" = 2 ]`,
    more: {
      retries: 1,
      services: {
        web: {
          command: `echo "attempt $PIKACI_ATTEMPT" | tee /tmp/web; ${forever}`,
          ready: ["test", "-s", "/tmp/web"],
        },
      },
    },
    result: { status: "flaky", exit_code: 0 },
    attempts: ["failed", "passed"],
    log: /^attempt 1\n──.*──\nattempt 2\n$/,
    services: { web: /^attempt 2\n$/ },
  },
  "service-never": {
    command: "touch /artifacts/ran",
    more: { services: { db: { command: forever, ready: "echo still not; exit 9", readyTimeout: "3s" } } },
    result: { status: "failed", exit_code: null },
    message: /^service db was not ready within 3 s$/,
    log: /^pikaci: service db was not ready in time\n$/,
    artifacts: [],
    services: { db: /ready command said:\nstill not\n$/ },
  },
  "service-dies-early": {
    command: "touch /artifacts/ran",
    more: {
      services: {
        db: { command: "echo no disk; exit 3", ready: "false", readyTimeout: "1h" },
        other: { command: ["sleep", "1000"] },
      },
    },
    result: { status: "failed", exit_code: null },
    message: /^service db ended with exit 3 before it was ready$/,
    artifacts: [],
    services: { db: /^no disk\n$/ },
  },
  "service-not-there": {
    command: "true",
    more: { services: { db: { command: ["no-such-server"], ready: "false" } } },
    result: { status: "failed", exit_code: null },
    message: /^service db ended with exit 127 before it was ready$/,
    services: { db: /no-such-server/ },
  },
  "service-dies-late": {
    command: "touch /tmp/go; until [ -e /tmp/gone ]; do sleep 0.1; done; sleep 1; exit 4",
    more: {
      services: { db: { command: "until [ -e /tmp/go ]; do sleep 0.1; done; touch /tmp/gone; exit 7" } },
    },
    result: { status: "failed", exit_code: 4 },
    message: /^exit 4; service db ended with exit 7 before the command did$/,
  },
  "service-stubborn": {
    command: "echo done",
    more: {
      services: {
        db: {
          command: `trap '' TERM; (setsid sh -c '${forever}' &); touch /tmp/up; ${forever}`,
          ready: "[ -e /tmp/up ]",
        },
      },
    },
    result: { status: "passed" },
    log: /^done\n$/,
  },
  "service-stopped": {
    command: "true",
    more: {
      services: {
        db: {
          command: `trap 'echo asked; echo stopped >/artifacts/stopped; exit 5' TERM; touch /tmp/up; ${forever}`,
          ready: "[ -e /tmp/up ]",
        },
      },
    },
    result: { status: "passed" },
    artifacts: ["stopped"],
    services: { db: /asked\n$/ },
  },
  "service-loud": {
    command: "[ -e /tmp/said ]",
    more: {
      secrets: ["CONTRACT_SECRET"],
      services: {
        db: {
          command: `head -c 10000000 /dev/zero | tr '\\0' x; echo; echo "<$CONTRACT_SECRET>"; touch /tmp/said; ${forever}`,
          ready: "[ -e /tmp/said ]",
        },
      },
    },
    result: { status: "passed" },
    services: { db: /x\n<\*\*\*>\n$/ },
    notInBuilds: true,
  },
  "service-endless": {
    command: "until [ -e /tmp/said ]; do sleep 0.1; done",
    more: { services: { db: { command: "yes | head -c 20000000; touch /tmp/said; sleep 1000" } } },
    result: { status: "passed" },
    services: { db: /y\n\npikaci: the rest is left out: this log is longer than 16 MiB\n$/ },
    heavy: true,
  },
  "service-forger": {
    command: "until [ -e /tmp/done ]; do sleep 0.1; done; exit 1",
    more: {
      services: {
        db: {
          command: `for place in /run/pikaci/* /run/pikaci/*/*; do [ ! -f $place ] && [ ! -p $place ] || echo 'exit 0' >>$place; done 2>/dev/null
            printf '%s\\n' 'died ../x 1' 'died x 1' 'unready db x it was ready' 'unready db 1 ; it' 'error x' 'exit 0' 'note y' >>/run/pikaci/told
            touch /tmp/done; ${forever}`,
        },
      },
    },
    result: { status: "failed", exit_code: 1 },
    message: /^exit 1$/,
  },
  "service-timeout": {
    command: "touch /artifacts/ran",
    more: { timeout: "2s", services: { db: { command: forever, ready: forever, readyTimeout: "1h" } } },
    result: { status: "timeout", timed_out: true },
    artifacts: [],
  },
};
