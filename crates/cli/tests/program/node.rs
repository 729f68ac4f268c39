//! `atelier node`, as people and service managers run it, without a control plane.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::ATELIER;

fn node(arguments: &[&str], data: &Path) -> Output {
    Command::new(ATELIER)
        .arg("node")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy")
        .env_remove("ALL_PROXY")
        .env_remove("all_proxy")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An address on which nobody listens.
fn nowhere() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("https://{}", free.local_addr().unwrap())
}

/// A data folder of a server that has joined a control plane which is away.
fn joined(url: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let refused = node(&["join", "--url", url, "--token", "atj_x"], folder.path());
    assert_eq!(refused.status.code(), Some(1));
    let pem = fs::read_to_string(folder.path().join("node.key")).unwrap();
    let registration = serde_json::json!({
        "url": url,
        "node_id": "node_00000000000000000000000001",
        "name": "a server",
        "public_key": public_half(&pem),
    });
    fs::write(
        folder.path().join("node.json"),
        serde_json::to_vec(&registration).unwrap(),
    )
    .unwrap();
    folder
}

/// The last 32 bytes of the key's PKCS #8 (RFC 8410, with the public key of RFC 5958).
fn public_half(pem: &str) -> String {
    let body: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
    let der = decode(&body);
    encode(&der[der.len() - 32..])
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn decode(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|byte| {
        let digit = BASE64.iter().position(|known| *known == byte)?;
        Some(u32::try_from(digit).unwrap())
    });
    let digits: Vec<u32> = digits.collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0, |bits: u32, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            let known = char::from(BASE64[usize::try_from(digit).unwrap()]);
            text.push(if place > group.len() { '=' } else { known });
        }
    }
    text
}

#[test]
fn joining_where_nobody_listens_says_so_and_keeps_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let url = nowhere();
    let arguments = ["join", "--url", &url, "--token", "atj_secret"];
    let refused = node(&arguments, folder.path());
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("cannot be reached"),
        "{}",
        said(&refused)
    );
    assert!(!said(&refused).contains("atj_secret"), "{}", said(&refused));
    let key = folder.path().join("node.key");
    let mode = fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&key).unwrap();
    node(&arguments, folder.path());
    assert_eq!(fs::read(&key).unwrap(), before);
    assert!(!folder.path().join("node.json").exists());

    let plain = ["join", "--url", "http://192.0.2.1", "--token", "atj_x"];
    let refused = node(&plain, folder.path());
    assert!(
        said(&refused).contains("not encrypted"),
        "{}",
        said(&refused)
    );
}

#[test]
fn the_daemon_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let refused = node(&["run"], folder.path());
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("atelier node join"),
        "{}",
        said(&refused)
    );

    let policy = folder.path().join("node.toml");
    fs::write(&policy, "exec = false\nterminals = false\n").unwrap();
    let policy = policy.to_str().unwrap();
    let refused = node(&["run", "--policy", policy], folder.path());
    assert!(said(&refused).contains("line 2"), "{}", said(&refused));
    let refused = node(&["run", "--policy", "/nowhere.toml"], folder.path());
    assert!(
        said(&refused).contains("/nowhere.toml"),
        "{}",
        said(&refused)
    );
}

#[test]
fn a_daemon_waits_for_its_control_plane_and_ends_when_asked() {
    let folder = joined(&nowhere());
    let mut daemon = Command::new(ATELIER)
        .args(["node", "run", "--data"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(daemon.stderr.take().unwrap()).lines();
    let waits = log.any(|line| line.unwrap().contains("not connected to the control plane"));
    assert!(waits, "it tries and says so");

    let second = node(&["run"], folder.path());
    assert!(
        said(&second).contains("another node uses"),
        "{}",
        said(&second)
    );
    let arguments = ["join", "--url", "https://127.0.0.1:1", "--token", "atj_x"];
    let second = node(&arguments, folder.path());
    assert!(
        said(&second).contains("another node uses"),
        "{}",
        said(&second)
    );
    let leaving = node(&["leave", "--yes"], folder.path());
    assert!(
        said(&leaving).contains("stop it first"),
        "{}",
        said(&leaving)
    );

    let pid = Pid::from_raw(daemon.id().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
    let left = node(&["leave"], folder.path());
    assert!(
        said(&left).contains("--yes"),
        "nobody can be asked: {}",
        said(&left)
    );
    assert!(node(&["leave", "--yes"], folder.path()).status.success());
    assert!(!folder.path().join("node.key").exists());
    assert!(!node(&["leave", "--yes"], folder.path()).status.success());
}

#[test]
fn the_doctor_finds_the_step_that_fails() {
    let folder = joined(&nowhere());
    let found = node(&["doctor", "--output", "json"], folder.path());
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let checks: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    let health = |name: &str| {
        let checks = checks.as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == name);
        check.unwrap_or_else(|| panic!("{checks:?}"))["health"].clone()
    };
    for (name, expected) in [
        ("policy", "good"),
        ("registration", "good"),
        ("key", "good"),
        ("dns", "good"),
        ("tcp", "bad"),
        ("tls", "unknown"),
        ("clock", "unknown"),
    ] {
        assert_eq!(health(name), expected, "{name}: {checks}");
    }

    let key = folder.path().join("node.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let found = node(&["doctor"], folder.path());
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(
        text.contains("✗ key") && text.contains("--new-key"),
        "{text}"
    );
    assert!(text.contains("✗ tcp"), "{text}");
    // Nothing is left behind beside the data folder.
    let beside = format!("{}.doctor-", folder.path().display());
    let parent = folder.path().parent().unwrap();
    let left = fs::read_dir(parent).unwrap().flatten();
    let mut left = left.filter(|entry| entry.path().to_string_lossy().starts_with(&beside));
    assert!(left.next().is_none());
}

#[test]
fn what_answers_without_tls_fails_at_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let mut stream: TcpStream = listener.accept().unwrap().0;
        let mut hello = [0; 16];
        stream.read_exact(&mut hello).unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let found = node(
        &["doctor", "--url", &url, "--output", "json"],
        folder.path(),
    );
    server.join().unwrap();
    let checks: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    let tls = checks
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "tls");
    assert_eq!(tls.unwrap()["health"], "bad", "{checks}");
}
