//! `atelier login` and `atelier logout`.

use anyhow::Context as _;
use atelier_api::v1::identity::{Account, SessionCreate, TokenCreate, TokenCreated};
use clap::Args;

use crate::client::{self, Client};
use crate::credentials::Credentials;
use crate::output::Output;

/// For how long a token that `login` makes works, in days.
const TOKEN_DAYS: u32 = 90;

/// Signs in to a server, and keeps a token for the other commands.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The server's address, e.g. <https://atelier.example>.
    url: String,
    /// A personal access token; `-` reads it from standard input. Without it, e-mail and password
    /// are asked for.
    #[arg(long)]
    token: Option<String>,
    /// The e-mail address to sign in with.
    #[arg(long, conflicts_with = "token")]
    email: Option<String>,
}

pub(crate) async fn login(arguments: Login, output: Output) -> anyhow::Result<()> {
    let url = address(&arguments.url);
    let token = match arguments.token.as_deref() {
        Some("-") => line("")?,
        Some(token) => token.to_owned(),
        None => by_password(&url, arguments.email).await?,
    };
    let credentials = Credentials { url, token };
    let account: Account = Client::with(credentials.clone())?.get("/me").await?;
    let path = credentials.save()?;
    let sentence = format!(
        "Signed in to {} as {} <{}>. The token is kept in {}.",
        credentials.url,
        account.name,
        account.email,
        path.display()
    );
    output.line(&account, &sentence)
}

/// Forgets the token. It works until it expires; revoke it in the settings.
pub(crate) fn logout(output: Output) -> anyhow::Result<()> {
    Credentials::forget()?;
    output.line(&serde_json::json!({}), "Signed out of this machine.")
}

fn address(text: &str) -> String {
    let text = text.trim_end_matches('/');
    if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    }
}

/// Signs in as a browser does, makes a token, and signs that session out.
async fn by_password(url: &str, email: Option<String>) -> anyhow::Result<String> {
    let email = email.map_or_else(|| line("E-mail: "), Ok)?;
    let password = password()?;
    let http = client::http()?;
    let request = |method, path: &str| {
        http.request(method, format!("{url}/api/v1{path}"))
            .header("Atelier-Csrf", "1")
    };
    let checked = async |request: reqwest::RequestBuilder| -> anyhow::Result<reqwest::Response> {
        let response = request
            .send()
            .await
            .with_context(|| format!("{url} cannot be reached"))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap_or_default();
        match serde_json::from_slice(&body) {
            Ok(problem) => Err(client::Refused(problem).into()),
            Err(_) => Err(client::refused(status, &body)),
        }
    };
    let session =
        request(reqwest::Method::POST, "/session").json(&SessionCreate { email, password });
    let signed_in = checked(session).await?;
    let cookie = signed_in
        .headers()
        .get("set-cookie")
        .and_then(|cookie| cookie.to_str().ok())
        .and_then(|cookie| cookie.split(';').next())
        .context("the server gave no session")?
        .to_owned();
    let name = format!(
        "CLI on {}",
        rustix::system::uname().nodename().to_string_lossy()
    );
    let create = request(reqwest::Method::POST, "/me/tokens")
        .header("cookie", &cookie)
        .json(&TokenCreate {
            name,
            expires_in_days: TOKEN_DAYS,
        });
    let created: TokenCreated = checked(create).await?.json().await?;
    checked(request(reqwest::Method::DELETE, "/session").header("cookie", &cookie)).await?;
    Ok(created.secret)
}

#[expect(
    clippy::print_stderr,
    reason = "a prompt is for the person, not for the output"
)]
fn line(prompt: &str) -> anyhow::Result<String> {
    eprint!("{prompt}");
    let mut text = String::new();
    std::io::stdin().read_line(&mut text)?;
    let text = text.trim().to_owned();
    anyhow::ensure!(!text.is_empty(), "Nothing was entered.");
    Ok(text)
}

/// Asks for the password without showing it, where there is a terminal.
#[expect(
    clippy::print_stderr,
    reason = "a prompt is for the person, not for the output"
)]
fn password() -> anyhow::Result<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let stdin = std::io::stdin();
    let Ok(before) = tcgetattr(&stdin) else {
        return line("Password: ");
    };
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
    let entered = line("Password: ");
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    eprintln!();
    entered
}
