//! Installing a server, by package managers that are scripts.

use atelier_api::agent::languages::LanguageState;
use http::Method;
use serde_json::json;

use super::support::{Agent, BASH, program};

/// An agent whose path has a package manager that does as `script` says.
async fn with_npm(script: &str) -> Agent {
    let agent = Agent::bare(|config| {
        let bin = config.home.join("bin");
        program(&bin.join("npm"), &format!("#!/bin/sh\n{script}\n"));
        let path = format!("{}:/usr/bin:/bin", bin.display());
        config.env.insert("PATH".to_owned(), path);
    });
    agent.await
}

#[tokio::test]
async fn a_server_is_installed_while_its_viewers_wait() {
    let script = format!(
        r#"test "$1 $2" = "install --prefix" || exit 9
for package; do :; done
echo "npm http fetch GET 200 $package" >&2
mkdir -p "$3/node_modules/.bin"
cat > "$3/node_modules/.bin/bash-language-server" <<'END'
{}
END
chmod +x "$3/node_modules/.bin/bash-language-server"
echo good > "$3/node_modules/.bin/MODE""#,
        include_str!("server.py")
    );
    let agent = with_npm(&script).await;
    let mut viewer = agent.attach().await;
    let asked = viewer
        .request("initialize", json!({ "capabilities": {} }))
        .await;
    let missing = viewer.state(LanguageState::Missing).await;
    assert_eq!(
        missing.installs.as_deref(),
        Some("bash-language-server@5.8.1")
    );
    let (status, _) = agent.send(Method::POST, &format!("{BASH}/install")).await;
    assert_eq!(status, 202);
    assert!(viewer.answer(asked).await["capabilities"].is_object());
    assert!(
        agent
            .log()
            .await
            .contains("GET 200 bash-language-server@5.8.1")
    );
}

#[tokio::test]
async fn an_installation_that_fails_says_why_and_leaves_nothing_in_use() {
    for (script, why) in [
        (
            "echo 'npm error code ENOTFOUND' >&2; exit 1",
            "could not reach its registry",
        ),
        (
            "echo 'npm error no space left' >&2; exit 1",
            "no space left",
        ),
    ] {
        let agent = with_npm(&format!("mkdir -p \"$3/node_modules/.bin\"; cp /bin/true \"$3/node_modules/.bin/bash-language-server\"; {script}")).await;
        let mut viewer = agent.attach().await;
        viewer.state(LanguageState::Missing).await;
        agent.send(Method::POST, &format!("{BASH}/install")).await;
        let failed = viewer
            .wait("the failure", |it| {
                let params = &it["params"];
                params["state"] == "missing"
                    && params["detail"].as_str().is_some_and(|it| it.contains(why))
            })
            .await;
        assert!(
            failed["params"]["command"].as_array().unwrap().is_empty(),
            "{failed}"
        );
    }
}

#[tokio::test]
async fn without_a_package_manager_nothing_is_begun() {
    let agent = Agent::bare(|config| {
        config.env.insert("PATH".to_owned(), "/nowhere".to_owned());
    })
    .await;
    let (status, body) = agent.send(Method::POST, &format!("{BASH}/install")).await;
    assert_eq!(status, 409);
    assert!(body["detail"].as_str().unwrap().contains("npm"), "{body}");
}
