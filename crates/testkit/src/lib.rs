//! What tests share: a real control plane with typed actors, fresh databases, and waiting on
//! conditions.
//!
//! ```no_run
//! # async fn story() {
//! use atelier_testkit::TestApp;
//!
//! let app = TestApp::start().await;
//! let owner = app.owner().await;
//! let account: atelier_api::v1::identity::Account = owner.get("/api/v1/me").send().await.ok();
//! # }
//! ```
//!
//! Nothing here is a fake: the server is the product's own, with its real router, on a real port,
//! on SQLite or PostgreSQL as the run says; people sign in over the API.

mod actor;
mod app;
mod database;
pub mod git_server;
pub mod network;
mod request;
mod running;
pub mod ssh_server;
mod wait;

pub use actor::{PASSWORD, TestActor, WebSocket};
pub use app::{TestApp, TestAppBuilder};
pub use database::{DATABASE_URL_VARIABLE, TestDb};
pub use request::{TestRequest, TestResponse};
pub use wait::{wait_for, wait_until};
