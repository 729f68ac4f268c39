// Generated from bridge.schema.json by `npm run generate`: do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Bytes, as base64 (RFC 4648 §4, padded). */
        Base64: string;
        /** @description What the agent says. Clients pass over what they do not know. */
        BridgeMessage: {
            /**
             * @description The agent knew the session: what was sent before and not answered can be sent again. Else
             *     nothing is known of what became of it.
             */
            resumed: boolean;
            /** @enum {string} */
            type: "welcome";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @enum {string} */
            type: "done";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id?: number | null;
            /** @description Why, in the form that errors of the API have. */
            problem: components["schemas"]["Problem"];
            /** @enum {string} */
            type: "error";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The terminal. */
            terminal: components["schemas"]["Terminal"];
            /** @enum {string} */
            type: "terminal_created";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The terminal, as it is now. */
            terminal: components["schemas"]["Terminal"];
            /** @enum {string} */
            type: "terminal_attached";
        } | {
            /** @description The bytes. */
            data: components["schemas"]["Base64"];
            /**
             * Format: int64
             * @description The offset of the first byte.
             */
            offset: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "terminal_output";
        } | {
            /** @description Draws the screen; not a part of the output. */
            data: components["schemas"]["Base64"];
            /**
             * Format: int64
             * @description The offset of the next byte of output.
             */
            offset: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "terminal_resync";
        } | {
            /**
             * Format: int32
             * @description Columns.
             */
            cols: number;
            /**
             * Format: int32
             * @description Rows.
             */
            rows: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "terminal_resized";
        } | {
            /** @description How. */
            status: components["schemas"]["ExitStatus"];
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "terminal_exited";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The process. */
            process: components["schemas"]["Process"];
            /** @enum {string} */
            type: "process_started";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The process, as it is now. */
            process: components["schemas"]["Process"];
            /**
             * Format: int64
             * @description The same of stderr.
             */
            stderr: number;
            /**
             * Format: int64
             * @description The offset at which stdout goes on; greater than what was asked for when bytes are gone.
             */
            stdout: number;
            /** @enum {string} */
            type: "process_attached";
        } | {
            /** @description The bytes. */
            data: components["schemas"]["Base64"];
            /**
             * Format: int64
             * @description The offset of the first byte.
             */
            offset: number;
            /** @description The process. */
            process: components["schemas"]["ProcessId"];
            /** @description Of which stream. */
            stream: components["schemas"]["Stream"];
            /** @enum {string} */
            type: "process_output";
        } | {
            /** @description The process. */
            process: components["schemas"]["ProcessId"];
            /** @description How. */
            status: components["schemas"]["ExitStatus"];
            /** @description Because its time was over. */
            timed_out?: boolean;
            /** @enum {string} */
            type: "process_exited";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description All that are remembered, newest last. */
            items: components["schemas"]["Process"][];
            /** @enum {string} */
            type: "process_list";
        } | {
            /** @description The piece; empty at the end. */
            data: components["schemas"]["Base64"];
            /** @description The version that the piece is of. */
            etag: string;
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /**
             * Format: int64
             * @description Where the piece begins.
             */
            offset: number;
            /**
             * Format: int64
             * @description How large the file is, in bytes.
             */
            size: number;
            /** @enum {string} */
            type: "file_content";
        } | {
            /** @description The file as it now is, with its version. */
            entry: components["schemas"]["FileEntry"];
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @enum {string} */
            type: "file_written";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The entries. */
            items: components["schemas"]["FileEntry"][];
            /** @description Where the next page begins. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many the directory holds in all.
             */
            total: number;
            /** @enum {string} */
            type: "file_list";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @enum {string} */
            type: "watching";
        } | {
            /** @description The changes, oldest first. */
            changes: components["schemas"]["FileChange"][];
            /** @enum {string} */
            type: "file_changed";
            /**
             * Format: int64
             * @description The id of the request that began the watch.
             */
            watch: number;
        } | {
            /** @description Why. */
            reason: string;
            /** @enum {string} */
            type: "watch_rescan";
            /**
             * Format: int64
             * @description The id of the request that began the watch.
             */
            watch: number;
        } | {
            /** @description Why. */
            reason: string;
            /** @enum {string} */
            type: "watch_limited";
            /**
             * Format: int64
             * @description The id of the request that began the watch.
             */
            watch: number;
        };
        /** @description What a client says. */
        BridgeRequest: {
            /**
             * @description The session: 16 to 64 letters, digits, `-` and `_`, made up at random by the client. Whoever
             *     knows it can take the session over.
             */
            session: string;
            /** @enum {string} */
            type: "hello";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @enum {string} */
            type: "ping";
        } | {
            /**
             * Format: int32
             * @description Columns; 80 when absent.
             */
            cols?: number | null;
            /** @description The program and its arguments; the workspace's login shell when absent or empty. */
            command?: string[];
            /** @description Where it starts: a path below the `workspace` root, or absolute; the root when absent. */
            cwd?: string | null;
            /** @description Variables to add to the workspace's environment. */
            env?: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description A name, 1 to 100 characters; `Terminal N` when absent. */
            name?: string | null;
            /**
             * Format: int32
             * @description Rows; 24 when absent.
             */
            rows?: number | null;
            /** @enum {string} */
            type: "create_terminal";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /**
             * Format: int64
             * @description The offset of the first byte that the client lacks; as much as is held when absent.
             */
            offset?: number | null;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "attach_terminal";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "detach_terminal";
        } | {
            /** @description What is typed. */
            data: components["schemas"]["Base64"];
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "terminal_input";
        } | {
            /**
             * Format: int32
             * @description Columns, clamped to 1..=1000.
             */
            cols: number;
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /**
             * Format: int32
             * @description Rows, clamped to 1..=1000.
             */
            rows: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "terminal_resize";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "close_terminal";
        } | {
            /**
             * Format: int64
             * @description The offset of the next byte wanted.
             */
            offset: number;
            /** @description The terminal. */
            terminal: components["schemas"]["TerminalId"];
            /** @enum {string} */
            type: "ack_terminal";
        } | {
            /** @description The program and its arguments; at least one part. No shell is put around it. */
            command: string[];
            /** @description Where it starts: below the `workspace` root, or absolute; the root when absent. */
            cwd?: string | null;
            /** @description Variables to add to the workspace's environment. */
            env?: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /**
             * Format: int64
             * @description End it (SIGTERM, 5 s later SIGKILL) after so many milliseconds.
             */
            timeout_ms?: number | null;
            /** @enum {string} */
            type: "run_command";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The process. */
            process: components["schemas"]["ProcessId"];
            /**
             * Format: int64
             * @description The same of stderr.
             */
            stderr?: number;
            /**
             * Format: int64
             * @description The offset of the first byte of stdout that the client lacks; 0 when absent.
             */
            stdout?: number;
            /** @enum {string} */
            type: "attach_process";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The process. */
            process: components["schemas"]["ProcessId"];
            /** @enum {string} */
            type: "detach_process";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The process. */
            process: components["schemas"]["ProcessId"];
            /** @description `SIGTERM` when absent; else one of those that `process_signal` takes. */
            signal?: string | null;
            /** @enum {string} */
            type: "stop_process";
        } | {
            /** @description The process. */
            process: components["schemas"]["ProcessId"];
            /**
             * Format: int64
             * @description The same of stderr.
             */
            stderr: number;
            /**
             * Format: int64
             * @description The offset of the next byte of stdout that is wanted.
             */
            stdout: number;
            /** @enum {string} */
            type: "ack_process";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @enum {string} */
            type: "list_processes";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /**
             * Format: int64
             * @description How long it is at most, in bytes; 256 KiB when absent, which is also the most.
             */
            length?: number | null;
            /**
             * Format: int64
             * @description Where the piece begins; 0 when absent.
             */
            offset?: number;
            /** @description The file below it. */
            path: string;
            /** @description The tree; `workspace` when absent. */
            root?: components["schemas"]["Root"];
            /** @enum {string} */
            type: "read_file";
        } | {
            /** @description What it is to hold. */
            data: components["schemas"]["Base64"];
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @description The file must not exist. Either this or `if_match` must be said. */
            if_absent?: boolean;
            /** @description The version that is replaced, or `*` for whatever is there, or nothing. */
            if_match?: string | null;
            /** @description The file below it. */
            path: string;
            /** @description The tree; `workspace` when absent. */
            root?: components["schemas"]["Root"];
            /** @enum {string} */
            type: "write_file";
        } | {
            /** @description The `next_cursor` of the page before. */
            cursor?: string | null;
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /**
             * Format: int32
             * @description How many entries at most; 1,000 when absent, which is also the most.
             */
            limit?: number | null;
            /** @description The directory below it; the root itself when absent. */
            path?: string;
            /** @description The tree; `workspace` when absent. */
            root?: components["schemas"]["Root"];
            /** @enum {string} */
            type: "list_files";
        } | {
            /**
             * Format: int64
             * @description The request's id, by which `file_changed` names the watch.
             */
            id: number;
            /** @description The directory below it; the root itself when absent. */
            path?: string;
            /** @description Watch everything below, too. */
            recursive?: boolean;
            /** @description The tree; `workspace` when absent. */
            root?: components["schemas"]["Root"];
            /** @enum {string} */
            type: "watch_files";
        } | {
            /**
             * Format: int64
             * @description The request's id.
             */
            id: number;
            /** @enum {string} */
            type: "unwatch_files";
            /**
             * Format: int64
             * @description The id of the request that began the watch.
             */
            watch: number;
        };
        /**
         * @description What happened to a path.
         * @enum {string}
         */
        ChangeKind: "created" | "modified" | "deleted";
        /**
         * @description What went wrong, for programs. Codes only grow; clients treat an unknown one by its status.
         * @enum {string}
         */
        ErrorCode: "malformed" | "unauthenticated" | "invalid_credentials" | "forbidden" | "approval_required" | "cross_site" | "not_found" | "method_not_allowed" | "conflict" | "name_taken" | "stale" | "too_large" | "range_not_satisfiable" | "invalid" | "locked" | "precondition_required" | "rate_limited" | "limit_reached" | "internal" | "bad_gateway" | "unavailable" | "node_offline" | "workspace_not_running" | "timeout" | "out_of_space" | "unknown";
        /** @description How a program ended: by `code` or by `signal`. */
        ExitStatus: {
            /** @description When it ended. */
            at: components["schemas"]["Timestamp"];
            /**
             * Format: int32
             * @description The exit code, when it exited by itself.
             */
            code?: number | null;
            /**
             * Format: int32
             * @description The signal's number, when one ended it.
             */
            signal?: number | null;
        };
        /** @description One change. */
        FileChange: {
            /** @description What happened. */
            kind: components["schemas"]["ChangeKind"];
            /** @description To which path below the root. */
            path: string;
        };
        /** @description A directory entry. */
        FileEntry: {
            /** @description The version, for If-Match; only for regular files. */
            etag?: string | null;
            /** @description What it is (the link itself, not its target). */
            kind: components["schemas"]["FileKind"];
            /**
             * Format: int32
             * @description Permission bits, e.g. 0o644 = 420.
             */
            mode: number;
            /** @description When it was modified. */
            modified_at: components["schemas"]["Timestamp"];
            /** @description The last part of the path, for showing. */
            name: string;
            /** @description The path below the root, for addressing; without a leading slash. Empty for the root. */
            path: string;
            /**
             * Format: int64
             * @description Bytes; 0 for directories.
             */
            size: number;
            /** @description The link's text. */
            target?: string | null;
            target_kind?: components["schemas"]["FileKind"] | null;
        };
        /**
         * @description What an entry is.
         * @enum {string}
         */
        FileKind: "file" | "directory" | "symlink" | "other";
        /** @description The body of every answer with a status of 400 or above (RFC 9457). */
        Problem: {
            /** @description What went wrong, for programs. */
            code: components["schemas"]["ErrorCode"];
            /** @description What happened this time, why, and what to do next, for people. */
            detail: string;
            /** @description The current ETag, where the code is `stale`. */
            etag?: string | null;
            /** @description The field of the request that is wrong, as a dotted path. */
            field?: string | null;
            /** @description The id under which the log holds this request. */
            request_id?: string | null;
            /**
             * Format: int64
             * @description After how many seconds trying again makes sense (also in the Retry-After header).
             */
            retry_after_s?: number | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description What went wrong, in a few words, the same for each occurrence of `code`. */
            title: string;
        };
        /** @description A process. */
        Process: {
            /** @description The program and its arguments. */
            command: string[];
            /** @description The working directory. */
            cwd: string;
            exit?: components["schemas"]["ExitStatus"] | null;
            /** @description Its id. */
            id: components["schemas"]["ProcessId"];
            /**
             * Format: int32
             * @description The process id inside the workspace.
             */
            pid: number;
            /** @description When it started. */
            started_at: components["schemas"]["Timestamp"];
            /** @description The same of stderr. */
            stderr: components["schemas"]["Span"];
            /** @description Offsets of the bytes of stdout that are held: from, to. */
            stdout: components["schemas"]["Span"];
            /** @description It was ended because its time was over. */
            timed_out?: boolean;
        };
        ProcessId: string;
        RecordingId: string;
        /**
         * @description The tree that a path lies in.
         * @enum {string}
         */
        Root: "workspace" | "home" | "system";
        /** @description What the shell of a terminal tells of itself: where its prompts and commands begin and end. */
        ShellIntegration: {
            /** @description What the shell's own marks (OSC 633;E) end with, so that no printed file passes for them. */
            nonce: string;
            /** @description `bash`, `zsh` or `fish`. */
            shell: string;
        };
        /** @description A half-open range of offsets. */
        Span: {
            /**
             * Format: int64
             * @description The offset after the last byte.
             */
            end: number;
            /**
             * Format: int64
             * @description The first byte's offset.
             */
            start: number;
        };
        /**
         * @description One of the two output streams.
         * @enum {string}
         */
        Stream: "stdout" | "stderr";
        /** @description A terminal. */
        Terminal: {
            /** @description The colour that people gave it. */
            color?: components["schemas"]["TerminalColor"];
            /**
             * Format: int32
             * @description Columns.
             */
            cols: number;
            /** @description The command, as arguments; the login shell when it was not given. */
            command: string[];
            /** @description When it was created. */
            created_at: components["schemas"]["Timestamp"];
            /** @description The working directory that it started in. */
            cwd: string;
            /** @description Where its shell is now (OSC 7); absent when nothing was said of it. */
            directory?: string | null;
            /**
             * Format: int64
             * @description The offset after the newest byte.
             */
            end_offset: number;
            exit?: components["schemas"]["ExitStatus"] | null;
            /** @description The picture that people gave it. */
            icon?: components["schemas"]["TerminalIcon"];
            /** @description Its id. */
            id: components["schemas"]["TerminalId"];
            integration?: components["schemas"]["ShellIntegration"] | null;
            /** @description The name that people gave it. */
            name: string;
            /**
             * Format: int32
             * @description The program's process id inside the workspace.
             */
            pid: number;
            recording?: components["schemas"]["RecordingId"] | null;
            /**
             * Format: int32
             * @description Rows.
             */
            rows: number;
            /**
             * Format: int64
             * @description The offset of the oldest byte still held.
             */
            start_offset: number;
            /** @description The title that the program set last (OSC 0 or 2), without control characters. */
            title?: string | null;
            /**
             * Format: int32
             * @description How many viewers are attached.
             */
            viewers: number;
        };
        /**
         * @description A colour that tells a terminal from others.
         * @enum {string}
         */
        TerminalColor: "plain" | "red" | "orange" | "yellow" | "green" | "blue" | "violet" | "pink" | "other";
        /**
         * @description A picture that tells a terminal from others.
         * @enum {string}
         */
        TerminalIcon: "terminal" | "server" | "database" | "bug" | "flask" | "hammer" | "rocket" | "globe" | "branch" | "scroll" | "other";
        TerminalId: string;
        /**
         * Format: int64
         * @description A point in time, in UTC milliseconds since the Unix epoch.
         */
        Timestamp: number;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
