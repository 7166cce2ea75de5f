//! The files of a release in the folder where it is built: tables, restricted tables panel-wave by panel-wave, receipts.

use std::collections::BTreeSet;
use std::path::Path;

use survey::{Labels, PanelWave};

use crate::contract::Contract;
use crate::contracts::{Folder, contract_of};
use crate::error::Error;
use crate::files;
use crate::inputs::Inputs;
use crate::k_anonymity::{self, KAnonymity};
use crate::manifest::ManifestFile;
use crate::parquet_file::{self, Written};
use crate::prepared::{Prepared, Target};
use crate::receipt::RECEIPTS;
use crate::restricted::Restricted;

pub fn write_tables(
    prepared: &Prepared,
    target: &Target<'_>,
    building: &Path,
    notice: Option<&Labels>,
) -> Result<Vec<ManifestFile>, Error> {
    let mut files = Vec::new();
    for ((part, mart), table) in &prepared.tables {
        let notice = notice.filter(|_| *part == Folder::Public).map(Labels::plain);
        let path = format!("{}/{mart}.parquet", part.name());
        files::step(target.step, &format!("write {path}"))?;
        let written = parquet_file::write(&building.join(&path), table, &prepared.release, notice)?;
        files.push(listed(path, written));
    }
    Ok(files)
}

pub fn write_receipts(
    prepared: &Prepared,
    target: &Target<'_>,
    building: &Path,
) -> Result<Vec<ManifestFile>, Error> {
    files::step(target.step, "write the receipts")?;
    files::create_folder(&building.join(RECEIPTS))?;
    let write = |(path, contents): (&String, &Vec<u8>)| {
        let (blake3, bytes) = files::write_new(&building.join(path), contents)?;
        Ok(ManifestFile { path: path.clone(), rows: None, bytes, blake3 })
    };
    prepared.receipts.iter().map(write).collect()
}

pub fn write_restricted(
    inputs: &Inputs<'_>,
    prepared: &Prepared,
    target: &Target<'_>,
    building: &Path,
) -> Result<Vec<ManifestFile>, Error> {
    let folder = building.join(Folder::Restricted.name());
    let codebook = &inputs.configuration.codebook;
    files::step(target.step, "open the restricted tables")?;
    let earlier = target.earlier.as_ref().filter(|_| !target.rebuild);
    let mut restricted =
        Restricted::create(&folder, codebook, &prepared.contracts, &prepared.release, earlier)?;
    let alike_by = &inputs.configuration.monitor.disclosure.quasi_identifiers;
    let mut alike = KAnonymity::by(alike_by, earlier);
    let background: BTreeSet<String> = alike_by.iter().cloned().collect();
    let source = inputs.source;
    let part = |of: &PanelWave| {
        let weighted = source.weighted_fingerprint(of).map_err(Error::source(of))?;
        Ok::<_, Error>(restricted.part(of, &weighted, &inputs.run.sources))
    };
    let parts: Vec<String> = inputs.panel_waves.iter().map(part).collect::<Result<_, _>>()?;
    let is_there: Vec<bool> = parts.iter().map(|part| restricted.has_earlier(part)).collect();
    let is_counted: Vec<bool> = inputs.panel_waves.iter().map(|of| alike.has_earlier(of)).collect();
    // What is taken over with its background counted is not read at all.
    let load = |place: usize| {
        let of = &inputs.panel_waves[place];
        let loaded = match (is_there[place], is_counted[place]) {
            (true, true) => return Ok(None),
            (true, false) => source.weighted_columns(of, &background),
            (false, _) => source.weighted(of),
        };
        loaded.map(Some).map_err(Error::source(of))
    };
    let mut ahead = (!parts.is_empty()).then(|| load(0));
    for (place, of) in inputs.panel_waves.iter().enumerate() {
        files::step(target.step, &format!("write {of}"))?;
        let Some(weighted) = ahead.take().transpose()? else { break };
        // While one is written the next is read.
        let (written, read) = rayon::join(
            || {
                match &weighted {
                    Some(weighted) => alike.count(weighted),
                    None => alike.take_over(of),
                }
                match weighted.filter(|_| !is_there[place]) {
                    Some(weighted) => restricted.write(&parts[place], &weighted),
                    None => restricted.take_over(&parts[place]),
                }
            },
            || (place + 1 < parts.len()).then(|| load(place + 1)),
        );
        written?;
        ahead = read;
    }
    files::step(target.step, "finish the restricted tables")?;
    let files = restricted.finish()?;
    let path =
        |contract: &Contract| format!("{}/{}.parquet", Folder::Restricted.name(), contract.mart);
    let mut files: Vec<ManifestFile> =
        files.into_iter().map(|(contract, written)| listed(path(contract), written)).collect();
    let contract = contract_of(&prepared.contracts, Folder::Operational, k_anonymity::MART)?;
    let path = format!("{}/{}.parquet", Folder::Operational.name(), k_anonymity::MART);
    let table = contract.conform(&alike.table()?)?;
    let written = parquet_file::write(&building.join(&path), &table, &prepared.release, None)?;
    files.push(listed(path, written));
    Ok(files)
}

fn listed(path: String, written: Written) -> ManifestFile {
    ManifestFile { path, rows: Some(written.rows), bytes: written.bytes, blake3: written.blake3 }
}
