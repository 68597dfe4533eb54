/** Bytes received and sent by all but the loopback and tunnels, from the text of /proc/net/dev. */
export function wireBytes(text: string): number {
  const lines = text.split("\n").filter((line) => /^\s*\S+:/.test(line) && !/^\s*(lo|tun)/.test(line));
  return lines.reduce((sum, line) => {
    const [, received, ...more] = line.trim().split(/:\s*|\s+/);
    return sum + Number(received) + Number(more[7]);
  }, 0);
}
