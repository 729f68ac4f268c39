use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use atelier_api::ErrorCode;
use atelier_api::agent::files::{FileEntry, FileKind};
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use rustix::io::{ReadWriteFlags, preadv2, pwritev2};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Agent, SmallDisk, until};

/// A body that comes in pieces of so many bytes.
fn in_pieces(bytes: &[u8], length: usize) -> Body {
    let pieces: Vec<io::Result<Bytes>> = bytes
        .chunks(length)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    Body::from_stream(stream::iter(pieces))
}

#[tokio::test]
async fn a_write_says_what_it_replaces() {
    let agent = Agent::new();
    let request = http::Request::put("/v1/files/content?path=a").body(Body::from("x"));
    agent
        .send(request.unwrap())
        .await
        .problem(ErrorCode::PreconditionRequired);
    assert_eq!(agent.names(""), [""; 0]);

    let created = agent.put("a", ("if-none-match", "*"), "one").await;
    let entry: FileEntry = created.json();
    assert_eq!(created.header("etag"), entry.etag.clone().unwrap());
    assert_eq!((entry.size, &*entry.path), (3, "a"));
    assert_eq!(agent.stat("a").await, entry);
    let first = entry.etag.unwrap();

    // It exists now.
    let problem = agent
        .put("a", ("if-none-match", "*"), "two")
        .await
        .problem(ErrorCode::Stale);
    assert_eq!(problem.etag.as_deref(), Some(&*first));

    let second: FileEntry = agent.put("a", ("if-match", &first), "two").await.json();
    assert_ne!(second.etag.as_deref(), Some(&*first));
    // Changed since the first version was read.
    let reply = agent.put("a", ("if-match", &first), "three").await;
    let problem = reply.problem(ErrorCode::Stale);
    assert_eq!(problem.etag, second.etag);
    assert_eq!(reply.header("etag"), second.etag.clone().unwrap());
    assert_eq!(fs::read(agent.path("a")).unwrap(), b"two");

    // Changed by a program.
    fs::write(agent.path("a"), "too").unwrap();
    agent
        .put("a", ("if-match", second.etag.as_deref().unwrap()), "x")
        .await
        .problem(ErrorCode::Stale);
    let any: FileEntry = agent.put("a", ("if-match", "*"), "whatever").await.json();
    assert_eq!(any.size, 8);

    // Deleted meanwhile.
    fs::remove_file(agent.path("a")).unwrap();
    let tag = any.etag.unwrap();
    let problem = agent
        .put("a", ("if-match", &tag), "x")
        .await
        .problem(ErrorCode::Stale);
    assert_eq!(problem.etag, None);
    assert_eq!(agent.put("a", ("if-match", "*"), "new").await.status, 200);
    until("no temporary file is left", || agent.names("") == ["a"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_of_one_version_one_wins() {
    let agent = Agent::new();
    agent.file("a", "zero");
    let etag = agent.stat("a").await.etag.unwrap();
    let writes = (0..16).map(|n| agent.put("a", ("if-match", &etag), format!("writer {n}")));
    let replies = futures_util::future::join_all(writes).await;
    let won: Vec<usize> = (0..16).filter(|n| replies[*n].status == 200).collect();
    assert_eq!(won.len(), 1, "{won:?}");
    assert_eq!(
        fs::read_to_string(agent.path("a")).unwrap(),
        format!("writer {}", won[0])
    );
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        reply.problem(ErrorCode::Stale);
    }

    let creates = (0..16).map(|n| agent.put("b", ("if-none-match", "*"), format!("{n}")));
    let replies = futures_util::future::join_all(creates).await;
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 200).count(),
        1
    );
    until("no temporary file is left", || {
        agent.names("") == ["a", "b"]
    })
    .await;
}

#[tokio::test]
async fn mode_and_owner_stay() {
    let agent = Agent::new();
    let path = agent.file("run.sh", "old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
    let is_root = rustix::process::getuid().is_root();
    if is_root {
        std::os::unix::fs::chown(&path, Some(1234), Some(2345)).unwrap();
    }
    let entry: FileEntry = agent.put("run.sh", ("if-match", "*"), "new").await.json();
    assert_eq!(entry.mode, 0o751);
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o751);
    if is_root {
        assert_eq!((metadata.uid(), metadata.gid()), (1234, 2345));
    }
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[tokio::test]
async fn a_link_is_written_through() {
    let agent = Agent::new();
    agent.file("etc/real.conf", "old");
    symlink("etc", agent.path("dir")).unwrap();
    symlink("dir/../etc/real.conf", agent.path("link")).unwrap();
    symlink("link", agent.path("second")).unwrap();
    symlink("etc/new.conf", agent.path("dangling")).unwrap();
    symlink("loop", agent.path("loop")).unwrap();

    let written: FileEntry = agent.put("second", ("if-match", "*"), "new").await.json();
    assert_eq!(written.kind, FileKind::Symlink);
    assert_eq!(written.etag, agent.stat("etc/real.conf").await.etag);
    assert_eq!(fs::read(agent.path("etc/real.conf")).unwrap(), b"new");
    assert!(agent.path("link").is_symlink() && agent.path("second").is_symlink());
    assert_eq!(
        agent
            .put("dangling", ("if-none-match", "*"), "made")
            .await
            .status,
        200
    );
    assert_eq!(fs::read(agent.path("etc/new.conf")).unwrap(), b"made");
    let reply = agent.put("loop", ("if-match", "*"), "x").await;
    reply.problem(ErrorCode::Conflict);
    // The version is the target's, as in a read.
    let etag = agent
        .get("/v1/files/content?path=link")
        .await
        .header("etag")
        .to_owned();
    assert_eq!(
        agent.put("link", ("if-match", &etag), "newer").await.status,
        200
    );
    assert_eq!(agent.names("etc"), ["new.conf", "real.conf"]);
}

#[tokio::test]
async fn what_is_not_a_file_is_not_written() {
    let agent = Agent::new();
    agent.file("dir/file", "");
    symlink("dir", agent.path("to-dir")).unwrap();
    for path in ["dir", "to-dir", "dir/file/below"] {
        let reply = agent.put(path, ("if-match", "*"), "x").await;
        reply.problem(ErrorCode::Conflict);
    }
    agent
        .put("", ("if-match", "*"), "x")
        .await
        .problem(ErrorCode::Invalid);
    agent
        .put("missing/a", ("if-match", "*"), "x")
        .await
        .problem(ErrorCode::NotFound);
    agent
        .put(&"n".repeat(300), ("if-match", "*"), "x")
        .await
        .problem(ErrorCode::Invalid);
    assert_eq!(agent.names("dir"), ["file"]);
}

#[tokio::test]
async fn binary_content_and_large_bodies_arrive_unchanged() {
    let agent = Agent::new();
    let bytes: Vec<u8> = (0..3_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let body = in_pieces(&bytes, 70_001);
    let entry: FileEntry = agent.put("bin", ("if-none-match", "*"), body).await.json();
    assert_eq!(entry.size, 3_000_000);
    assert!(fs::read(agent.path("bin")).unwrap() == bytes);
}

#[tokio::test]
async fn of_a_large_file_only_the_beginning_stays_in_memory() {
    const MIB: u64 = 1 << 20;
    let agent = Agent::new();
    let bytes: Vec<u8> = (0..40 * MIB).map(|n| (n / 4099 % 251) as u8).collect();
    let body = in_pieces(&bytes, 300_001);
    let entry: FileEntry = agent.put("data", ("if-none-match", "*"), body).await.json();
    assert_eq!(entry.size, 40 * MIB);

    let dont_cache = ReadWriteFlags::from_bits_retain(libc::RWF_DONTCACHE.cast_unsigned());
    let scratch = tempfile::tempfile_in(agent.path("")).unwrap();
    let can = pwritev2(&scratch, &[io::IoSlice::new(b"x")], 0, dont_cache).is_ok();
    let file = fs::File::open(agent.path("data")).unwrap();
    let is_cached = |offset| {
        let mut byte = [0];
        let mut slices = [io::IoSliceMut::new(&mut byte)];
        preadv2(&file, &mut slices, offset, ReadWriteFlags::NOWAIT).is_ok()
    };
    assert!(is_cached(0));
    // Older kernels and some file systems keep all of it.
    until("the rest has left", || is_cached(30 * MIB) != can).await;
    assert!(fs::read(agent.path("data")).unwrap() == bytes);
}

#[tokio::test]
async fn an_upload_that_fails_half_way_changes_nothing() {
    let agent = Agent::new();
    agent.file("a", "old");
    let part = || Ok(Bytes::from(vec![1; 1 << 20]));
    let broken = stream::iter([part(), part(), Err(io::Error::other("cut"))]);
    let reply = agent
        .put("a", ("if-match", "*"), Body::from_stream(broken))
        .await;
    reply.problem(ErrorCode::Malformed);
    assert_eq!(fs::read(agent.path("a")).unwrap(), b"old");
    until("the temporary file is gone", || agent.names("") == ["a"]).await;
}

#[tokio::test]
async fn a_client_that_goes_away_half_way_leaves_no_partial_file() {
    let agent = Agent::new();
    agent.file("old", "old");
    let address = agent.serve();
    for name in ["old", "new"] {
        let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
        // Two gigabytes are announced.
        let head = format!(
            "PUT /v1/files/content?path={name} HTTP/1.1\r\nHost: agent\r\nIf-Match: *\r\n\
             Content-Length: 2147483648\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..64 {
            connection.write_all(&vec![7; 64 * 1024]).await.unwrap();
        }
        until("the upload is under way", || {
            agent
                .names("")
                .iter()
                .any(|name| name.starts_with(".atelier-tmp-"))
        })
        .await;
        // What is being written is in no list.
        assert_eq!(agent.list("").await.total, 1);
        drop(connection);
        until("the partial file is gone", || agent.names("") == ["old"]).await;
    }
    assert_eq!(fs::read(agent.path("old")).unwrap(), b"old");
}

#[tokio::test]
async fn a_read_only_file_or_directory_says_so() {
    let agent = Agent::new();
    if rustix::process::getuid().is_root() {
        return; // Root may write everything; `a_full_or_read_only_disk…` covers the rest.
    }
    let file = agent.file("dir/file", "old");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    agent
        .put("dir/file", ("if-match", "*"), "x")
        .await
        .problem(ErrorCode::Forbidden);
    fs::set_permissions(agent.path("dir"), fs::Permissions::from_mode(0o555)).unwrap();
    agent
        .put("dir/new", ("if-match", "*"), "x")
        .await
        .problem(ErrorCode::Forbidden);
}

#[tokio::test]
async fn a_full_or_read_only_disk_keeps_the_old_content() {
    let agent = Agent::new();
    let Some(disk) = SmallDisk::mount(agent.path("disk")) else {
        assert!(!rustix::process::getuid().is_root(), "root can mount");
        println!("not root: no small disk to fill");
        return;
    };
    fs::write(disk.0.join("a"), "old").unwrap();
    for body in [vec![1; 400 << 10], vec![1; 3 << 20]] {
        let fill = vec![2; 700 << 10];
        fs::write(disk.0.join("fill"), fill).unwrap();
        let reply = agent.put("disk/a", ("if-match", "*"), body).await;
        let problem = reply.problem(ErrorCode::OutOfSpace);
        assert!(problem.detail.contains("space"), "{problem:?}");
        assert_eq!(fs::read(disk.0.join("a")).unwrap(), b"old");
        until("the temporary file is gone", || {
            agent.names("disk") == ["a", "fill"]
        })
        .await;
    }
    let copy = serde_json::json!({ "from": "disk/fill", "to": "disk/more" });
    agent
        .json(http::Method::POST, "/v1/files/copy", copy)
        .await
        .problem(ErrorCode::OutOfSpace);
    until("the temporary file is gone", || {
        agent.names("disk") == ["a", "fill"]
    })
    .await;

    // A file loses its name before it is closed.
    until("nothing there is open for writing", || {
        rustix::mount::mount_remount(&disk.0, rustix::mount::MountFlags::RDONLY, "").is_ok()
    })
    .await;
    let reply = agent.put("disk/a", ("if-match", "*"), "new").await;
    let problem = reply.problem(ErrorCode::Forbidden);
    assert!(problem.detail.contains("read only"), "{problem:?}");
    agent
        .delete("/v1/files?path=disk/a")
        .await
        .problem(ErrorCode::Forbidden);
}
