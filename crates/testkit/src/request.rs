//! Requests of an actor, and what comes back.

use atelier_api::{ErrorCode, Problem};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request about to be sent.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct TestRequest {
    method: Method,
    path: String,
    inner: reqwest::RequestBuilder,
}

impl TestRequest {
    pub(crate) fn new(method: Method, path: &str, inner: reqwest::RequestBuilder) -> Self {
        Self {
            method,
            path: path.to_owned(),
            inner,
        }
    }

    /// With a JSON body.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.inner = self.inner.json(body);
        self
    }

    /// With a body of bytes.
    pub fn body(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.inner = self.inner.body(body);
        self
    }

    /// With one more header.
    pub fn header(mut self, name: impl Into<HeaderName>, value: &str) -> Self {
        self.inner = self.inner.header(name.into(), value);
        self
    }

    /// With query parameters.
    pub fn query(mut self, query: &(impl Serialize + ?Sized)) -> Self {
        self.inner = self.inner.query(query);
        self
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn send(self) -> TestResponse {
        let Self {
            method,
            path,
            inner,
        } = self;
        let what = format!("{method} {path}");
        match Self::exchange(&what, inner).await {
            Ok(response) => response,
            Err(error) => panic!("{what} got no answer: {error:?}"),
        }
    }

    /// Sends it and gives back the answer as it comes, for streams.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn stream(self) -> reqwest::Result<reqwest::Response> {
        self.inner.send().await
    }

    async fn exchange(what: &str, inner: reqwest::RequestBuilder) -> reqwest::Result<TestResponse> {
        let response = inner.send().await?;
        Ok(TestResponse {
            what: what.to_owned(),
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?,
        })
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct TestResponse {
    what: String,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl TestResponse {
    /// The body of a success, as JSON.
    ///
    /// # Panics
    /// When it is no success, or not what is expected.
    #[track_caller]
    pub fn ok<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{self}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// Asserts the status.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn expect_status(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{self}");
        self
    }

    /// The problem of a refusal with this code, after checking that status, media type and body
    /// agree.
    ///
    /// # Panics
    /// When it is another answer.
    #[track_caller]
    pub fn problem(&self, code: ErrorCode) -> Problem {
        let media_type = self.headers.get(http::header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        assert_eq!(
            media_type,
            Some(atelier_api::problem::PROBLEM_MEDIA_TYPE),
            "{self}"
        );
        let problem: Problem =
            serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{self}: {error}"));
        assert_eq!(problem.code, code, "{self}");
        assert_eq!(problem.status, self.status.as_u16(), "{self}");
        assert!(problem.request_id.is_some(), "{self}");
        problem
    }

    /// The text of a header.
    pub fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.headers.get(name.into())?.to_str().ok()
    }
}

impl std::fmt::Display for TestResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let shown: String = body.chars().take(2_000).collect();
        write!(f, "{} answered {}: {shown}", self.what, self.status)
    }
}
