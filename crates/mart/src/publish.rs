//! From everything to a release: all tables, their contracts, one folder, one switch.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use config::Answer;

use crate::contract::Contract;
use crate::contracts::{self, Folder, contract_of};
use crate::disclosure;
use crate::error::Error;
use crate::files;
use crate::inputs::Inputs;
use crate::manifest::{CHECKSUMS, MANIFEST, Manifest, ManifestFile, ManifestInput, verify};
use crate::prepared::{Prepared, Target};
use crate::receipt::RECEIPTS;
use crate::receipts::receipts;
use crate::release::{self, BUILDING, DAMAGED, RELEASES};
use crate::release_id::release_id;
use crate::reports::Reports;
use crate::written::{write_receipts, write_restricted, write_tables};
use crate::{conservation, dictionary, dimension, figure, panel_wave, schema, sql_mart, switch};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A new release was written and switched to.
    New,
    /// The same tables are published already.
    Unchanged,
    /// The same tables stood there as an earlier release, to which was switched.
    SwitchedBack,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub release: String,
    pub folder: PathBuf,
    pub outcome: Outcome,
    pub files: Vec<ManifestFile>,
    /// What the folder of marts holds or allows that somebody has to know.
    pub notes: Vec<Note>,
}

/// A reservation about the folder of marts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Among the releases lies something else; it was left alone.
    NotARelease { name: String, what: String },
    /// Others can read it all the same: the file system knows no owners.
    Exposed { path: PathBuf },
    /// Releases beyond those that are kept are still there.
    NotRetired { problem: String },
}

/// Makes the tables, withholds, holds them to their contracts; writes nothing.
pub fn prepare(inputs: &Inputs<'_>) -> Result<Prepared, Error> {
    let configuration = inputs.configuration;
    let mut contracts = contracts::built_in(&configuration.codebook)?;
    let sql_contracts = sql_mart::contracts(&configuration.marts, &contracts)?;
    let reports = Reports::load(inputs)?;
    let unclosed = conservation::unclosed(&reports);
    if !unclosed.is_empty() {
        return Err(Error::Unclosed { columns: unclosed });
    }

    let mut tables = BTreeMap::new();
    for (mart, table) in dimension::tables(configuration)? {
        let contract = contract_of(&contracts, Folder::Public, &mart)?;
        let table = contract.conform(&table)?;
        contract.without_blanks(&table)?;
        tables.insert((Folder::Public, mart), table);
    }
    for (mart, table) in panel_wave::tables(inputs, &reports)? {
        let table = contract_of(&contracts, Folder::Public, mart)?.conform(&table)?;
        tables.insert((Folder::Public, mart.to_owned()), table);
    }
    let find = |folder: Folder, mart: &str| contract_of(&contracts, folder, mart);
    let answers = config::answers(&configuration.indicators, &configuration.codebook);
    tables.extend(figure::tables(inputs.estimates, &find, &disclosure(inputs, &answers))?);

    tables.extend(sql_marts(inputs, &sql_contracts, &tables)?);
    contracts.extend(
        sql_contracts.into_iter().map(|(mart, contract)| ((Folder::Public, mart), contract)),
    );

    let mut operational = reports.tables(inputs)?;
    operational.insert("meta_run".to_owned(), reports.meta_run(inputs)?);
    for (mart, table) in operational {
        let table = contract_of(&contracts, Folder::Operational, &mart)?.conform(&table)?;
        tables.insert((Folder::Operational, mart), table);
    }
    let receipts = receipts(inputs, &reports)?;
    let release = release_id(inputs, &tables, &contracts, &receipts)?;
    let delivered = reports.raw.iter().map(|(delivery, raw)| ManifestInput {
        delivery: delivery.clone(),
        id_space: raw.id_space.clone(),
        file: raw.file.clone(),
        blake3: raw.blake3.clone(),
        bytes: raw.bytes,
        replaced_by: None,
    });
    let replaced = inputs.replaced.iter().map(|replaced| ManifestInput {
        delivery: replaced.given.name.clone(),
        id_space: replaced.given.id_space.clone(),
        file: replaced.file.clone(),
        blake3: replaced.blake3.clone(),
        bytes: replaced.bytes,
        replaced_by: Some(replaced.replaced_by.clone()),
    });
    Ok(Prepared {
        release,
        inputs: delivered.chain(replaced).collect(),
        receipts,
        tables,
        contracts,
    })
}

/// SQL marts see only what is public already: they cannot show what is not protected.
fn sql_marts(
    inputs: &Inputs<'_>,
    contracts: &BTreeMap<String, Contract>,
    tables: &BTreeMap<(Folder, String), RecordBatch>,
) -> Result<BTreeMap<(Folder, String), RecordBatch>, Error> {
    let public = |(key, table): (&(Folder, String), &RecordBatch)| {
        (key.0 == Folder::Public).then(|| (key.1.clone(), vec![table.clone()]))
    };
    let built_in: BTreeMap<String, Vec<RecordBatch>> = tables.iter().filter_map(public).collect();
    let mut made: BTreeMap<String, Vec<RecordBatch>> = BTreeMap::new();
    for name in sql_mart::in_order(contracts)? {
        let contract = &contracts[name];
        let files = inputs.configuration.marts.iter();
        let Some(mart) = files.into_iter().find(|mart| mart.name == name) else { continue };
        let mut readable = built_in.clone();
        let read = contract.reads.iter().filter_map(|read| made.get_key_value(read));
        readable.extend(read.map(|(name, table)| (name.clone(), table.clone())));
        let table = sql_mart::run(mart, contract, inputs.tables, &readable)?;
        made.insert(name.to_owned(), vec![table]);
    }
    let tables = made.into_iter().flat_map(|(name, tables)| {
        tables.into_iter().map(move |table| ((Folder::Public, name.clone()), table))
    });
    Ok(tables.collect())
}

/// What decides which figures are shown.
fn disclosure<'a>(inputs: &Inputs<'a>, answers: &'a [Answer]) -> disclosure::Settings<'a> {
    let monitor = &inputs.configuration.monitor;
    disclosure::Settings {
        disclosure: &monitor.disclosure,
        significance: &monitor.significance,
        groups: &monitor.groups,
        indicators: &inputs.configuration.indicators,
        answers,
        bands: &monitor.bands,
        gaps: &monitor.gaps,
        families: inputs.families,
        before: inputs.before,
    }
}

/// Publishes everything as one release; where anything fails, the current release stays in place.
pub fn publish(inputs: &Inputs<'_>, target: &Target<'_>) -> Result<Published, Error> {
    let prepared = prepare(inputs)?;
    let mut published = publish_prepared(inputs, prepared, target)?;
    published.notes.extend(switch_to(target, &published.release)?);
    Ok(published)
}

/// The second third of `publish`, for callers that look at the tables before and write something down behind it: the release
/// stands among the others, and no reader sees it yet.
pub fn publish_prepared(
    inputs: &Inputs<'_>,
    prepared: Prepared,
    target: &Target<'_>,
) -> Result<Published, Error> {
    let releases = target.marts.join(RELEASES);
    files::step(target.step, "open the folder of releases")?;
    files::create_folder(&releases)?;
    switch::Signs::read(target.marts)?;
    release::recover(target.marts)?;
    release::sweep(target.marts)?;
    let folder = releases.join(&prepared.release);
    let there = if target.rebuild { None } else { verify(&folder).ok() };
    let (manifest, outcome) = match there {
        Some(manifest) if release::is_switched(target.marts, &prepared.release)? => {
            (manifest, Outcome::Unchanged)
        }
        Some(manifest) => (manifest, Outcome::SwitchedBack),
        None => (build(inputs, &prepared, target, &folder)?, Outcome::New),
    };
    let exposed = release::close(target.marts, target.access)?;
    if !release::is_switched(target.marts, &prepared.release)? {
        switch::note(target.marts, &prepared.release, target.step)?;
    }
    let ignored = release::list(target.marts)?.ignored.into_iter();
    let notes = ignored.map(|(name, what)| Note::NotARelease { name, what });
    let notes = notes.chain(exposed.into_iter().map(|path| Note::Exposed { path })).collect();
    tracing::info!(release = prepared.release, ?outcome, "built");
    Ok(Published { release: prepared.release, folder, outcome, files: manifest.files, notes })
}

/// The last third of `publish`: readers see the release from here on, and the oldest are retired. After an error they see the
/// release before; what cannot be retired is a note.
pub fn switch_to(target: &Target<'_>, release: &str) -> Result<Vec<Note>, Error> {
    if !release::is_switched(target.marts, release)? {
        switch::switch(target.marts, release, target.step)?;
    }
    let retired = release::retire(target.marts, target.keep, target.step);
    let note = |error: Error| Note::NotRetired { problem: error.to_string() };
    Ok(retired.err().map(note).into_iter().collect())
}

/// Writes the release beside the others, and moves it among them when all of it is on disk.
fn build(
    inputs: &Inputs<'_>,
    prepared: &Prepared,
    target: &Target<'_>,
    folder: &Path,
) -> Result<Manifest, Error> {
    let releases = target.marts.join(RELEASES);
    let sequence =
        release::releases(target.marts)?.iter().map(|release| release.sequence).max().unwrap_or(0)
            + 1;
    let building = releases.join(format!("{BUILDING}{}", prepared.release));
    files::step(target.step, "create the folder")?;
    files::create_closed_folder(&building)?;
    for part in Folder::ALL {
        files::create_folder(&building.join(part.name()))?;
    }
    let notice = inputs.configuration.monitor.disclosure.notice();
    let mut written = write_tables(prepared, target, &building, notice.as_ref())?;
    written.extend(write_restricted(inputs, prepared, target, &building)?);
    written.extend(write_receipts(prepared, target, &building)?);
    files::step(target.step, "write data_dictionary.csv")?;
    let dictionary = dictionary::data_dictionary(&prepared.contracts)?;
    let (blake3, bytes) = files::write_new(&building.join("data_dictionary.csv"), &dictionary)?;
    written.push(ManifestFile {
        path: "data_dictionary.csv".to_owned(),
        rows: None,
        bytes,
        blake3,
    });
    written.sort();

    let monitor = &inputs.configuration.monitor;
    let manifest = Manifest {
        format: 1,
        release: prepared.release.clone(),
        sequence,
        monitor: monitor.name.clone(),
        label: monitor.label.clone(),
        notice: monitor.notice.clone(),
        publication: Some(monitor.publication.clone()),
        disclosure: monitor.disclosure.clone(),
        unprotected: monitor.disclosure.notice(),
        run: inputs.run.clone(),
        panel_waves: inputs.panel_waves.to_vec(),
        inputs: prepared.inputs.clone(),
        readers: Folder::ALL
            .map(|part| (part.name().to_owned(), target.access.name(part)))
            .into_iter()
            .chain([(RECEIPTS.to_owned(), target.access.name(Folder::Operational))])
            .collect(),
        audience: None,
        schemas: schema::schemas(&prepared.contracts),
        files: written,
    };
    files::step(target.step, "write the manifest")?;
    let (blake3, _) = files::write_new(&building.join(MANIFEST), &manifest.to_json()?)?;
    files::write_new(&building.join(CHECKSUMS), manifest.checksums(&blake3).as_bytes())?;
    target.access.apply(&building)?;
    files::step(target.step, "sync the folders")?;
    for part in Folder::ALL {
        files::sync_folder(&building.join(part.name()))?;
    }
    files::sync_folder(&building.join(RECEIPTS))?;
    files::sync_folder(&building)?;
    if let Some(audit) = target.audit {
        files::step(target.step, "audit the release")?;
        audit(&building, &prepared.release).map_err(|source| Error::Refused { source })?;
    }
    files::step(target.step, "move the release into place")?;
    if folder.symlink_metadata().is_ok() {
        // Damaged, or something else that bears the name: the same tables take its place.
        let aside = releases.join(format!("{DAMAGED}{}", prepared.release));
        files::remove(&aside)?;
        files::move_folder(folder, &aside)?;
    }
    files::move_folder(&building, folder)?;
    release::sweep(target.marts)?;
    Ok(manifest)
}
