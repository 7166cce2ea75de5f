//! The secret that turns a respondent's id into a pseudonym.

mod strength;

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use strength::{SHORTEST_KEY_BYTES, WeakKey};

/// A secret for HMAC-SHA-256; never shown, never written.
#[derive(Clone)]
pub struct Key {
    mac: Hmac<Sha256>,
    /// Within which an id has one pseudonym.
    id_space: Box<str>,
}

/// Rounds of the key's check: an attempt at a key costs as many.
const CHECK_ROUNDS: u32 = 2_000;

impl Key {
    /// Takes the secret's bytes without the white space around them.
    pub fn new(secret: &[u8]) -> Result<Self, WeakKey> {
        let secret = secret.trim_ascii();
        strength::check(secret)?;
        let mac = Hmac::new_from_slice(secret)
            .map_err(|_| WeakKey::TooShort { found_bytes: secret.len() })?;
        Ok(Self { mac, id_space: "".into() })
    }

    /// The key for the ids of one space: the same id has another pseudonym in any other.
    #[must_use]
    pub fn within(&self, id_space: &str) -> Self {
        let mut mac = self.mac.clone();
        // The length sets a space's end apart from an id's beginning.
        mac.update(&(id_space.len() as u64).to_be_bytes());
        mac.update(id_space.as_bytes());
        Self { mac, id_space: id_space.into() }
    }

    pub(crate) fn id_space(&self) -> &str {
        &self.id_space
    }

    /// Tells whether a key is the same as before without telling the key: 64 bits of PBKDF2 over a salt (RFC 8018).
    pub fn check(&self, salt: &[u8]) -> String {
        let mut mac = self.mac.clone();
        mac.update(salt);
        mac.update(&1_u32.to_be_bytes());
        let mut round = mac.finalize().into_bytes();
        let mut check = round;
        for _ in 1..CHECK_ROUNDS {
            let mut mac = self.mac.clone();
            mac.update(&round);
            round = mac.finalize().into_bytes();
            check.iter_mut().zip(round.iter()).for_each(|(sum, byte)| *sum ^= byte);
        }
        String::from_utf8_lossy(&hex(&check)[..16]).into_owned()
    }

    /// 32 hexadecimal characters: the first half of the keyed hash of the trimmed id.
    pub(crate) fn pseudonym(&self, id: &[u8]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(id.trim_ascii());
        hex(&mac.finalize().into_bytes())
    }
}

/// Of the first 16 bytes.
fn hex(bytes: &[u8]) -> [u8; 32] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 32];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    text
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

    fn key() -> Key {
        Key::new(b"a-long-secret-of-many-bytes").unwrap()
    }

    #[test]
    fn a_pseudonym_is_the_first_half_of_hmac_sha_256() {
        // Python: hmac.new(b"a-long-secret-of-many-bytes", b"Hi There", "sha256").hexdigest()[:32]
        assert_eq!(&key().pseudonym(b" Hi There "), b"cdb3d5b63311a63d79ae6b71cbee956e");
    }

    #[test]
    fn an_id_has_another_pseudonym_in_another_space() {
        let (gp, nurse) = (key().within("gp"), key().within("nurse"));
        assert_eq!(gp.pseudonym(b"1001"), key().within("gp").pseudonym(b"1001"));
        assert_ne!(gp.pseudonym(b"1001"), nurse.pseudonym(b"1001"));
        assert_ne!(gp.pseudonym(b"1001"), key().pseudonym(b"1001"));
        assert_ne!(key().within("a").pseudonym(b"b1"), key().within("ab").pseudonym(b"1"));
    }

    #[test]
    fn the_check_of_a_key_is_pbkdf2_over_its_salt() {
        // Python: hashlib.pbkdf2_hmac("sha256", b"a-long-secret-of-many-bytes", b"salt", 2_000).hex()[:16]
        assert_eq!(key().check(b"salt"), "5a7d59e95a4f8ca1");
        assert_ne!(key().check(b"salt"), key().check(b"pepper"));
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", key().within("gp")), "Key(hidden)");
    }
}
