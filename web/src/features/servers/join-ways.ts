/** The ways to run the join command, beside the one that fits most machines. */
export const JOIN_WAYS = ["service", "user", "plain", "program"] as const;

export type JoinWay = (typeof JOIN_WAYS)[number];

/** Without TLS to another machine: the daemon refuses it unless it is told that this is meant. */
export function isPlaintext(command: string): boolean {
  return /--url '?http:\/\/(?!localhost\b|127\.|\[::1\])/.test(command);
}

/** What permits it. */
export const ALLOW_PLAINTEXT = " --allow-plaintext";

/** The command for a way. `program` is for machines that have the `atelier` program already. */
export function joinCommand(command: string, way: JoinWay): string {
  switch (way) {
    case "service":
      return command;
    case "user":
      return `${command} --user`;
    case "plain":
      return `${command} --no-systemd`;
    case "program": {
      // What stands after the script are the options that `atelier node join` takes as well.
      const options = command.split("| sh -s -- ")[1] ?? "";
      return `atelier node join ${options}`;
    }
  }
}
