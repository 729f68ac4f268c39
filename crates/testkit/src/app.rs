//! A control plane for one test.

use std::future::Future;
use std::path::Path;

use atelier_api::Timestamp;
use atelier_api::ids::OrganizationId;
use atelier_api::v1::identity::TokenCreated;
use atelier_api::v1::organizations::Role;
use atelier_db::{Db, DbOptions, Durability};
use atelier_node::Launcher;
use atelier_server::app::App;
use atelier_server::ctx::Clock;
use atelier_server::{Config, ServerOptions, StartError, identity, jobs};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::actor::{PASSWORD, TestActor};
use crate::database::TestDb;
use crate::running::Running;

/// Where manual clocks begin: 2026-01-01T00:00:00Z.
const EPOCH: Timestamp = Timestamp(1_767_225_600_000);

/// A control plane with a fresh data folder and database, on a free port of 127.0.0.1. Dropped, it
/// is shut down.
#[derive(Debug)]
pub struct TestApp {
    people: People,
    anonymous: TestActor,
    running: Running,
    builder: TestAppBuilder,
    // Last: fields drop in order, and the server must end before what it stands on.
    database: Option<TestDb>,
    folder: TempDir,
}

#[derive(Debug, Default)]
struct People {
    owner: OnceCell<TestActor>,
    admin: OnceCell<TestActor>,
    member: OnceCell<TestActor>,
    viewer: OnceCell<TestActor>,
    outsider: OnceCell<TestActor>,
}

/// How a [`TestApp`] is to be.
#[derive(Debug, Clone)]
pub struct TestAppBuilder {
    config: Config,
    clock: Clock,
    launcher: Option<Launcher>,
}

impl TestAppBuilder {
    /// With a clock that stands still until the test moves it.
    #[must_use]
    pub fn manual_clock(mut self) -> Self {
        self.clock = Clock::manual(EPOCH);
        self
    }

    /// With a real node, whose agents run in this process.
    #[must_use]
    pub fn with_node(self) -> Self {
        self.launcher(Launcher::InProcess)
    }

    /// With a real node that starts workspaces in this way.
    #[must_use]
    pub fn launcher(mut self, launcher: Launcher) -> Self {
        self.launcher = Some(launcher);
        self
    }

    /// With a changed configuration; data folder, port and database are set afterwards.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(self) -> TestApp {
        let folder = tempfile::Builder::new()
            .prefix("atelier-test-")
            .tempdir()
            .expect("a temporary folder can be made");
        let database = if TestDb::is_postgres() {
            Some(TestDb::new().await)
        } else {
            None
        };
        let options = self.options(folder.path(), database.as_ref());
        let running = Running::start(options).await.expect("the server starts");
        TestApp {
            people: People::default(),
            anonymous: TestActor::anonymous(&base(&running)),
            running,
            builder: self,
            database,
            folder,
        }
    }

    fn options(&self, folder: &Path, database: Option<&TestDb>) -> ServerOptions {
        let mut config = self.config.clone();
        folder.clone_into(&mut config.data.dir);
        config.listen.port = 0;
        if let Some(DbOptions::Postgres { url, .. }) = database.map(TestDb::options) {
            config.database.url = Some(url.clone());
            config.database.connections_max = 8;
        }
        ServerOptions {
            config,
            clock: self.clock.clone(),
            launcher: self.launcher.clone(),
        }
    }
}

fn base(running: &Running) -> String {
    format!("http://{}", running.started.address)
}

impl TestApp {
    /// One without a node, on the machine's clock: for what needs no workspace to run.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Begins to build one.
    pub fn builder() -> TestAppBuilder {
        let mut config = Config::default();
        // Tests count who calls their nodes: those of telemetry switch its collecting on.
        config.telemetry.enabled = false;
        TestAppBuilder {
            config,
            clock: Clock::system(),
            launcher: None,
        }
    }

    /// What the server's process shares.
    pub fn app(&self) -> &App {
        &self.running.started.app
    }

    /// Calls into the server's process, on its own runtime.
    ///
    /// # Panics
    /// When the call does.
    pub async fn inside<T, F>(&self, call: impl FnOnce(App) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let call = call(self.app().clone());
        let called = self.running.started.runtime.spawn(call).await;
        called.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Waits until no job runs or is due.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn settle(&self) {
        let settled = self.inside(|app| async move { jobs::settle(&app).await });
        settled.await.expect("the jobs can be asked for");
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        base(&self.running)
    }

    /// The server's database once more, to put into it what no API makes in such numbers.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn database(&self) -> Db {
        let options = match &self.database {
            Some(database) => database.options().clone(),
            None => DbOptions::Sqlite {
                path: self.folder.path().join("atelier.db"),
                durability: Durability::Normal,
            },
        };
        Db::open(&options).await.expect("the database opens again")
    }

    /// The data folder.
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Moves the manual clock.
    pub fn advance_ms(&self, ms: i64) {
        self.builder.clock.advance(ms);
    }

    /// The set-up token that this start has printed; absent once the set-up was completed before.
    pub fn setup_token(&self) -> Option<&str> {
        let link = self.running.started.setup_link.as_deref()?;
        link.split_once("#token=").map(|(_, token)| token)
    }

    /// Shuts the server down and starts it again on the same data, on another port. Actors from
    /// before keep their credentials with [`TestApp::again`].
    ///
    /// # Errors
    /// [`StartError`] when it does not start again.
    pub async fn restart(&mut self) -> Result<(), StartError> {
        self.running.stop();
        let options = self
            .builder
            .options(self.folder.path(), self.database.as_ref());
        self.running = Running::start(options).await?;
        self.anonymous = TestActor::anonymous(&base(&self.running));
        Ok(())
    }

    /// An actor from before a restart, at the new port.
    #[must_use]
    pub fn again(&self, actor: &TestActor) -> TestActor {
        actor.at(&self.url())
    }

    /// Nobody that the server knows.
    pub fn anonymous(&self) -> TestActor {
        self.anonymous.clone()
    }

    /// The owner of the organization: whoever completed the set-up. The first call does.
    pub async fn owner(&self) -> TestActor {
        let owner = self.people.owner.get_or_init(|| async {
            let body = json!({
                "token": self.setup_token().expect("the set-up was not completed before"),
                "email": "owner@example.org",
                "name": "Olivia Owner",
                "password": PASSWORD,
            });
            let setup = self.anonymous.post("/api/v1/setup").json(&body);
            self.anonymous.signed_in(&setup.send().await)
        });
        owner.await.clone()
    }

    /// The owner's organization.
    pub async fn organization(&self) -> OrganizationId {
        self.owner().await.account().memberships[0].organization_id
    }

    /// An admin of the organization.
    pub async fn admin(&self) -> TestActor {
        self.person(&self.people.admin, Role::Admin, "admin").await
    }

    /// A member of the organization.
    pub async fn member(&self) -> TestActor {
        self.person(&self.people.member, Role::Member, "member")
            .await
    }

    /// A viewer of the organization.
    pub async fn viewer(&self) -> TestActor {
        self.person(&self.people.viewer, Role::Viewer, "viewer")
            .await
    }

    /// The owner of another organization on the same server.
    pub async fn outsider(&self) -> TestActor {
        let outsider = self.people.outsider.get_or_init(|| async {
            let email = "outsider@example.org";
            let founded = self.inside(move |app| async move {
                identity::found_organization(&app, "Elsewhere", email, PASSWORD).await
            });
            founded
                .await
                .expect("the other organization can be founded");
            self.anonymous.sign_in(email).await
        });
        outsider.await.clone()
    }

    /// Adds one more person to the organization, and signs them in.
    pub async fn add_member(&self, role: Role, handle: &str) -> TestActor {
        let email = format!("{handle}@example.org");
        let body = json!({
            "email": email,
            "name": format!("Person {handle}"),
            "role": role,
            "password": PASSWORD,
        });
        let path = format!(
            "/api/v1/organizations/{}/members",
            self.organization().await
        );
        let added = self.owner().await.post(&path).json(&body).send().await;
        added.expect_status(201);
        self.anonymous.sign_in(&email).await
    }

    /// The same person, with a new personal access token.
    pub async fn token_of(&self, actor: &TestActor) -> TestActor {
        let body = json!({ "name": "test", "expires_in_days": 30 });
        let created = actor.post("/api/v1/me/tokens").json(&body).send().await;
        let created: TokenCreated = created.ok();
        actor.with_token(&created.secret)
    }

    async fn person(&self, cell: &OnceCell<TestActor>, role: Role, handle: &str) -> TestActor {
        cell.get_or_init(|| self.add_member(role, handle))
            .await
            .clone()
    }
}

impl Drop for TestApp {
    /// A test must not leave jobs that never end: they get a while to, then it fails.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.running.expect_settled();
        }
    }
}
