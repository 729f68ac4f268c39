//! The address of a repository: which ones may be cloned, and with which credentials.

use std::fmt;

use crate::files::percent_decode;

/// Longer ones are no addresses.
const LENGTH_MAX: usize = 2048;

/// An address that may be cloned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remote {
    /// What Git is told, and keeps; without a password.
    pub(super) url: String,
    /// What the address had before the `@`, for HTTP.
    pub(super) credentials: Option<Credentials>,
}

/// A user name and a password or token.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    /// `https` or `http`.
    pub(super) protocol: String,
    /// Where they may be sent: the host, with its port.
    pub(super) host: String,
    pub(super) username: String,
    pub(super) password: String,
}

/// Neither name nor password: a token stands in either.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}://{})", self.protocol, self.host)
    }
}

/// Why an address may not be cloned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum RemoteError {
    #[error("The address is empty or longer than 2,048 characters.")]
    Length,
    #[error("The address contains a space or a control character.")]
    Character,
    #[error(
        "Only https://, http://, ssh://, git:// and user@host:path can be cloned. Local files and \
         other helpers cannot."
    )]
    Scheme,
    #[error("The host's name or port is not valid.")]
    Host,
    #[error("The address names no repository on its host.")]
    Path,
    #[error("The user name in the address is not valid.")]
    User,
    #[error("SSH takes keys, not a password in the address.")]
    SshPassword,
}

impl Remote {
    /// Reads an address, and takes the credentials out of it.
    pub(super) fn parse(text: &str) -> Result<Self, RemoteError> {
        if text.is_empty() || text.len() > LENGTH_MAX {
            return Err(RemoteError::Length);
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(RemoteError::Character);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return scp(text);
        };
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "ssh" | "git") {
            return Err(RemoteError::Scheme);
        }
        let (authority, path) = rest.split_once('/').ok_or(RemoteError::Path)?;
        if path.is_empty() {
            return Err(RemoteError::Path);
        }
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        check_host_and_port(host)?;
        let Some(user) = user else {
            return Ok(Self {
                url: format!("{scheme}://{host}/{path}"),
                credentials: None,
            });
        };
        match scheme.as_str() {
            "http" | "https" => {
                let (username, password) = user.split_once(':').unwrap_or((user, ""));
                let credentials = Credentials {
                    protocol: scheme.clone(),
                    host: host.to_owned(),
                    username: credential(username)?,
                    password: credential(password)?,
                };
                Ok(Self {
                    url: format!("{scheme}://{host}/{path}"),
                    credentials: Some(credentials),
                })
            }
            "ssh" if user.contains(':') => Err(RemoteError::SshPassword),
            "ssh" if is_user_name(user) => Ok(Self {
                url: format!("{scheme}://{user}@{host}/{path}"),
                credentials: None,
            }),
            _ => Err(RemoteError::User),
        }
    }
}

/// `user@host:path`
fn scp(text: &str) -> Result<Remote, RemoteError> {
    let (user, rest) = text.split_once('@').ok_or(RemoteError::Scheme)?;
    // An address such as `[::1]` has colons of its own.
    let end = if rest.starts_with('[') {
        rest.find(']').ok_or(RemoteError::Host)? + 1
    } else {
        rest.find(':').ok_or(RemoteError::Scheme)?
    };
    let (host, path) = rest.split_at(end);
    let path = path.strip_prefix(':').ok_or(RemoteError::Scheme)?;
    if !is_user_name(user) {
        return Err(RemoteError::User);
    }
    if !is_host(host) {
        return Err(RemoteError::Host);
    }
    // A leading colon would be another transport (`host::path`), a hyphen an option.
    if path.is_empty() || path.starts_with([':', '-']) {
        return Err(RemoteError::Path);
    }
    Ok(Remote {
        url: text.to_owned(),
        credentials: None,
    })
}

fn check_host_and_port(text: &str) -> Result<(), RemoteError> {
    let is_bracketed = text.ends_with(']');
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !is_bracketed => (host, Some(port)),
        _ => (text, None),
    };
    let port_fits = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    if is_host(host) && port_fits {
        Ok(())
    } else {
        Err(RemoteError::Host)
    }
}

/// A name or an IPv4 address, or an IPv6 address in brackets. A leading hyphen would be an option.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok());
    }
    !host.is_empty()
        && !host.starts_with(['-', '.'])
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'))
}

fn is_user_name(user: &str) -> bool {
    !user.is_empty()
        && !user.starts_with('-')
        && user
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+".contains(&byte))
}

/// Credentials go to Git line by line, so they must not hold a line break.
fn credential(text: &str) -> Result<String, RemoteError> {
    percent_decode(text)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| !text.chars().any(char::is_control))
        .ok_or(RemoteError::User)
}

/// Tells whether a text can be the name of a branch or tag (git-check-ref-format(1)).
pub(super) fn is_reference(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && !name.starts_with(['-', '/', '.'])
        && !name.ends_with(['/', '.'])
        && !name.contains("..")
        && !name.contains("@{")
        && !name
            .chars()
            .any(|c| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_addresses_are_taken_as_they_are() {
        for url in [
            "https://example.com/team/app.git",
            "http://localhost:8080/app",
            "http://[::1]:8080/app",
            "ssh://git@example.com:22/app.git",
            "ssh://example.com/app.git",
            "git://example.com/app.git",
            "git@example.com:team/app.git",
            "git@[::1]:app.git",
        ] {
            let remote = Remote::parse(url).expect(url);
            assert_eq!((remote.url.as_str(), remote.credentials), (url, None));
        }
    }

    #[test]
    fn credentials_are_taken_out() {
        let remote = Remote::parse("HTTPS://ada:p%40ss%3Aword@example.com:8443/app.git").unwrap();
        assert_eq!(remote.url, "https://example.com:8443/app.git");
        let credentials = remote.credentials.clone().unwrap();
        assert_eq!(credentials.protocol, "https");
        assert_eq!(credentials.host, "example.com:8443");
        assert_eq!(credentials.username, "ada");
        assert_eq!(credentials.password, "p@ss:word");
        assert!(!format!("{remote:?}").contains("p@ss"), "{remote:?}");

        let token = Remote::parse("https://ghp_token@example.com/app").unwrap();
        assert_eq!(token.url, "https://example.com/app");
        assert_eq!(token.credentials.unwrap().username, "ghp_token");
    }

    #[test]
    fn dangerous_addresses_are_refused() {
        for (url, error) in [
            ("", RemoteError::Length),
            (&*"a".repeat(5000), RemoteError::Length),
            ("file:///etc", RemoteError::Scheme),
            ("/etc", RemoteError::Scheme),
            ("../other", RemoteError::Scheme),
            ("--upload-pack=touch", RemoteError::Scheme),
            ("-u@host:path", RemoteError::User),
            ("ext::sh -c id", RemoteError::Character),
            ("ext::sh", RemoteError::Scheme),
            ("ext::https://example.com/x", RemoteError::Scheme),
            ("a@ext::sh", RemoteError::Path),
            ("fd::17", RemoteError::Scheme),
            ("ftp://example.com/x", RemoteError::Scheme),
            ("https://example.com", RemoteError::Path),
            ("https://example.com/", RemoteError::Path),
            ("https:///x", RemoteError::Host),
            ("https://-x/y", RemoteError::Host),
            ("ssh://-oProxyCommand=id/x", RemoteError::Host),
            ("ssh://-x@host/y", RemoteError::User),
            ("ssh://a:b@host/y", RemoteError::SshPassword),
            ("git@-oProxyCommand:x", RemoteError::Host),
            ("git@host:-x", RemoteError::Path),
            ("https://host:99999/x", RemoteError::Host),
            ("https://host:/x", RemoteError::Host),
            ("https://a%0Ahost=b@host/x", RemoteError::User),
            ("https://example.com/a\nb", RemoteError::Character),
            ("https://example.com/a\0b", RemoteError::Character),
        ] {
            assert_eq!(Remote::parse(url), Err(error), "{url:?}");
        }
    }

    #[test]
    fn references_are_names() {
        for name in ["main", "v1.0", "feature/a-b", "é"] {
            assert!(is_reference(name), "{name}");
        }
        for name in [
            "", "-x", "a b", "a..b", "a:b", "a\nb", "/a", "a/", "@{x", "a^",
        ] {
            assert!(!is_reference(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_git_is_told_is_harmless(text in "(https?|ssh|git|file|ext)?(:|::|://)?[-a-z@:/%0-9.\\[\\]\n]{0,40}") {
            if let Ok(remote) = Remote::parse(&text) {
                let url = remote.url;
                prop_assert!(!url.starts_with('-') && !url.contains(char::is_control));
                let allowed = ["http://", "https://", "ssh://", "git://"];
                prop_assert!(
                    allowed.iter().any(|scheme| url.starts_with(scheme))
                        || !url.split('/').next().unwrap().contains("::")
                        || url.contains("@[")
                );
                if url.starts_with("http") {
                    prop_assert!(!url.split('/').nth(2).unwrap().contains('@'));
                }
            }
        }
    }
}
