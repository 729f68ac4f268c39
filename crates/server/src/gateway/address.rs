//! Addresses of applications: `{application}--{workspace}--{organization}.{apps domain}`, where the
//! application is a port's number or `vscode`.
//!
//! Workspace and organization are named by their ids without prefix, 26 characters each, so that the name
//! is unambiguous, fits into the 63 characters of a label, and is an origin that nobody else ever gets: a
//! workspace's name may be given to another one, with all that browsers keep for it.

use std::net::IpAddr;

use atelier_api::ids::{OrganizationId, WorkspaceId};
use http::uri::Authority;

use super::memo::Memo;
use super::token::Place;
use crate::app::App;

/// The domain below which applications have their names.
#[derive(Debug)]
pub(super) struct Domain {
    name: String,
    read: Memo<(Place, OrganizationId)>,
}

/// What a host name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// An application.
    Application(Place, OrganizationId),
    /// Something below the applications' domain that is none.
    Nothing,
    /// The platform.
    Platform,
}

impl Domain {
    pub(super) fn new(text: &str) -> Option<Self> {
        let domain = text.trim().trim_matches('.').to_ascii_lowercase();
        (!domain.is_empty()).then(|| Self {
            name: domain,
            read: Memo::default(),
        })
    }

    /// What a request's host names.
    pub(super) fn named(&self, host: &str) -> Named {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let Some(label) = host
            .strip_suffix(&self.name)
            .and_then(|rest| rest.strip_suffix('.'))
        else {
            return Named::Platform;
        };
        match self.read.get_or(label, || label_of(label)) {
            Some((place, organization)) => Named::Application(place, organization),
            None => Named::Nothing,
        }
    }

    /// Whether a host lies below it.
    pub(super) fn covers(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
        let above = host.len().checked_sub(self.name.len());
        above
            .and_then(|above| host.split_at_checked(above))
            .is_some_and(|(label, domain)| {
                label.ends_with(b".") && domain.eq_ignore_ascii_case(self.name.as_bytes())
            })
    }

    fn host(&self, place: Place, organization: OrganizationId) -> String {
        let workspace = bare(&place.workspace);
        let organization = bare(&organization);
        format!(
            "{}--{workspace}--{organization}.{}",
            place.application, self.name
        )
    }

    /// Whether names below it lead to a platform that is opened under this host.
    fn leads_to(&self, platform: &str) -> bool {
        self.name != "localhost" || is_this_machine(platform)
    }
}

/// `host:port` → host.
pub(super) fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// An id without its prefix.
fn bare(id: &impl ToString) -> String {
    let id = id.to_string();
    let (_, bare) = id.split_once('_').unwrap_or(("", &id));
    bare.to_owned()
}

fn label_of(label: &str) -> Option<(Place, OrganizationId)> {
    let mut parts = label.split("--");
    let application = parts.next()?;
    let workspace = parts.next()?;
    let organization = parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    let application = application.parse().ok()?;
    let workspace = format!("{}_{workspace}", WorkspaceId::PREFIX)
        .parse()
        .ok()?;
    let organization = format!("{}_{organization}", OrganizationId::PREFIX)
        .parse()
        .ok()?;
    let place = Place {
        workspace,
        application,
    };
    Some((place, organization))
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The platform's own origin, as whoever sent a request to `authority` must see it.
pub(super) fn platform(app: &App, authority: Option<&str>) -> String {
    let listen = &app.config().listen;
    if let Some(url) = &listen.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let authority = authority.and_then(|text| text.parse::<Authority>().ok());
    match authority {
        Some(authority) => {
            let of_application =
                app.gateway().domain.as_ref().is_some_and(|domain| {
                    !matches!(domain.named(authority.host()), Named::Platform)
                });
            if of_application {
                let port = authority.port_u16().unwrap_or(80);
                format!("http://{}:{port}", loopback(listen.address))
            } else {
                format!("http://{authority}")
            }
        }
        None => format!("http://{}:{}", loopback(listen.address), listen.port),
    }
}

/// The name under which the start's message has it.
fn loopback(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) if !ip.is_unspecified() => ip.to_string(),
        IpAddr::V6(ip) if !ip.is_unspecified() => format!("[{ip}]"),
        _ => "127.0.0.1".to_owned(),
    }
}

/// The origin of an application, for a platform of this origin; none where names do not lead here.
pub(super) fn origin(
    app: &App,
    platform: &str,
    place: Place,
    organization: OrganizationId,
) -> Option<String> {
    let domain = app.gateway().domain.as_ref()?;
    let (scheme, authority) = platform.split_once("://")?;
    let authority: Authority = authority.parse().ok()?;
    if !domain.leads_to(authority.host()) {
        return None;
    }
    let host = domain.host(place, organization);
    Some(match authority.port_u16() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// By what browsers reach applications.
pub(super) fn scheme(app: &App) -> &'static str {
    if app.config().is_https() {
        "https"
    } else {
        "http"
    }
}

/// Whether what comes to this host (without a port) is for an application.
pub(super) fn is_of_applications(app: &App, host: &str) -> bool {
    let domain = app.gateway().domain.as_ref();
    domain.is_some_and(|domain| domain.covers(host)) && !is_platform(app, host)
}

/// Whether it is the platform's own host, though it may lie below the applications' domain.
fn is_platform(app: &App, host: &str) -> bool {
    let url = app.config().listen.public_url.as_deref();
    let authority = url
        .and_then(|url| url.split_once("://"))
        .map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    authority
        .and_then(|text| text.parse::<Authority>().ok())
        .is_some_and(|authority| authority.host().eq_ignore_ascii_case(host))
}

/// Whether browsers take an application's origin for trustworthy, so that `Secure` cookies work there.
pub(super) fn is_trustworthy(app: &App) -> bool {
    let localhost =
        app.gateway().domain.as_ref().is_some_and(|domain| {
            domain.name == "localhost" || domain.name.ends_with(".localhost")
        });
    localhost || app.config().is_https()
}

pub(super) fn frame_sources(app: &App) -> String {
    let Some(domain) = &app.gateway().domain else {
        return "'self'".to_owned();
    };
    format!("'self' {}://*.{}:*", scheme(app), domain.name)
}

#[cfg(test)]
mod tests {
    use atelier_api::node::Application;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn place() -> (Place, OrganizationId) {
        let place = Place {
            workspace: WorkspaceId::from_uuid(Uuid::from_u128(u128::MAX)),
            application: Application::Port(65535),
        };
        (place, OrganizationId::from_uuid(Uuid::from_u128(5)))
    }

    #[test]
    fn a_host_name_is_read_as_it_was_written_and_fits() {
        let domain = Domain::new("Apps.Example.").unwrap();
        let (place, organization) = place();
        let host = domain.host(place, organization);
        assert!(host.split('.').next().unwrap().len() <= 63, "{host}");
        let named = Named::Application(place, organization);
        assert_eq!(domain.named(&host), named);
        assert_eq!(domain.named(&host.to_uppercase()), named);
        assert_eq!(domain.named(&format!("{host}.")), named);
        let vscode = Place::vscode(place.workspace);
        let host = domain.host(vscode, organization);
        assert!(host.starts_with("vscode--"), "{host}");
        assert!(host.split('.').next().unwrap().len() <= 63, "{host}");
        let named = Named::Application(vscode, organization);
        assert_eq!(domain.named(&host), named);
    }

    #[test]
    fn what_is_none_is_never_the_platform() {
        let domain = Domain::new("localhost").unwrap();
        let (place, organization) = place();
        let good = domain.host(place, organization);
        for bad in [
            "a.localhost",
            ".localhost",
            &good.replace("65535", "065535"),
            &good.replace("65535", "65536"),
            &good.replace("65535", "+5535"),
            &format!("x.{good}"),
            &good.replace(".localhost", "--x.localhost"),
            &good.replace("--", "-"),
        ] {
            assert_eq!(domain.named(bad), Named::Nothing, "{bad}");
        }
        assert!(domain.covers(&good.to_uppercase()) && domain.covers("x.localhost."));
        assert!(!domain.covers("localhost") && !domain.covers("xlocalhost"));
        assert_eq!(host_of("a.localhost:80"), "a.localhost");
        assert_eq!(host_of("[::1]"), "[::1]");
        for platform in [
            "localhost",
            "127.0.0.1",
            "xlocalhost",
            "atelier.example",
            "",
        ] {
            assert_eq!(domain.named(platform), Named::Platform, "{platform}");
        }
        assert!(Domain::new("").is_none());
    }

    #[test]
    fn localhost_leads_to_this_machine_only() {
        let domain = Domain::new("localhost").unwrap();
        for here in ["localhost", "127.0.0.1", "[::1]", "127.1.2.3"] {
            assert!(domain.leads_to(here), "{here}");
        }
        assert!(!domain.leads_to("10.0.0.7"));
        assert!(Domain::new("apps.example").unwrap().leads_to("10.0.0.7"));
    }

    proptest! {
        #[test]
        fn any_host_is_survived(host in "\\PC{0,80}") {
            let _ = Domain::new("localhost").unwrap().named(&host);
        }
    }
}
