//! The secret that turns a respondent's id into a pseudonym.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Shortest secret that is accepted, bytes.
pub const SHORTEST_KEY_BYTES: usize = 16;

/// A secret for HMAC-SHA-256; never shown, never written.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

/// A secret that is too short to hide ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "pseudonym key: found {found_bytes} bytes, expected at least {SHORTEST_KEY_BYTES}\nhint: make one with `openssl rand -hex 32` and keep it outside the repository"
)]
pub struct KeyTooShort {
    pub found_bytes: usize,
}

impl Key {
    /// Takes the secret's bytes without the white space around them.
    pub fn new(secret: &[u8]) -> Result<Self, KeyTooShort> {
        let secret = secret.trim_ascii();
        match Hmac::new_from_slice(secret) {
            Ok(mac) if secret.len() >= SHORTEST_KEY_BYTES => Ok(Self(mac)),
            _ => Err(KeyTooShort { found_bytes: secret.len() }),
        }
    }

    /// 32 hexadecimal characters: the first half of the keyed hash of the trimmed id.
    pub(crate) fn pseudonym(&self, id: &[u8]) -> [u8; 32] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut mac = self.0.clone();
        mac.update(id.trim_ascii());
        let hash = mac.finalize().into_bytes();
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(hash.iter()) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        text
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(hidden)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
    use super::*;

    #[test]
    fn a_pseudonym_is_the_first_half_of_hmac_sha_256() {
        // RFC 4231, test case 1 (key of twenty 0x0b bytes, text "Hi There").
        let key = Key::new(&[0x0b; 20]).unwrap();
        assert_eq!(&key.pseudonym(b" Hi There "), b"b0344c61d8db38535ca8afceaf0bf12b");
    }

    #[test]
    fn a_short_key_is_refused_and_a_key_is_never_shown() {
        assert_eq!(Key::new(b"short").unwrap_err().found_bytes, 5);
        assert_eq!(
            format!("{:?}", Key::new(b"a-long-secret-of-many-bytes").unwrap()),
            "Key(hidden)"
        );
    }
}
