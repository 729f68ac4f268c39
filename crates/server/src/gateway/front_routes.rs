//! Who a request is for: the platform or an application.

use axum::Router;
use axum::extract::Request;
use futures_util::FutureExt as _;
use http::StatusCode;
use tower::Service;

use super::address::{self, Named};
use super::app_routes::{authority, said};
use super::page::Page;
use super::{entry_routes, host_routes, path_routes};
use crate::app::App;
use crate::http::{Answering, Applications};
use crate::nodes;

/// Before everything else: what comes to an application's host never reaches the platform, and is spared its
/// layers.
#[derive(Clone)]
pub(crate) struct Front {
    app: App,
    platform: Router,
}

impl Front {
    /// In front of the platform's routes.
    pub(crate) fn new(app: &App, platform: Router) -> Self {
        Self {
            app: app.clone(),
            platform,
        }
    }
}

impl Applications for Front {
    fn have(&self, host: &str) -> bool {
        address::is_of_applications(&self.app, address::host_of(host))
    }

    fn answer(&self, mut request: Request) -> Answering {
        let app = self.app.clone();
        match named(&app, &request) {
            Named::Application(place, organization) => {
                Box::pin(host_routes::serve(app, place, organization, request).map(Ok))
            }
            Named::Nothing => {
                let page = Page::new(
                    StatusCode::NOT_FOUND,
                    "No application here",
                    "This address is not one of an application. Open the port from its workspace.",
                );
                Box::pin(std::future::ready(Ok(said(page, request.headers()))))
            }
            Named::Platform => match request.uri().path() {
                entry_routes::AUTHORIZE => {
                    Box::pin(entry_routes::authorize(app, request.into_parts().0).map(Ok))
                }
                entry_routes::ENTER => {
                    Box::pin(entry_routes::enter_by_path(app, request.into_parts().0).map(Ok))
                }
                nodes::TUNNEL_PATH => match nodes::take_connection(&app, &mut request) {
                    Some(taken) => Box::pin(std::future::ready(Ok(taken))),
                    None => Box::pin(self.platform.clone().call(request)),
                },
                path if path.starts_with(path_routes::BELOW) => {
                    Box::pin(path_routes::serve(app, request).map(Ok))
                }
                _ => Box::pin(self.platform.clone().call(request)),
            },
        }
    }
}

fn named(app: &App, request: &Request) -> Named {
    // Every request of the platform passes here: the cheap look first.
    let host = authority(request.uri(), request.headers()).map(address::host_of);
    match (host, &app.gateway().domain) {
        (Some(host), Some(domain)) if address::is_of_applications(app, host) => domain.named(host),
        _ => Named::Platform,
    }
}
