//! What is about to be published, and where it goes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;

use crate::access::Access;
use crate::contract::Contract;
use crate::contracts::Folder;
use crate::error::SourceError;
use crate::files::Step;
use crate::manifest::{Hash, Manifest, ManifestInput};

/// Looks at a whole release in its folder, and at its name, before readers do.
pub type Audit<'a> = &'a dyn Fn(&Path, &str) -> Result<(), SourceError>;

/// A release of which panel-waves are taken over where nothing of them changed.
#[derive(Clone, Copy)]
pub struct EarlierRelease<'a> {
    pub folder: &'a Path,
    /// The blake3 of a file as it is now: a file that is not as its manifest says is not taken.
    pub hash: Hash<'a>,
}

impl EarlierRelease<'_> {
    /// A file of it, where its bytes are those that its manifest names.
    pub(crate) fn sound(&self, manifest: &Manifest, path: &str) -> Option<PathBuf> {
        let listed = manifest.files.iter().find(|file| file.path == path)?;
        let path = self.folder.join(path);
        ((self.hash)(&path).ok()? == listed.blake3).then_some(path)
    }
}

/// Where a release goes.
pub struct Target<'a> {
    pub marts: &'a Path,
    /// How many releases stay beside the current one.
    pub keep: u32,
    /// Who reads what is not public.
    pub access: Access,
    /// The release was found damaged: it is built again even if its files agree with its manifest.
    pub rebuild: bool,
    /// Called with the name of every step before it is done; an error stops the run there.
    pub step: Step<'a>,
    /// Attacks the release that is about to be published, in its folder; an error refuses it.
    pub audit: Option<Audit<'a>>,
    pub earlier: Option<EarlierRelease<'a>>,
}

/// All tables but the restricted ones, which are written panel-wave by panel-wave.
pub struct Prepared {
    pub release: String,
    pub tables: BTreeMap<(Folder, String), RecordBatch>,
    pub(crate) contracts: BTreeMap<(Folder, String), Contract>,
    pub(crate) inputs: Vec<ManifestInput>,
    /// Path in the release → bytes.
    pub(crate) receipts: BTreeMap<String, Vec<u8>>,
}
