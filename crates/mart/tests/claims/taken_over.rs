//! A panel-wave that is as it was is taken over from the release before: the same bytes, and nothing read.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use mart::{EarlierRelease, Inputs, Published, Said, Source, SourceError, Target, publish};
use survey::handoff::{AdmittedAbout, CheckedAbout, HarmonisedAbout, RawAbout};
use survey::{PanelWave, Weighted};

use crate::tiny::{Hands, Tiny};
use crate::{files, folder, read, target, text};

/// Hand-offs of which one wave may have grown, and which of them were read as a whole.
struct OneGrown<'a> {
    hands: &'a Hands,
    grown: Option<(u32, Hands)>,
    read: Mutex<Vec<PanelWave>>,
    /// Those of which a few columns were read.
    looked_at: Mutex<Vec<PanelWave>>,
}

impl OneGrown<'_> {
    fn hands(&self, of: &PanelWave) -> &Hands {
        self.grown.as_ref().filter(|grown| grown.0 == of.wave).map_or(self.hands, |grown| &grown.1)
    }
}

impl Source for OneGrown<'_> {
    fn raw(&self, delivery: &str) -> Result<Said<RawAbout>, SourceError> {
        let grown = self.grown.as_ref().filter(|grown| delivery.ends_with(&grown.0.to_string()));
        grown.map_or(self.hands, |grown| &grown.1).raw(delivery)
    }

    fn admitted(&self, of: &PanelWave) -> Result<Said<AdmittedAbout>, SourceError> {
        self.hands(of).admitted(of)
    }

    fn harmonised(&self, of: &PanelWave) -> Result<Said<HarmonisedAbout>, SourceError> {
        self.hands(of).harmonised(of)
    }

    fn checked(&self, of: &PanelWave) -> Result<Said<CheckedAbout>, SourceError> {
        self.hands(of).checked(of)
    }

    fn weighted(&self, of: &PanelWave) -> Result<Weighted, SourceError> {
        self.read.lock().unwrap().push(of.clone());
        self.hands(of).weighted(of)
    }

    fn weighted_columns(
        &self,
        of: &PanelWave,
        _: &BTreeSet<String>,
    ) -> Result<Weighted, SourceError> {
        self.looked_at.lock().unwrap().push(of.clone());
        self.hands(of).weighted(of)
    }

    fn weighted_said(
        &self,
        of: &PanelWave,
    ) -> Result<Said<survey::handoff::WeightedAbout>, SourceError> {
        Ok(self.hands(of).weighted(of)?.into())
    }

    fn weighted_fingerprint(&self, of: &PanelWave) -> Result<String, SourceError> {
        self.hands(of).weighted_fingerprint(of)
    }
}

fn hash(path: &Path) -> io::Result<String> {
    Ok(blake3::hash(&fs::read(path)?).to_hex().to_string())
}

/// What a publication read.
struct Read {
    /// As a whole.
    whole: Vec<PanelWave>,
    /// A few columns.
    columns: Vec<PanelWave>,
}

/// Publishes into a folder that holds nothing yet, or a release that may be taken over.
fn publish_reading(
    marts: &Path,
    tiny: &Tiny,
    grown: Option<u32>,
    earlier: Option<EarlierRelease<'_>>,
) -> (Published, Read) {
    let source = OneGrown {
        hands: &tiny.hands,
        grown: grown.map(|wave| (wave, Hands { rows: 7, double: false, found: vec![] })),
        read: Mutex::default(),
        looked_at: Mutex::default(),
    };
    let inputs = Inputs { source: &source, ..tiny.inputs() };
    let published = publish(&inputs, &Target { earlier, ..target(marts, 5, &|_| Ok(())) }).unwrap();
    let whole = source.read.into_inner().unwrap();
    (published, Read { whole, columns: source.looked_at.into_inner().unwrap() })
}

/// As above; which panel-waves were read as a whole.
fn publish_in(
    marts: &Path,
    tiny: &Tiny,
    grown: Option<u32>,
    earlier: Option<EarlierRelease<'_>>,
) -> (Published, Vec<PanelWave>) {
    let (published, read) = publish_reading(marts, tiny, grown, earlier);
    (published, read.whole)
}

fn assert_same_restricted_files(one: &Path, other: &Path) {
    let of = |folder: &Path| files(&folder.join("restricted"));
    let (one, other) = (of(one), of(other));
    let names = |files: &std::collections::BTreeMap<PathBuf, Vec<u8>>| {
        files.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&one), names(&other));
    for (name, bytes) in &one {
        assert!(bytes == &other[name], "{} differs", name.display());
    }
}

#[test]
fn a_panel_wave_that_did_not_change_is_taken_over_and_the_bytes_are_those_of_writing_it() {
    let (tiny, marts, fresh) = (Tiny::new(), folder(), folder());
    let (before, read) = publish_in(marts.path(), &tiny, None, None);
    assert_eq!(read, tiny.panel_waves);
    let earlier = EarlierRelease { folder: &before.folder, hash: &hash };
    let (after, read) = publish_in(marts.path(), &tiny, Some(2025), Some(earlier));
    assert_eq!(read, [PanelWave::new("gp", 2025)]);
    assert_ne!(after.release, before.release);
    let (written, read) = publish_in(fresh.path(), &tiny, Some(2025), None);
    assert_eq!(read, tiny.panel_waves);
    assert_eq!(written.release, after.release);
    assert_same_restricted_files(&after.folder, &written.folder);
}

#[test]
fn respondents_are_counted_by_how_many_share_their_background() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    let background = ["sex", "video"].map(str::to_owned).to_vec();
    tiny.configuration.monitor.disclosure.quasi_identifiers = background;
    let (published, _) = publish_in(marts.path(), &tiny, Some(2025), None);
    let table = read(&published.folder.join("operational/k_anonymity.parquet"));
    assert_eq!(text(&table, "quasi_identifiers"), ["sex|video"; 2]);
    // Seven of 2025: four, two and one are alike.
    let of_2025 = |name: &str| {
        let numbers = table.column_by_name(name).unwrap();
        numbers.as_primitive::<Int64Type>().value(1)
    };
    let numbers = ["respondents", "combinations", "smallest"].map(of_2025);
    assert_eq!(numbers, [7, 3, 1]);
    assert_eq!(["alone", "below_3", "below_5", "below_10"].map(of_2025), [1, 3, 7, 7]);
}

#[test]
fn how_many_are_alike_is_taken_over_where_it_was_counted_by_the_same_background() {
    let (mut tiny, marts, fresh) = (Tiny::new(), folder(), folder());
    tiny.configuration.monitor.disclosure.quasi_identifiers = vec!["video".to_owned()];
    let (before, _) = publish_reading(marts.path(), &tiny, None, None);
    let earlier = EarlierRelease { folder: &before.folder, hash: &hash };
    let (after, read) = publish_reading(marts.path(), &tiny, Some(2025), Some(earlier));
    assert_eq!((read.whole, read.columns), (vec![PanelWave::new("gp", 2025)], vec![]));
    let (written, _) = publish_reading(fresh.path(), &tiny, Some(2025), None);
    let alike = |folder: &Path| fs::read(folder.join("operational/k_anonymity.parquet")).unwrap();
    assert!(alike(&after.folder) == alike(&written.folder));
    assert!(alike(&after.folder) != alike(&before.folder));

    tiny.configuration.monitor.disclosure.quasi_identifiers = vec!["sex".to_owned()];
    let earlier = EarlierRelease { folder: &after.folder, hash: &hash };
    let (_, read) = publish_reading(marts.path(), &tiny, Some(2025), Some(earlier));
    assert_eq!((read.whole, read.columns), (vec![], tiny.panel_waves));
}

#[test]
fn what_was_taken_over_can_be_taken_over_again() {
    let (tiny, marts, fresh) = (Tiny::new(), folder(), folder());
    let (first, _) = publish_in(marts.path(), &tiny, None, None);
    let earlier = EarlierRelease { folder: &first.folder, hash: &hash };
    let (second, _) = publish_in(marts.path(), &tiny, Some(2025), Some(earlier));
    let earlier = EarlierRelease { folder: &second.folder, hash: &hash };
    let (third, read) = publish_in(fresh.path(), &tiny, None, Some(earlier));
    assert_eq!(read, [PanelWave::new("gp", 2025)]);
    assert_eq!(third.release, first.release);
    assert_same_restricted_files(&third.folder, &first.folder);
}

#[test]
fn nothing_is_taken_over_from_a_file_that_is_not_as_its_manifest_says() {
    let (tiny, marts) = (Tiny::new(), folder());
    let (before, _) = publish_in(marts.path(), &tiny, None, None);
    let path = before.folder.join("restricted/fact_answer.parquet");
    let mut bytes = fs::read(&path).unwrap();
    bytes[10] ^= 1;
    fs::write(&path, bytes).unwrap();
    let earlier = EarlierRelease { folder: &before.folder, hash: &hash };
    let (_, read) = publish_in(marts.path(), &tiny, Some(2025), Some(earlier));
    assert_eq!(read, tiny.panel_waves);
}

#[test]
fn another_program_takes_nothing_over() {
    let (mut tiny, marts) = (Tiny::new(), folder());
    let (before, _) = publish_in(marts.path(), &tiny, None, None);
    tiny.run.sources = "others".to_owned();
    let earlier = EarlierRelease { folder: &before.folder, hash: &hash };
    let (_, read) = publish_in(marts.path(), &tiny, Some(2025), Some(earlier));
    assert_eq!(read, tiny.panel_waves);
}
