export interface Counts {
  /** TCP connections that sshd accepted. */
  readonly connections: number;
  /** Sessions that ran something: a command, a shell or a subsystem. */
  readonly commands: number;
}

/** What happened according to sshd's log at VERBOSE. */
export function countSshLog(log: string): Counts {
  return {
    connections: log.match(/^Connection from \S+ port \d+/gm)?.length ?? 0,
    commands: log.match(/^Starting session: /gm)?.length ?? 0,
  };
}
