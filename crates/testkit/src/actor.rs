//! Who acts in a test.

use std::sync::OnceLock;

use atelier_api::v1::CSRF_HEADER;
use atelier_api::v1::identity::Account;
use http::header::{AUTHORIZATION, COOKIE, HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, Method};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::TestRequest;
use crate::request::TestResponse;

/// Everybody's password.
pub const PASSWORD: &str = "violet tractor pulls seven moons";

/// A WebSocket to the server.
pub type WebSocket = WebSocketStream<TcpStream>;

/// Somebody who sends requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TestActor {
    client: reqwest::Client,
    /// `http://127.0.0.1:port`.
    base: String,
    credential: Credential,
    account: Option<Account>,
}

#[derive(Debug, Clone)]
enum Credential {
    None,
    Cookie(String),
    Bearer(String),
}

impl TestActor {
    /// Nobody that the server knows.
    pub(crate) fn anonymous(base: &str) -> Self {
        // reqwest builds no client without a TLS provider, though nothing here speaks TLS.
        static PROVIDER: OnceLock<()> = OnceLock::new();
        PROVIDER.get_or_init(|| {
            // Fails only when a test has installed one, which serves as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only([])
            .build()
            .expect("a client without roots can be built");
        Self {
            client,
            base: base.to_owned(),
            credential: Credential::None,
            account: None,
        }
    }

    /// The same client with a session's secret, right or wrong.
    #[must_use]
    pub fn with_session(&self, secret: &str) -> Self {
        self.with(Credential::Cookie(format!("atelier_session={secret}")))
    }

    /// The same client with a bearer token, right or wrong.
    #[must_use]
    pub fn with_token(&self, secret: &str) -> Self {
        self.with(Credential::Bearer(format!("Bearer {secret}")))
    }

    fn with(&self, credential: Credential) -> Self {
        Self {
            credential,
            ..self.clone()
        }
    }

    /// The same credentials at another address.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// Signed in, from the answer to a sign-in or set-up.
    ///
    /// # Panics
    /// When the answer is no success or sets no cookie.
    #[track_caller]
    #[must_use]
    pub fn signed_in(&self, response: &TestResponse) -> Self {
        let account: Account = response.ok();
        let cookie = response.header(http::header::SET_COOKIE);
        let cookie = cookie.expect("a sign-in sets the session's cookie");
        let pair = cookie.split(';').next().unwrap_or_default().to_owned();
        Self {
            account: Some(account),
            ..self.with(Credential::Cookie(pair))
        }
    }

    /// Signs in as somebody with the common password.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn sign_in(&self, email: &str) -> Self {
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let response = self.post("/api/v1/session").json(&body).send().await;
        self.signed_in(&response)
    }

    /// The account, as it was at the sign-in.
    ///
    /// # Panics
    /// For somebody who is not signed in.
    #[track_caller]
    pub fn account(&self) -> &Account {
        self.account.as_ref().expect("this actor is signed in")
    }

    /// The headers that say who it is; where the actor is a browser, with its origin.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let (name, value) = match &self.credential {
            Credential::Bearer(value) => (AUTHORIZATION, value),
            Credential::Cookie(value) => (COOKIE, value),
            Credential::None => (ORIGIN, &self.base),
        };
        let value = HeaderValue::from_str(value).expect("test credentials are header values");
        headers.insert(name, value);
        if !matches!(self.credential, Credential::Bearer(_)) {
            let origin = HeaderValue::from_str(&self.base).expect("an address is a header value");
            headers.insert(ORIGIN, origin);
        }
        headers
    }

    /// A request with the actor's credentials, and with what a browser on our own page adds.
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        let mut headers = self.headers();
        if method.is_safe() {
            headers.remove(ORIGIN);
        } else if !headers.contains_key(AUTHORIZATION) {
            headers.insert(CSRF_HEADER, HeaderValue::from_static("1"));
        }
        self.bare_request(method, path, headers)
    }

    /// A request with exactly these headers.
    pub fn bare_request(&self, method: Method, path: &str, headers: HeaderMap) -> TestRequest {
        let url = format!("{}{path}", self.base);
        let inner = self.client.request(method.clone(), url).headers(headers);
        TestRequest::new(method, path, inner)
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> TestRequest {
        self.request(Method::GET, path)
    }

    /// `POST`.
    pub fn post(&self, path: &str) -> TestRequest {
        self.request(Method::POST, path)
    }

    /// `PUT`.
    pub fn put(&self, path: &str) -> TestRequest {
        self.request(Method::PUT, path)
    }

    /// `PATCH`.
    pub fn patch(&self, path: &str) -> TestRequest {
        self.request(Method::PATCH, path)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> TestRequest {
        self.request(Method::DELETE, path)
    }

    /// Opens a WebSocket with the actor's credentials and our own origin.
    ///
    /// # Errors
    /// The HTTP answer when the server refuses, or why no answer came.
    pub async fn websocket(
        &self,
        path: &str,
        subprotocol: Option<&str>,
    ) -> Result<WebSocket, Box<WebSocketError>> {
        self.bare_websocket(path, subprotocol, self.headers()).await
    }

    /// Opens a WebSocket with exactly these headers.
    ///
    /// # Errors
    /// The HTTP answer when the server refuses, or why no answer came.
    pub async fn bare_websocket(
        &self,
        path: &str,
        subprotocol: Option<&str>,
        headers: HeaderMap,
    ) -> Result<WebSocket, Box<WebSocketError>> {
        let authority = self.base.trim_start_matches("http://");
        let mut request = format!("ws://{authority}{path}").into_client_request()?;
        request.headers_mut().extend(headers);
        if let Some(subprotocol) = subprotocol {
            let value = HeaderValue::from_str(subprotocol).map_err(http::Error::from);
            let value = value.map_err(WebSocketError::from)?;
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, value);
        }
        let stream = TcpStream::connect(authority)
            .await
            .map_err(WebSocketError::from)?;
        stream.set_nodelay(true).map_err(WebSocketError::from)?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(socket)
    }
}
