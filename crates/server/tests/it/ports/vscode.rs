//! VS Code on its host: started by who opens it, kept from everybody else.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use atelier_api::Page;
use atelier_api::agent::vscode::{VsCode, VsCodeState};
use atelier_api::v1::audit::AuditEvent;
use atelier_api::v1::vscode::VsCodeOpened;
use atelier_api::v1::workspaces::Workspace;
use atelier_testkit::{TestActor, TestApp, TestRequest, TestResponse, wait_until};
use http::{HeaderName, Method, header};
use serde_json::Value;

use super::{Stage, cookie, echo, sent, talk_at};

/// A page that a person opens.
const NAVIGATION: [(&str, &str); 3] = [
    ("accept", "text/html"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-site", "none"),
];

/// A running workspace whose home has a stand-in for code-server.
struct Code(Stage);

impl Code {
    async fn start() -> Self {
        Self::with(TestApp::builder()).await
    }

    async fn with(builder: atelier_testkit::TestAppBuilder) -> Self {
        let stage = Stage::with(builder, axum::Router::new().fallback(echo)).await;
        let code = Self(stage);
        let bin = code.bin();
        std::fs::create_dir_all(&bin).unwrap();
        let program = bin.join("code-server");
        std::fs::write(&program, include_str!("code_server.py")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        code
    }

    fn bin(&self) -> PathBuf {
        let workspace = format!("workspaces/{}/home", self.0.workspace.id);
        let mut below = std::fs::read_dir(self.0.app.data_dir()).unwrap();
        let home = below.find_map(|entry| {
            let home = entry.unwrap().path().join(&workspace);
            home.exists().then_some(home)
        });
        home.expect("the node keeps it in the data folder")
            .join(".local/bin")
    }

    fn api(&self, rest: &str) -> String {
        format!("/api/v1/workspaces/{}/vscode{rest}", self.0.workspace.id)
    }

    fn host(&self) -> String {
        self.host_of(&self.0.workspace)
    }

    fn host_of(&self, workspace: &Workspace) -> String {
        self.0.host_of(workspace, 1).replacen("1--", "vscode--", 1)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    async fn state(&self) -> VsCodeState {
        let member = self.0.app.member().await;
        let vscode: VsCode = member.get(&self.api("")).send().await.ok();
        vscode.state
    }

    /// A request to a host by whoever has this cookie.
    fn ask(&self, host: &str, method: Method, target: &str, cookie: &str) -> TestRequest {
        let headers = [(header::HOST, host), (header::COOKIE, cookie)];
        let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
        let anonymous = self.0.app.anonymous();
        anonymous.bare_request(method, target, headers.into_iter().collect())
    }

    fn visit(&self, method: Method, target: &str, cookie: &str) -> TestRequest {
        self.ask(&self.host(), method, target, cookie)
    }

    async fn open(&self, actor: &TestActor) -> TestResponse {
        actor.post(&self.api("/open")).send().await
    }

    /// What an entry token is at this host.
    async fn entry(&self) -> String {
        let member = self.0.app.member().await;
        let opened: VsCodeOpened = self.open(&member).await.ok();
        opened.url.strip_prefix(&self.origin()).unwrap().to_owned()
    }

    /// Comes in, and gives the cookie that lets in.
    async fn enter(&self) -> String {
        let target = self.entry().await;
        let entered = self.visit(Method::GET, &target, "").send().await;
        let set = entered.expect_status(303).header(header::SET_COOKIE);
        cookie(set.unwrap())
    }

    async fn navigate(&self, cookie: &str) -> TestResponse {
        with(self.visit(Method::GET, "/?a=b", cookie), &NAVIGATION)
            .send()
            .await
    }

    /// As somebody who opens it sees it in the end.
    async fn shown(&self, cookie: &str) -> TestResponse {
        loop {
            let answer = self.navigate(cookie).await;
            match answer.status.as_u16() {
                // Led on, or told to wait: browsers ask again by themselves.
                303 | 503 => {}
                _ => return answer,
            }
        }
    }

    /// Enters, and starts it.
    async fn begin(&self) -> String {
        let cookie = self.enter().await;
        self.shown(&cookie).await.expect_status(200);
        cookie
    }

    async fn audited(&self, action: &str) -> Vec<AuditEvent> {
        let organization = self.0.workspace.organization_id;
        let path = format!("/api/v1/organizations/{organization}/audit-events");
        let owner = self.0.app.owner().await;
        let events: Page<AuditEvent> = owner.get(&path).send().await.ok();
        let events = events.items.into_iter();
        events.filter(|event| event.action == action).collect()
    }
}

fn with(request: TestRequest, headers: &[(&'static str, &str)]) -> TestRequest {
    headers.iter().fold(request, |request, (name, value)| {
        request.header(HeaderName::from_static(name), value)
    })
}

#[tokio::test]
async fn it_starts_when_it_is_opened_and_not_before() {
    let code = Code::start().await;
    let cookie = code.enter().await;
    // What a page asks for that was left open starts nothing.
    for (dest, mode) in [("empty", "cors"), ("iframe", "navigate")] {
        let headers = [("sec-fetch-dest", dest), ("sec-fetch-mode", mode)];
        let request = with(code.visit(Method::GET, "/", &cookie), &headers);
        request.send().await.expect_status(503);
    }
    assert_eq!(code.state().await, VsCodeState::Stopped);
    assert!(code.audited("vscode_start").await.is_empty());

    let seen = code.shown(&cookie).await;
    let said: Value = seen.ok();
    assert_eq!(said["target"], "/?a=b");
    assert_eq!(sent(&said, "host"), [code.host()]);
    assert_eq!(sent(&said, "cookie"), Vec::<String>::new());
    let policy = seen.header(header::CONTENT_SECURITY_POLICY).unwrap();
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    let shared = HeaderName::from_static("cross-origin-resource-policy");
    assert_eq!(seen.header(shared), Some("same-origin"));

    let started = code.audited("vscode_start").await;
    let member = code.0.app.member().await;
    let [started] = started.as_slice() else {
        panic!("it is written down once: {started:#?}");
    };
    let account = member.account();
    assert_eq!(started.actor, format!("account:{}", account.id));
    assert_eq!(started.actor_name, account.name);
    assert_eq!(code.audited("vscode_open").await.len(), 1);

    let stopped = member.post(&code.api("/stop")).send().await;
    assert_eq!(stopped.ok::<VsCode>().state, VsCodeState::Stopped);
    let gone = code.visit(Method::GET, "/", &cookie).send().await;
    gone.expect_status(503);
}

#[tokio::test]
async fn who_opens_it_waits_at_a_page_that_goes_on_by_itself() {
    let code = Code::start().await;
    let hold = code.bin().join("HOLD");
    std::fs::write(&hold, "").unwrap();
    let cookie = code.enter().await;
    for _ in 0..2 {
        let waits = code.navigate(&cookie).await;
        waits.expect_status(503);
        assert_eq!(waits.header(header::REFRESH), Some("0"));
        assert!(String::from_utf8_lossy(&waits.body).contains("VS Code is starting"));
        assert_eq!(code.state().await, VsCodeState::Starting);
    }
    std::fs::remove_file(&hold).unwrap();
    code.shown(&cookie).await.expect_status(200);
    assert_eq!(code.audited("vscode_start").await.len(), 1);
}

#[tokio::test]
async fn only_who_may_work_in_the_workspace_gets_in() {
    let code = Code::start().await;
    let app = &code.0.app;
    code.open(&app.anonymous()).await.expect_status(401);
    code.open(&app.outsider().await).await.expect_status(404);
    code.open(&app.viewer().await).await.expect_status(403);
    // Nor on the way that a bookmark goes.
    let request = with(code.visit(Method::GET, "/", ""), &NAVIGATION);
    let to = request.send().await;
    let to = to.expect_status(303).header(header::LOCATION).unwrap();
    let path = to.strip_prefix(&app.url()).expect("to the platform");
    let ask = async |actor: TestActor| actor.get(path).send().await;
    ask(app.outsider().await).await.expect_status(404);
    ask(app.viewer().await).await.expect_status(403);
    let let_in = ask(app.member().await).await;
    let to = let_in.expect_status(303).header(header::LOCATION).unwrap();
    assert!(to.starts_with(&code.origin()), "{to}");

    let nobody = code.visit(Method::GET, "/", "").send().await;
    nobody.expect_status(401);
    assert_eq!(code.state().await, VsCodeState::Stopped);
}

#[tokio::test]
async fn a_token_opens_no_other_workspaces_and_no_ports() {
    let code = Code::start().await;
    let member = code.0.app.member().await;
    let other = super::running(&code.0.app, &member, "other").await;
    let (other, port) = (code.host_of(&other), code.0.host());
    let (entry, cookie) = (code.entry().await, code.enter().await);
    for host in [&other, &port] {
        let entered = code.ask(host, Method::GET, &entry, "").send().await;
        entered.expect_status(403);
        let session = code.ask(host, Method::GET, "/", &cookie).send().await;
        session.expect_status(401);
    }
    // Nor does a port's open it.
    let session = code.0.enter(&member).await;
    let visit = code.visit(Method::GET, "/", &session).send().await;
    visit.expect_status(401);
}

/// Browsers take everything below the domain for one site, and send the cookie along.
#[tokio::test]
async fn only_its_own_pages_ask_it() {
    let code = Code::start().await;
    let cookie = code.begin().await;
    let sibling = code.0.origin();
    let post = async |origin: &str| {
        let request = code.visit(Method::POST, "/", &cookie);
        request.header(header::ORIGIN, origin).send().await
    };
    post(&code.origin()).await.expect_status(200);
    for foreign in [
        sibling.as_str(),
        &code.0.app.url(),
        "null",
        "https://evil.example",
    ] {
        post(foreign).await.expect_status(403);
    }
    for (site, dest, status) in [
        ("same-origin", "script", 200),
        ("same-site", "script", 403),
        ("cross-site", "image", 403),
        ("same-site", "iframe", 403),
        ("cross-site", "document", 200),
    ] {
        let headers = [("sec-fetch-site", site), ("sec-fetch-dest", dest)];
        let request = with(code.visit(Method::GET, "/secret.js", &cookie), &headers);
        request.send().await.expect_status(status);
    }

    let talk = async |origin: &str| talk_at(&code.0, &code.host(), origin, Some(&cookie)).await;
    talk(&code.origin()).await.expect("its own page");
    assert!(talk(&sibling).await.is_err());
}

#[tokio::test]
async fn who_has_signed_out_is_out_within_a_minute() {
    let code = Code::with(TestApp::builder().manual_clock()).await;
    let cookie = code.begin().await;
    let member = code.0.app.member().await;
    let signed_out = member.delete("/api/v1/session").send().await;
    signed_out.expect_status(204);
    code.0.app.advance_ms(60_000);
    let out = code.visit(Method::GET, "/", &cookie).send().await;
    out.expect_status(401);
}

#[tokio::test]
async fn without_host_names_it_says_what_is_missing() {
    let builder = TestApp::builder().config(|config| config.previews.apps_domain.clear());
    let code = Code::with(builder).await;
    let refused = code.open(&code.0.app.member().await).await;
    refused.expect_status(409);
    let words = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(words.contains("previews.apps_domain"), "{words}");
}

#[tokio::test]
async fn one_that_does_not_start_says_why_to_who_opens_it() {
    let code = Code::start().await;
    std::fs::write(
        code.bin().join("code-server"),
        "#!/bin/sh\necho alas; exit 3",
    )
    .unwrap();
    let cookie = code.enter().await;
    let answer = code.shown(&cookie).await;
    answer.expect_status(502);
    let words = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(
        words.contains("alas") && words.contains("Open the workspace"),
        "{words}"
    );
    wait_until("it has failed", || async {
        code.state().await == VsCodeState::Failed
    })
    .await;
}
