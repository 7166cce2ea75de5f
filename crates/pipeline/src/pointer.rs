//! `current.json` of marts that lie elsewhere: the one file that changes there, and what it alone says of the releases.

use serde::{Deserialize, Serialize};

/// Its name.
pub(crate) const POINTER: &str = "current.json";
/// Of this file.
const FORMAT: u32 = 1;

/// Which release readers see, and which others there are. Everything else below the marts is being written, or forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub format: u32,
    /// The release that readers see.
    pub release: String,
    /// Where its files are, relative to the marts.
    pub path: String,
    /// All releases, it among them; the oldest first.
    pub releases: Vec<Listed>,
    /// What is left of releases that are no longer kept.
    #[serde(default)]
    pub told: Vec<Listed>,
}

/// A folder of files that never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub release: String,
    pub sequence: u64,
    /// Relative to the marts.
    pub path: String,
    /// blake3 of its manifest, which has the hashes of all its files.
    pub manifest: String,
}

impl Listed {
    /// A release in a folder named by all that it is: whatever two publishers do at once, a folder has one content.
    pub fn new(folder: &str, release: &str, sequence: u64, manifest: &str) -> Self {
        Self {
            release: release.to_owned(),
            sequence,
            path: format!("{folder}/{release}-{}", manifest.get(..16).unwrap_or(manifest)),
            manifest: manifest.to_owned(),
        }
    }
}

impl Pointer {
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let pointer: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if pointer.format > FORMAT {
            return Err(format!("it has format {}, a later peil wrote it", pointer.format));
        }
        Ok(pointer)
    }

    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    pub fn find(&self, release: &str) -> Option<&Listed> {
        self.releases.iter().find(|listed| listed.release == release)
    }

    /// Readers see this release from here on; the oldest beyond `keep` others go, and come back as what was taken out.
    pub fn switched(&self, to: Listed, keep: u32) -> (Self, Vec<Listed>) {
        let mut next = self.clone();
        next.format = FORMAT;
        next.release.clone_from(&to.release);
        next.path.clone_from(&to.path);
        next.releases.retain(|listed| listed.release != to.release);
        next.releases.sort_by_key(|listed| (listed.sequence, listed.release.clone()));
        let surplus = next.releases.len().saturating_sub(keep as usize);
        let retired: Vec<Listed> = next.releases.drain(..surplus).collect();
        next.told.retain(|told| told.release != to.release);
        next.releases.push(to);
        next.releases.sort_by_key(|listed| (listed.sequence, listed.release.clone()));
        (next, retired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(release: &str, sequence: u64) -> Listed {
        Listed::new("releases", release, sequence, "0123456789abcdef0123")
    }

    fn names(listed: &[Listed]) -> Vec<&str> {
        listed.iter().map(|one| one.release.as_str()).collect()
    }

    #[test]
    fn the_oldest_beyond_those_that_are_kept_go() {
        let (one, _) = Pointer::default().switched(listed("a", 1), 1);
        let (two, none) = one.switched(listed("b", 2), 1);
        assert!(none.is_empty());
        let (three, retired) = two.switched(listed("c", 3), 1);
        assert_eq!((names(&three.releases), names(&retired)), (vec!["b", "c"], vec!["a"]));
        assert_eq!(
            (three.release.as_str(), three.path.as_str()),
            ("c", "releases/c-0123456789abcdef")
        );
        let (back, retired) = three.switched(listed("b", 2), 1);
        assert_eq!((names(&back.releases), retired.len()), (vec!["b", "c"], 0));
        assert_eq!(back.release, "b");
    }

    #[test]
    fn a_pointer_comes_back_as_it_was_and_one_of_a_later_version_is_refused() {
        let (pointer, _) = Pointer::default().switched(listed("a", 1), 1);
        assert_eq!(Pointer::parse(&pointer.to_json()), Ok(pointer.clone()));
        let later = Pointer { format: 2, ..pointer };
        assert!(Pointer::parse(&later.to_json()).is_err());
        assert!(Pointer::parse(b"{").is_err());
    }
}
