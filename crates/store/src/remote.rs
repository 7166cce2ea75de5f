//! A store that lies elsewhere: the few operations that workers on several machines need of it, and what can go wrong.

use std::fmt;
use std::io;
use std::path::Path;

use survey::Hinted;

/// Something that keeps bytes under names for many machines at once. Names are relative to its address, with `/`.
pub trait Remote: Send + Sync + fmt::Debug {
    /// As the pipeline file gives it.
    fn address(&self) -> &str;

    /// The bytes under a name with their version; none where there is no such name.
    fn read(&self, name: &str) -> Result<Option<Held>, Trouble>;

    /// Writes the bytes under a name into a sink, however many they are; false where there is no such name.
    fn fetch(&self, name: &str, to: &mut dyn io::Write) -> Result<bool, Trouble>;

    /// Keeps a file under a name that only these bytes have. One that is there already stays, unless it is to be replaced.
    fn put(&self, name: &str, file: &Path, replace: bool) -> Result<(), Trouble>;

    /// Keeps bytes under a name that is not there yet: true where they stand there afterwards, false where others do. An answer
    /// that was lost is looked up.
    fn create(&self, name: &str, bytes: &[u8]) -> Result<bool, Trouble>;

    /// Puts bytes in the place of a version that was read: true where they stand there afterwards, false where the name has
    /// another version by now.
    fn swap(&self, name: &str, bytes: &[u8], seen: &Version) -> Result<bool, Trouble>;

    /// Removes a name; one that is not there is no error.
    fn remove(&self, name: &str) -> Result<(), Trouble>;
}

/// Bytes as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub bytes: Vec<u8>,
    pub version: Version,
}

/// What tells two versions of a name apart; stores use one or the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    pub e_tag: Option<String>,
    pub generation: Option<String>,
}

/// Why a store that lies elsewhere cannot be used. It holds no key and no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{place}`: {found}")]
pub struct Trouble {
    pub kind: TroubleKind,
    /// The address, or a name in it.
    pub place: String,
    pub found: String,
}

impl Hinted for Trouble {
    fn hint(&self) -> Option<String> {
        Some(self.kind.hint().to_owned())
    }
}

/// Kinds of trouble; each has its hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// The program knows no object stores.
    NotBuilt,
    Address,
    /// No credentials are set.
    NoCredentials,
    /// The store does not take the credentials.
    Credentials,
    NoBucket,
    Clock,
    /// The store does not do what conditional writes promise.
    Conditions,
    Unreachable,
    /// Any other answer.
    Answer,
    /// The disk of this machine.
    Disk,
    Damaged,
    /// Another program version works on it.
    Program,
    /// What must lie there does not.
    Missing,
}

impl TroubleKind {
    /// What somebody can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotBuilt => {
                "this program was built without object stores: use the packaged one, or build it with `make cloud`"
            }
            Self::Address => {
                "expected `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`"
            }
            Self::NoCredentials => {
                "set the usual environment variables, e.g. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: docs/scale.md lists them"
            }
            Self::Credentials => {
                "see whether the environment variables hold the credentials of this store, and whether they may read, write and delete under this address"
            }
            Self::NoBucket => {
                "make it, or correct the address in the pipeline file; for a store other than AWS set AWS_ENDPOINT_URL"
            }
            Self::Clock => "set this machine's clock, e.g. by NTP, and run again; nothing is lost",
            Self::Conditions => {
                "several workers on it would overwrite one another: use a store that honours `If-None-Match: *` and `If-Match` also when they race (docs/scale.md names some)"
            }
            Self::Unreachable => {
                "see whether the network and the store are up, and run again; nothing is lost"
            }
            Self::Answer => "run again; where it stays so, look into the store's own log",
            Self::Disk => {
                "the cache must be a folder on a local disk with free space, where this user may write"
            }
            Self::Damaged => "run again: what is damaged is made and stored again",
            Self::Program => {
                "run the same program everywhere; to go on with this one, run it once with `--upgrade-store`: it computes everything anew, and the workers of the other version are refused"
            }
            Self::Missing => {
                "somebody removed it, or another worker retires it right now; run again"
            }
        }
    }
}

impl Trouble {
    pub fn new(kind: TroubleKind, place: &str, found: impl Into<String>) -> Self {
        Self { kind, place: place.to_owned(), found: found.into() }
    }

    /// Of this machine's disk.
    pub fn disk(place: &Path, error: &io::Error) -> Self {
        Self::new(TroubleKind::Disk, &place.display().to_string(), error.to_string())
    }
}

/// The name of something below a store's address, as messages show it.
pub fn shown(remote: &dyn Remote, name: &str) -> String {
    format!("{}/{name}", remote.address().trim_end_matches('/'))
}

#[cfg(test)]
pub mod memory {
    //! A store in memory, for tests; it may break its promises on purpose.
    #![allow(clippy::unwrap_used)] // a test may stop
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    /// What it does wrong.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub enum Fault {
        #[default]
        None,
        /// Every write succeeds.
        IgnoresConditions,
        /// Looks first and writes a moment later.
        Races,
    }

    #[derive(Debug, Default)]
    pub struct Memory {
        pub held: Mutex<BTreeMap<String, (u64, Vec<u8>)>>,
        pub fault: Fault,
    }

    impl Memory {
        fn write(&self, name: &str, bytes: &[u8], may: impl Fn(Option<u64>) -> bool) -> bool {
            let now = || self.held.lock().unwrap().get(name).map(|(version, _)| *version);
            if self.fault == Fault::Races {
                if !may(now()) {
                    return false;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            let mut held = self.held.lock().unwrap();
            let version = held.get(name).map(|(version, _)| *version);
            let is_written = self.fault != Fault::None || may(version);
            if is_written {
                held.insert(name.to_owned(), (version.unwrap_or(0) + 1, bytes.to_vec()));
            }
            is_written
        }
    }

    impl Remote for Memory {
        fn address(&self) -> &'static str {
            "memory://store"
        }

        fn read(&self, name: &str) -> Result<Option<Held>, Trouble> {
            let held = self.held.lock().unwrap();
            Ok(held.get(name).map(|(version, bytes)| Held {
                bytes: bytes.clone(),
                version: Version { e_tag: Some(version.to_string()), generation: None },
            }))
        }

        fn fetch(&self, name: &str, to: &mut dyn io::Write) -> Result<bool, Trouble> {
            let held = self.read(name)?;
            Ok(held.map(|held| to.write_all(&held.bytes).unwrap()).is_some())
        }

        fn put(&self, name: &str, file: &Path, replace: bool) -> Result<(), Trouble> {
            let bytes = std::fs::read(file).unwrap();
            self.write(name, &bytes, |version| replace || version.is_none());
            Ok(())
        }

        fn create(&self, name: &str, bytes: &[u8]) -> Result<bool, Trouble> {
            Ok(self.write(name, bytes, |version| version.is_none()))
        }

        fn swap(&self, name: &str, bytes: &[u8], seen: &Version) -> Result<bool, Trouble> {
            let is_seen = |version: Option<u64>| version.map(|it| it.to_string()) == seen.e_tag;
            Ok(self.write(name, bytes, is_seen))
        }

        fn remove(&self, name: &str) -> Result<(), Trouble> {
            self.held.lock().unwrap().remove(name);
            Ok(())
        }
    }
}
