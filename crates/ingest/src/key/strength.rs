//! Whether a secret is one: long enough, and not to be guessed.

/// Shortest secret that is accepted, bytes.
pub const SHORTEST_KEY_BYTES: usize = 16;
/// Bytes that do not follow from those before them, at least.
const LEAST_NEW_BYTES: usize = 10;

/// Words and runs of the keyboard that a list of guesses begins with.
const GUESSED: [&str; 24] = [
    "qwertyuiop",
    "azertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwerty",
    "asdf",
    "password",
    "wachtwoord",
    "passwort",
    "pseudonym",
    "pseudoniem",
    "changeme",
    "letmein",
    "welkom",
    "welcome",
    "secret",
    "geheim",
    "sleutel",
    "admin",
    "demo",
    "test",
    "peil",
    "key",
];

/// A secret that hides no ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakKey {
    #[error("pseudonym key: found {found_bytes} bytes, expected at least {SHORTEST_KEY_BYTES}")]
    TooShort { found_bytes: usize },
    #[error(
        "pseudonym key: found a key that can be guessed (a repeated letter, a sequence, a common word), expected random bytes"
    )]
    Guessable,
}

impl survey::Hinted for WeakKey {
    fn hint(&self) -> Option<String> {
        Some("`peil key new FILE` makes one; keep it outside the repository".to_owned())
    }
}

/// Takes a secret or says why not.
pub(super) fn check(secret: &[u8]) -> Result<(), WeakKey> {
    if secret.len() < SHORTEST_KEY_BYTES {
        Err(WeakKey::TooShort { found_bytes: secret.len() })
    } else if new_bytes(&without_guessed(secret)) < LEAST_NEW_BYTES {
        Err(WeakKey::Guessable)
    } else {
        Ok(())
    }
}

fn without_guessed(secret: &[u8]) -> Vec<u8> {
    let mut rest = secret.to_ascii_lowercase();
    for word in GUESSED {
        let word = word.as_bytes();
        while let Some(at) = rest.windows(word.len()).position(|window| window == word) {
            rest.drain(at..at + word.len());
        }
    }
    rest
}

/// Bytes that are no step of a run (`aaa`, `123`, `cba`) and end no three bytes that stood there before.
fn new_bytes(secret: &[u8]) -> usize {
    let step = |at: usize| i16::from(secret[at]) - i16::from(secret[at - 1]);
    let is_old = |at: usize| {
        at > 0 && step(at).abs() <= 1
            || at > 2 && secret[..at].windows(3).any(|three| three == &secret[at - 2..=at])
    };
    let new = (0..secret.len()).filter(|at| !is_old(*at)).count();
    // Of two signs, however they are mixed, there is little to guess.
    let different: std::collections::BTreeSet<&u8> = secret.iter().collect();
    if different.len() < 6 { 0 } else { new }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_and_one_that_can_be_guessed_are_refused() {
        assert_eq!(check(b"short"), Err(WeakKey::TooShort { found_bytes: 5 }));
        for secret in [
            "aaaaaaaaaaaaaaaa",
            "aaaaaaaabbbbbbbb",
            "abababababababababab",
            "0123456789abcdef",
            "abcdefghijklmnopqrstuvwxyz",
            "12345678901234567890",
            "zyxwvutsrqponmlk",
            "passwordpassword",
            "PasswordPassword1234",
            "secretsecretsecretsecret",
            "qwertyuiopasdfghjkl",
            "0110100110010110011010011001",
            "changemechangeme",
            "x7x7x7x7x7x7x7x7x7x7",
            "0000000000000000000000000000000000000000000000000000000000000001",
        ] {
            assert_eq!(check(secret.as_bytes()), Err(WeakKey::Guessable), "{secret}");
        }
    }

    #[test]
    fn random_bytes_and_long_phrases_are_taken() {
        use sha2::{Digest, Sha256};
        for number in 0_u32..500 {
            let random = Sha256::digest(number.to_be_bytes());
            assert_eq!(check(&random), Ok(()), "{random:?}");
            let hex = crate::key::hex(&random);
            assert_eq!(check(&hex), Ok(()), "{hex:?}");
        }
        assert_eq!(check(b"synthetic data: this key protects nobody"), Ok(()));
        assert_eq!(check(b"correct horse battery staple"), Ok(()));
    }
}
