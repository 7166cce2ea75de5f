//! What several workers share of a store that lies elsewhere: a record for each state of what decides a step, and its objects.
//!
//! Nothing is locked. A record is created once for a key that only one content can have; whoever comes second finds it. Objects
//! come first, the record last, so that a record names only what is there.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::folder::Store;
use crate::objects::object_name;
use crate::record::Record;
use crate::remote::{Remote, Trouble, TroubleKind, shown};
use crate::step::Step;

impl Store {
    /// Where it lies, if elsewhere.
    pub fn remote(&self) -> Option<&dyn Remote> {
        self.objects.elsewhere.as_ref().map(|elsewhere| &*elsewhere.remote)
    }

    /// The record that some worker has shared under a key. One that cannot be read, or whose objects turned out to be lost, is
    /// as if it were not there: what it tells of is made again.
    pub fn shared(&self, step: &Step, key: &Fingerprint) -> Result<Option<Record>, Error> {
        let Some(remote) = self.remote() else { return Ok(None) };
        let held = remote.read(&name(step, key))?;
        let record = held.and_then(|held| parsed(step, &held.bytes));
        Ok(record.filter(|record| {
            let mut files = record.output.files.iter();
            !files.any(|(name, print)| self.objects.is_doubted(&self.objects.path(name, print)))
        }))
    }

    /// Shares what a step has made: its objects first, then its record.
    pub fn share(&self, record: &Record, key: &Fingerprint) -> Result<(), Error> {
        let Some(remote) = self.remote() else { return Ok(()) };
        let files = record.output.files.iter().map(|(name, print)| (name.as_str(), print));
        let files = files.chain([("settings", &record.settings)]);
        let paths: Vec<PathBuf> =
            files.map(|(name, print)| self.objects.path(name, print)).collect();
        paths.par_iter().try_for_each(|path| {
            let is_lost_there = self.objects.healed(path).is_some();
            remote.put(&object_name(path), path, is_lost_there)
        })?;
        let name = name(&record.step, key);
        let bytes = serde_json::to_vec_pretty(record)
            .map_err(|error| self.unwritable(&self.record_path(&record.step), error.into()))?;
        for _ in 0..MOST_SWAPS {
            if remote.create(&name, &bytes)? {
                return Ok(());
            }
            let Some(held) = remote.read(&name)? else { continue };
            let same = parsed(&record.step, &held.bytes)
                .is_some_and(|there| there.output == record.output);
            if same || remote.swap(&name, &bytes, &held.version)? {
                return Ok(());
            }
        }
        let found = "it changes all the time while it is written";
        Err(Trouble::new(TroubleKind::Answer, &shown(remote, &name), found).into())
    }
}

/// Times that a damaged record is replaced in a race with others that do the same.
const MOST_SWAPS: usize = 8;

fn name(step: &Step, key: &Fingerprint) -> String {
    format!("records/{}/{}.json", step.file_stem(), key.0)
}

fn parsed(step: &Step, bytes: &[u8]) -> Option<Record> {
    serde_json::from_slice::<Record>(bytes).ok().filter(|record| record.step == *step)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may stop
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::objects::Output;
    use crate::record::Summary;
    use crate::remote::memory::Memory;

    struct World {
        remote: Arc<Memory>,
        folders: Vec<tempfile::TempDir>,
    }

    impl World {
        fn new() -> Self {
            Self { remote: Arc::default(), folders: Vec::new() }
        }

        /// A worker with an empty cache.
        fn worker(&mut self) -> Store {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::copy_of(Some(self.remote.clone()), folder.path(), false);
            self.folders.push(folder);
            store
        }

        fn damage(&self, start: &str) {
            let mut held = self.remote.held.lock().unwrap();
            let one = held.iter_mut().find(|(name, _)| name.starts_with(start)).unwrap();
            one.1.1 = b"damaged".to_vec();
        }
    }

    /// Writes a hand-off of one file as a step does.
    fn made(store: &Store) -> Record {
        let bytes = br#"{"rows_in":1}"#;
        let about = Fingerprint::of_bytes(bytes);
        crate::files::replace(&store.objects.path("about", &about), bytes).unwrap();
        let settings = Fingerprint::of_bytes(b"{}");
        store.objects.write_settings(&settings, &serde_json::json!({})).unwrap();
        Record {
            step: Step::publish(),
            program: "p".to_owned(),
            inputs: BTreeMap::new(),
            settings,
            output: Output { content: about.clone(), files: [("about".to_owned(), about)].into() },
            kind: "raw".to_owned(),
            summary: Summary::default(),
            why: Vec::new(),
        }
    }

    fn key() -> Fingerprint {
        Fingerprint("key".to_owned())
    }

    #[test]
    fn what_one_worker_shares_another_finds_and_fetches() {
        let mut world = World::new();
        let (one, other) = (world.worker(), world.worker());
        assert_eq!(other.shared(&Step::publish(), &key()).unwrap(), None);
        let record = made(&one);
        one.share(&record, &key()).unwrap();
        assert_eq!(other.shared(&Step::publish(), &key()).unwrap(), Some(record.clone()));
        assert!(other.faults(&record.output).is_empty(), "what is not here is not lost");
        let about = &record.output.files["about"];
        assert_eq!(other.objects.read_json("about", about).unwrap()["rows_in"], 1);
        assert!(other.objects.path("about", about).exists());
    }

    #[test]
    fn a_damaged_object_counts_as_lost_and_is_replaced() {
        let mut world = World::new();
        let (one, other) = (world.worker(), world.worker());
        let record = made(&one);
        one.share(&record, &key()).unwrap();
        let about = &record.output.files["about"];
        world.damage(&format!("objects/{}", about.0));
        let error = other.objects.read_json("about", about).unwrap_err().to_string();
        assert!(error.contains("memory://store/objects/"), "{error}");
        assert_eq!(other.shared(&Step::publish(), &key()).unwrap(), None);
        assert_eq!(other.faults(&record.output).len(), 1);
        let third = world.worker();
        let again = made(&third);
        third.objects.heal_for_tests(&third.objects.path("about", about));
        third.share(&again, &key()).unwrap();
        let last = world.worker();
        assert!(last.objects.read_json("about", about).is_ok());
    }

    #[test]
    fn a_damaged_record_is_as_if_it_were_not_there_and_is_replaced() {
        let mut world = World::new();
        let one = world.worker();
        let record = made(&one);
        one.share(&record, &key()).unwrap();
        world.damage("records/");
        assert_eq!(one.shared(&Step::publish(), &key()).unwrap(), None);
        one.share(&record, &key()).unwrap();
        assert_eq!(one.shared(&Step::publish(), &key()).unwrap(), Some(record));
    }
}
