//! What is spoken on a port: guessed by its number, learnt from the first answer that passes.

use atelier_api::agent::ports::PortProtocol;

/// Ports whose users speak something else than HTTP (IANA's registry): shells, mail, databases, queues.
const OTHERS: [u16; 8] = [22, 25, 3306, 5432, 5672, 6379, 11211, 27017];

/// A guess. Nobody is called up to find out: some programs take one connection and end.
pub(super) fn by_number(port: u16) -> PortProtocol {
    if OTHERS.contains(&port) {
        PortProtocol::Other
    } else {
        PortProtocol::Unknown
    }
}

/// What an answer that begins so is; absent when it is too short to tell.
pub(super) fn by_answer(start: &[u8]) -> Option<PortProtocol> {
    const HTTP: &[u8] = b"HTTP/";
    let length = start.len().min(HTTP.len());
    if length == 0 {
        return None;
    }
    if start.get(..length)? != HTTP.get(..length)? {
        return Some(PortProtocol::Other);
    }
    (length == HTTP.len()).then_some(PortProtocol::Http)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_tell_what_is_spoken() {
        assert_eq!(by_answer(b"HTTP/1.1 200 OK\r\n"), Some(PortProtocol::Http));
        assert_eq!(by_answer(b"SSH-2.0-OpenSSH"), Some(PortProtocol::Other));
        assert_eq!(by_answer(b"HTT"), None);
        assert_eq!(by_answer(b""), None);
        assert_eq!(by_number(5432), PortProtocol::Other);
        assert_eq!(by_number(3000), PortProtocol::Unknown);
    }
}
