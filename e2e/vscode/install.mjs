// Installs the code-server of package.json into the folder that is named, for the browser test. `npm install` with its scripts
// would build parts that the test has no use for (Kerberos, Windows) and fetch ripgrep from outside the registry: this builds
// what the server loads and takes the system's `rg`. No version floats: code-server's own dependencies stand in the lock here, and
// VS Code's in the `npm-shrinkwrap.json` that comes with it, which npm takes for a lock where it installs.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const target = process.argv[2];
if (!target) {
  throw new Error("usage: node install.mjs FOLDER");
}
const here = import.meta.dirname;
const wanted = readFileSync(join(here, "package-lock.json"), "utf8");
const done = join(target, "installed");
if (existsSync(done) && readFileSync(done, "utf8") === wanted) {
  process.exit(0);
}

/** Where Node.js may have its headers. */
const home = dirname(dirname(process.execPath));

const npm = (folder, ...args) => {
  process.stdout.write(`${folder}: npm ${args.join(" ")}\n`);
  execFileSync("npm", args, {
    cwd: folder,
    stdio: "inherit",
    env: {
      ...process.env,
      // Else they are fetched.
      ...(existsSync(join(home, "include/node/node.h")) ? { npm_config_nodedir: home } : {}),
      npm_config_yes: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
    },
  });
};

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const file of ["package.json", "package-lock.json", ".npmrc"]) {
  cpSync(join(here, file), join(target, file));
}
// Not `npm ci`, for the reason that xtask gives: it refuses locks that were written behind a partial mirror.
npm(target, "install", "--no-save", "--ignore-scripts");
const server = join(target, "node_modules/code-server");
const vscode = join(server, "lib/vscode");
npm(target, "rebuild", "argon2");
npm(vscode, "install", "--omit=dev", "--ignore-scripts");
npm(vscode, "rebuild", "node-pty", "@vscode/spdlog", "@parcel/watcher", "native-watchdog");
const rg = execFileSync("sh", ["-c", "command -v rg"], {
  encoding: "utf8",
}).trim();
mkdirSync(join(vscode, "node_modules/@vscode/ripgrep/bin"), {
  recursive: true,
});
symlinkSync(rg, join(vscode, "node_modules/@vscode/ripgrep/bin/rg"));
symlinkSync("node_modules", join(vscode, "node_modules.asar"));
writeFileSync(done, wanted);
