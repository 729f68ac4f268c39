//! The way to the control plane, step by step up to its first word. Nobody is told who asks, so that a
//! daemon that is connected is not taken for a copy.

use atelier_tunnel::{DialError, Proxy, Reached, reach};

use super::super::registration::Destination;
use super::{Check, Health, clock};
use crate::error::chain;

/// The steps in their order.
const STEPS: [&str; 5] = ["dns", "tcp", "proxy", "tls", "handshake"];

const OTHER_DESTINATION: &str = "Join again with another --url, --ca or --pin.";

pub(super) async fn checks(
    destination: Option<&Destination>,
    proxy: Result<Proxy, String>,
) -> Vec<Check> {
    let unknown = |why: &str| {
        let steps = STEPS.iter().chain(&["clock"]);
        steps.map(|step| Check::unknown(step, why)).collect()
    };
    let Some(destination) = destination else {
        return unknown("it is not known where this server belongs");
    };
    let proxy = match proxy {
        Ok(proxy) => proxy,
        Err(error) => {
            let mut checks: Vec<Check> = unknown("the proxy's address cannot be used");
            checks[2] = Check::bad("proxy", error, "Correct HTTPS_PROXY, or remove it.");
            return checks;
        }
    };
    let direct = proxy == Proxy::none();
    match destination.dial(proxy) {
        Ok(config) => {
            let mut checks = report(destination, &reach(&config).await);
            if direct && checks[2].health == Health::Good {
                checks[2] = Check::good("proxy", "none is used");
            }
            checks
        }
        Err(error) => {
            let mut checks: Vec<Check> = unknown("the address cannot be dialed");
            checks[0] = Check::bad("dns", chain(&error), OTHER_DESTINATION);
            checks
        }
    }
}

fn report(destination: &Destination, reached: &Result<Reached, DialError>) -> Vec<Check> {
    let url = &destination.url;
    let (failed, detail, advice) = match reached {
        Ok(_) => (STEPS.len(), String::new(), ""),
        Err(error) => {
            let (step, advice) = step_of(error);
            (step, chain(error), advice)
        }
    };
    let mut checks: Vec<Check> = STEPS
        .iter()
        .enumerate()
        .map(|(step, name)| match step.cmp(&failed) {
            std::cmp::Ordering::Less => Check::good(name, format!("towards {url}")),
            std::cmp::Ordering::Equal => Check::bad(name, detail.clone(), advice),
            std::cmp::Ordering::Greater => Check::unknown(name, "a step before it failed"),
        })
        .collect();
    if url.starts_with("http://") && failed > 3 {
        let told = "everything can be read on the way";
        checks[3] = Check::warning("tls", told, "Use https:// outside of this machine.");
    }
    checks.push(match reached {
        Ok(reached) => clock::check(reached.date.as_deref()),
        Err(_) => Check::unknown("clock", "the control plane was not asked"),
    });
    checks
}

/// Which step an error belongs to, and what to do.
fn step_of(error: &DialError) -> (usize, &'static str) {
    match error {
        DialError::Config(_) => (0, OTHER_DESTINATION),
        DialError::Resolve { .. } => (0, "Check the address, and this machine's name servers."),
        DialError::Connect { .. } => (
            1,
            "Is the control plane running, and may this machine connect to it? A firewall on either \
             side, or a missing HTTPS_PROXY, looks like this.",
        ),
        DialError::TimedOut { step, .. } if *step == "the connection" => (
            1,
            "Packets get lost on the way: a firewall, or a missing HTTPS_PROXY.",
        ),
        DialError::Proxy(_) | DialError::ProxyRefused(_) => {
            (2, "Check HTTPS_PROXY: its address, user and password.")
        }
        DialError::Tls { .. } => (
            3,
            "The certificate is not trusted: give its authority (--ca) or its fingerprint (--pin) \
             when joining. If neither was changed, someone may stand between.",
        ),
        DialError::TimedOut { step, .. } if *step == "TLS" => (
            3,
            "Something on the way takes TLS apart, or the server is overloaded.",
        ),
        DialError::Refused(_) => (4, "Do as the control plane says."),
        DialError::Http(..) => (
            4,
            "What answers there is no control plane, or a proxy before it does not let WebSockets \
             through.",
        ),
        _ => (
            4,
            "A proxy before the control plane may not let WebSockets through.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;

    use super::*;

    fn healths(checks: &[Check]) -> Vec<(&'static str, Health)> {
        checks
            .iter()
            .map(|check| (check.name, check.health))
            .collect()
    }

    #[tokio::test]
    async fn a_port_that_nobody_listens_on_fails_at_tcp() {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let destination = Destination::new(format!("https://{address}"));
        let found = checks(Some(&destination), Ok(Proxy::none())).await;
        let expected = [
            ("dns", Health::Good),
            ("tcp", Health::Bad),
            ("proxy", Health::Unknown),
            ("tls", Health::Unknown),
            ("handshake", Health::Unknown),
            ("clock", Health::Unknown),
        ];
        assert_eq!(healths(&found), expected);
        assert!(found[1].advice.is_some());
    }

    #[tokio::test]
    async fn what_answers_and_is_no_control_plane_fails_at_the_handshake() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new()).await });
        let destination = Destination::new(format!("http://{address}"));
        let found = checks(Some(&destination), Ok(Proxy::none())).await;
        assert_eq!(found[3].health, Health::Warning, "{found:?}");
        assert_eq!(found[4].health, Health::Bad, "{found:?}");
        assert!(found[4].detail.contains("404"), "{found:?}");
    }

    #[tokio::test]
    async fn an_address_that_is_not_safe_is_not_dialed() {
        let destination = Destination::new("http://192.0.2.1");
        let found = checks(Some(&destination), Ok(Proxy::none())).await;
        assert_eq!(found[0].health, Health::Bad);
        let found = checks(Some(&destination), Err("no".into())).await;
        assert_eq!(found[2].health, Health::Bad);
        let found = checks(None, Ok(Proxy::none())).await;
        assert!(found.iter().all(|check| check.health == Health::Unknown));
    }
}
