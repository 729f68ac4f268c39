//! JSON-RPC messages: only what has to be known of them is read; the rest is passed on as it is.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The server is not there (LSP 3.17, `ServerNotInitialized`).
pub(super) const NOT_INITIALIZED: i32 = -32002;
/// There is no such method (JSON-RPC 2.0).
pub(super) const METHOD_NOT_FOUND: i32 = -32601;
/// The parameters cannot be accepted (JSON-RPC 2.0).
pub(super) const INVALID_PARAMS: i32 = -32602;
/// The request failed (LSP 3.17, `RequestFailed`).
pub(super) const REQUEST_FAILED: i32 = -32803;

/// A message, in its parts.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    /// A request's or response's id.
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    /// What a request or notification asks or tells.
    #[serde(borrow, default)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// Reads a message; nothing where it is none.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        // A list would be taken for a message's parts in their order.
        let message: Self = text
            .trim_start()
            .starts_with('{')
            .then(|| serde_json::from_str(text).ok())??;
        (message.method.is_some() || message.id.is_some()).then_some(message)
    }

    /// The parameters as `T`.
    pub(super) fn params<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_str(self.params?.get()).ok()
    }
}

/// What a request or notification is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About<'a> {
    #[serde(borrow)]
    pub(super) text_document: Option<DocumentName<'a>>,
}

/// A document by its name.
#[derive(Debug, Deserialize)]
pub(super) struct DocumentName<'a> {
    #[serde(borrow)]
    pub(super) uri: Cow<'a, str>,
}

/// A request.
pub(super) fn request(id: u64, method: &str, params: Option<&RawValue>) -> String {
    let method = quoted(method);
    match params {
        Some(params) => {
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{method},"params":{params}}}"#)
        }
        None => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{method}}}"#),
    }
}

/// A notification.
pub(super) fn notification(method: &str, params: &(impl Serialize + ?Sized)) -> String {
    let params = serde_json::to_string(params).expect("parameters are plain data");
    let method = quoted(method);
    format!(r#"{{"jsonrpc":"2.0","method":{method},"params":{params}}}"#)
}

/// A response with a result.
pub(super) fn response(id: &RawValue, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// A response with an error as it came.
pub(super) fn raw_error(id: &RawValue, error: &RawValue) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}

/// A response with an error of our own.
pub(super) fn error(id: &RawValue, code: i32, message: &str) -> String {
    let message = quoted(message);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":{message}}}}}"#)
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is plain data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_are_messages() {
        for wrong in [
            "",
            "[]",
            "null",
            "{}",
            "{\"params\":1}",
            "[{\"id\":1}]",
            "{\"method\":1}",
        ] {
            assert!(Message::read(wrong).is_none(), "{wrong}");
        }
        let escaped = Message::read(
            r#"{"id":"x","method":"a\/b","params":{"textDocument":{"uri":"file:\/\/\/a"}}}"#,
        )
        .expect("a request");
        assert_eq!(escaped.method.as_deref(), Some("a/b"));
        let about: About<'_> = escaped.params().expect("read");
        assert_eq!(about.text_document.expect("named").uri, "file:///a");
    }
}
