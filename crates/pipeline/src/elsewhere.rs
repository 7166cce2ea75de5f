//! A store or marts that lie elsewhere: connecting to them, and whether this program may work on them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use store::probe::probe;
use store::remote::{Remote, Trouble, TroubleKind};
use store::{Store, files};

use crate::error::Error;
use crate::program::PROGRAM;
use crate::project::Project;
use crate::pseudonym_key::{self, Random};

/// Beside the objects: the program whose records they are.
const PROGRAM_NAME: &str = "program.json";
/// Beside the objects: the salt over which the key is checked, the same for all workers.
const SALT: &str = "key_salt";
/// In the cache: the address and the program that passed the probe.
const PROBED: &str = "probed";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ProgramNote {
    /// Hash of its sources.
    program: String,
    version: String,
}

impl Project {
    /// The store that lies elsewhere.
    pub(crate) fn remote_store(&self) -> Result<Option<Arc<dyn Remote>>, Error> {
        self.connections.store(self.pipeline.elsewhere.store.as_ref())
    }

    /// The marts that lie elsewhere.
    pub(crate) fn remote_marts(&self) -> Result<Option<Arc<dyn Remote>>, Error> {
        self.connections.marts(self.pipeline.elsewhere.marts.as_ref())
    }

    /// Whether store and marts have addresses that this program can open; nothing is asked of them, and credentials may be missing.
    pub fn check_addresses(&self) -> Result<(), Error> {
        let opened = [self.remote_store().map(drop), self.remote_marts().map(drop)];
        let is_wrong = |error: &Error| !matches!(error, Error::Store(store::Error::Elsewhere(trouble)) if trouble.kind == TroubleKind::NoCredentials);
        let errors: Vec<Error> =
            opened.into_iter().filter_map(Result::err).filter(is_wrong).collect();
        Error::of(errors).map_or(Ok(()), Err)
    }

    /// The store, or the copy that this machine has of one elsewhere; nothing is written.
    pub fn store(&self, rehash: bool) -> Result<Store, Error> {
        Ok(Store::copy_of(self.remote_store()?, &self.pipeline.store, rehash))
    }

    /// Before anything is written elsewhere: the places keep what conditional writes promise, and the store is of this program.
    /// `is_upgrade`: it is so from here on.
    pub(crate) fn ready_elsewhere(&self, random: &Random, is_upgrade: bool) -> Result<(), Error> {
        if let Some(remote) = self.remote_store()? {
            probe_once(&*remote, &self.pipeline.store, random)?;
            claim(&*remote, is_upgrade)?;
            self.share_salt(&*remote, random)?;
        }
        if let Some(remote) = self.remote_marts()? {
            probe_once(&*remote, &self.pipeline.marts, random)?;
        }
        Ok(())
    }

    /// For somebody who only looks: the salt, where there is one.
    pub(crate) fn fetch_salt(&self) -> Result<(), Error> {
        let Some(remote) = self.remote_store()? else { return Ok(()) };
        match remote.read(SALT)? {
            Some(held) => self.keep_salt(&held.bytes),
            None => Ok(()),
        }
    }

    fn share_salt(&self, remote: &dyn Remote, random: &Random) -> Result<(), Error> {
        if remote.read(SALT)?.is_none() {
            pseudonym_key::salted(&self.pipeline.store, random)?;
            remote.create(SALT, &pseudonym_key::salt(&self.pipeline.store))?;
        }
        self.fetch_salt()
    }

    fn keep_salt(&self, salt: &[u8]) -> Result<(), Error> {
        let folder = &self.pipeline.store;
        if pseudonym_key::salt(folder) == salt {
            return Ok(());
        }
        let path = pseudonym_key::salt_path(folder);
        files::replace(&path, salt).map_err(|error| Trouble::disk(&path, &error).into())
    }
}

/// The first worker of a program version makes the store its own; one of another version is refused, since it would find nothing
/// of what the others have made and compute it all again.
fn claim(remote: &dyn Remote, is_upgrade: bool) -> Result<(), Error> {
    let own =
        ProgramNote { program: PROGRAM.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let bytes = serde_json::to_vec_pretty(&own).unwrap_or_default();
    if remote.read(PROGRAM_NAME)?.is_none() {
        remote.create(PROGRAM_NAME, &bytes)?;
    }
    let Some(held) = remote.read(PROGRAM_NAME)? else {
        let found = "was written and is not there";
        return Err(Trouble::new(TroubleKind::Missing, PROGRAM_NAME, found).into());
    };
    let there: Option<ProgramNote> = serde_json::from_slice(&held.bytes).ok();
    if there.as_ref().is_some_and(|there| there.program == own.program) {
        return Ok(());
    }
    if is_upgrade && remote.swap(PROGRAM_NAME, &bytes, &held.version)? {
        return Ok(());
    }
    let of = |note: &ProgramNote| {
        let short: String = note.program.chars().take(8).collect();
        format!("peil {} of sources {short}", note.version)
    };
    let whose = there.as_ref().map_or("a version that cannot be read".to_owned(), of);
    let found = format!("it is the store of {whose}; this is {}", of(&own));
    Err(Trouble::new(TroubleKind::Program, remote.address(), found).into())
}

/// Races for names of the place, once for each program version on this machine.
fn probe_once(remote: &dyn Remote, folder: &Path, random: &Random) -> Result<(), Error> {
    let note = folder.join(PROBED);
    let passed = format!("{} {PROGRAM}", remote.address());
    if fs::read_to_string(&note).is_ok_and(|known| known == passed) {
        return Ok(());
    }
    let mut bytes = [0; 16];
    random(&mut bytes).map_err(|error| Trouble::disk(Path::new("random bytes"), &error))?;
    probe(remote, &pseudonym_key::hex(&bytes))?;
    let written =
        fs::create_dir_all(folder).and_then(|()| files::replace(&note, passed.as_bytes()));
    Ok(written.map_err(|error| Trouble::disk(&note, &error))?)
}
